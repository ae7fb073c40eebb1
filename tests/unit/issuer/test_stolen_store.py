# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever has the store alone, and guesses all claims of a person right, does not learn that it is so."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.stage import JOURNAL, Stage, did_key
from vcred.issuer.applications import Application
from vcred.issuer.engines.store.store import STORE_FILE
from vcred.issuer.journal import DigestKeys, claims_hash, content_digest, holder_digest
from vcred.issuer.possession import resolve_holder


def test_a_stolen_store_confirms_no_guess(tmp_path: Path) -> None:
    stage, claims, holder = Stage(tmp_path), health_claims(), did_key()
    with stage.open() as issuer:
        issuer.issue_one("health-code", claims, [Application(did=holder)], row_id="K1")
    with closing(sqlite3.connect(stage.folder / STORE_FILE)) as file:
        (secret,) = file.execute("SELECT value FROM secret").fetchone()
        ((content, kept_holder),) = file.execute("SELECT content, holder FROM journal").fetchall()
        settings = [str(row[0]) for row in file.execute("SELECT value FROM setting")]
    guess, thumbprint = claims_hash(claims), resolve_holder(holder).thumbprint()
    keys = DigestKeys(store=secret, home=JOURNAL)
    assert content_digest(guess, secret=keys) == content
    assert holder_digest(thumbprint, secret=keys) == kept_holder
    inside = [secret, *(text.encode() for text in settings)]
    inside += [bytes.fromhex(text) for text in settings if len(text) == 64]
    assert len(inside) > 1
    for candidate in (b"", *inside):
        found = DigestKeys(store=secret, home=candidate)
        assert content_digest(guess, secret=found) != content
        assert holder_digest(thumbprint, secret=found) != kept_holder
    assert repr(secret) not in repr(keys)

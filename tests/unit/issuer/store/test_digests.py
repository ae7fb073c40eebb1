# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A stolen store confirms no guess: the digests in it need a secret that is not in it."""

from pathlib import Path

import pytest

from tests.unit.issuer.store.stores import VCT, in_file
from tests.unit.issuer.store.test_upgrade import former
from vcred.errors import StoreError
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import DigestKeys, claims_hash, content_digest, keyed_anew

HOME, OTHER_HOME = b"h" * 32, b"o" * 32


def test_what_is_in_the_store_does_not_make_its_digests(tmp_path: Path) -> None:
    guess = claims_hash({"colour": "green"})
    with in_file(tmp_path / "issuer.sqlite").open() as store:
        store.know_by(HOME)
        digest = content_digest(guess, secret=store.digest_keys)
        inside = [bytes(32), store.secret, *(str(row[0]).encode() for row in settings(store))]
        checked = [bytes.fromhex(row[0]) for row in settings(store)]
        for candidate in (*inside, *checked):
            keys = DigestKeys(store=store.secret, home=candidate)
            assert content_digest(guess, secret=keys) != digest
        assert content_digest(guess, secret=DigestKeys(store=store.secret, home=HOME)) == digest
        assert HOME.decode() not in repr(store.digest_keys)


def settings(store: IssuerStore) -> list[tuple[str]]:
    return store.db.rows("SELECT value FROM setting WHERE name = 'digest_check'")


def test_another_home_is_refused_rather_than_every_row_taken_for_anothers(tmp_path: Path) -> None:
    stored = in_file(tmp_path / "issuer.sqlite")
    with stored.open() as store:
        with pytest.raises(RuntimeError, match="secret of its home"):
            _ = store.digest_keys
        store.know_by(HOME)
    with stored.open() as store:
        store.know_by(HOME)
    with stored.open() as store, pytest.raises(StoreError, match="keyring of another home") as caught:
        store.know_by(OTHER_HOME)
    assert "share keys/" in (caught.value.hint or "")


def test_what_an_older_vcred_kept_is_keyed_anew_once(tmp_path: Path) -> None:
    stored = former(tmp_path / "issuer.sqlite", 2)
    with stored.open() as store:
        store.know_by(HOME)
        entries = store.issued(VCT, ["r1"])["r1"]
        assert [entry.holder for entry in entries] == [keyed_anew(b"\7\7", home=HOME), None]
        # Of what it kept of contents nothing is left.
        assert store.db.rows("SELECT DISTINCT content FROM journal") == [(b"",)]
    with stored.open() as store:
        store.know_by(HOME)
        assert store.issued(VCT, ["r1"])["r1"] == entries
    assert b"\7\7" not in [row[0] for row in stored.execute("SELECT holder FROM journal")]

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer's home with a keyring of its own, which other processes can open, and rosters for it."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.make_roster import iter_rows

from tests.unit.issuer.stage import START, Stage
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.home import Home, Role, Settings, create_home, read_home
from vcred.issuer.engines.runs.issuer_keys import read_issuer_keys
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.issuer.issuer import Issuer
from vcred.issuer.summary import Summary
from vcred.keys.algorithms import ES256
from vcred.keys.custody import KeyRole
from vcred.keys.home_keys import create_home_keyring
from vcred.keys.software import SoftwareSigner

HEALTH = "health-code"


def make_home(folder: Path) -> Home:
    """A home with an issuing and a status key."""
    home = create_home(folder, Role.ISSUER, Settings())
    with create_home_keyring(home) as keyring:
        keyring.create("issuing-1", ES256, role=KeyRole.ISSUING)
        keyring.create("status-1", ES256, role=KeyRole.STATUS)
    return home


def open_issuer(folder: Path) -> Issuer:
    """Open it, as the ledger of a stage sees it."""
    home = read_home(folder)
    keys = read_issuer_keys(home, None)
    (issuing,), (status,) = keys.issuing.values(), keys.status.values()
    assert isinstance(issuing, SoftwareSigner) and isinstance(status, SoftwareSigner)
    return Issuer(
        home=home,
        belief=Stage(folder, issuing=issuing, status=status).belief(),
        store=open_issuer_store(home),
        keys=keys,
        coming=frozenset(),
        did=None,
        clock=lambda: START,
    )


def issue(folder: Path, roster: Path | bytes, out: Path, **options: Any) -> Summary:
    """Open, issue a roster, close."""
    with open_issuer(folder) as issuer:
        return issuer.issue_roster(HEALTH, roster, out=out, **options)


def roster_bytes(rows: int, *, seed: int = 1) -> bytes:
    """A roster in CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(iter_rows(rows, seed=seed))
    return text.getvalue().encode()


@dataclass(frozen=True)
class Delivered:
    """What stands in an output: texts by row id, and the rows of its table of receipts."""

    texts: dict[str, str]
    receipts: list[dict[str, str]]


def read_output(out: Path) -> Delivered:
    """Read a folder or a file of lines; each row stands there once."""
    is_lines = out.suffix == ".jsonl"
    table = out.with_name(f"{out.stem}.receipts.csv") if is_lines else out / "receipts.csv"
    with table.open(encoding="utf-8", newline="") as file:
        receipts = list(csv.DictReader(file))
    if not is_lines:
        return Delivered({file.stem: file.read_text() for file in out.glob("*.sdjwt")}, receipts)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    texts = {line["row_id"]: line["credential"] for line in lines}
    assert len(texts) == len(lines), Counter(line["row_id"] for line in lines).most_common(3)
    return Delivered(texts, receipts)


def assert_whole(folder: Path, out: Path, rows: int) -> None:
    """Every row exactly once, no index twice, receipts complete, nothing left in the store's outbox."""
    delivered = read_output(out)
    assert len(delivered.texts) == rows
    with open_issuer(folder) as issuer:
        journal = {receipt.row_id: receipt for receipt in issuer.receipts()}
        assert len(journal) == len(list(issuer.receipts())) == rows
    places = {
        row_id: parse_presentation(text.removesuffix("\n")).status for row_id, text in delivered.texts.items()
    }
    assert len({(status.uri, status.index) for status in places.values() if status}) == rows
    assert {row_id: receipt.status for row_id, receipt in journal.items()} == places
    assert {row["row_id"]: row["credential_id"] for row in delivered.receipts} == {
        row_id: receipt.credential_id for row_id, receipt in journal.items()
    }
    assert len(delivered.receipts) == rows
    with open_issuer_store(read_home(folder)) as store:
        assert list(store.outbox()) == []

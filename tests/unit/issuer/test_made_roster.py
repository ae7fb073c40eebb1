# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The roster that a script makes, with which large runs are shown: believable, and all in order."""

import itertools

from tools.make_roster import HEADER, holder_key, iter_rows

from tests.unit.issuer.roster_reading import WholePass
from tests.unit.issuer.stage import START
from vcred.credential.type_definition import shipped_type
from vcred.issuer.possession import resolve_holder
from vcred.issuer.roster import ReadyRow
from vcred.keys.algorithms import ES256

ROWS = list(iter_rows(1_000, seed=7))


def test_every_row_passes_and_nothing_comes_twice() -> None:
    roster = WholePass(shipped_type("health-code"), ROWS[0], encoding="utf-8", now=START)
    read = [roster.read(line, cells, None) for line, cells in enumerate(ROWS[1:], 2)]
    assert len(read) == 1_000
    assert all(isinstance(row, ReadyRow) and not row.flags for row in read)
    for name in ("row_id", "id_number", "holder"):
        assert len({row[HEADER.index(name)] for row in ROWS}) == 1_001
    assert {row[HEADER.index("region")] for row in ROWS[1:]} == {"CN-44", "MO"}


def test_the_same_seed_gives_the_same_rows() -> None:
    assert list(iter_rows(1_000, seed=7)) == ROWS
    assert list(itertools.islice(iter_rows(10**8, seed=7), 10)) == ROWS[:10]
    assert list(iter_rows(1_000, seed=8))[1:] != ROWS[1:]


def test_holders_have_their_keys() -> None:
    numbers = holder_key(7, 3).public_key().public_numbers()
    key = resolve_holder(ROWS[3][HEADER.index("holder")])
    assert key.algorithm is ES256
    assert key.raw[1:] == numbers.x.to_bytes(32, "big")

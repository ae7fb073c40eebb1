# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-07 for judgements, pending operations and floors: no changed bit lets a gate accept more."""

import sqlite3

import pytest

from tests.unit.trust.homes import change, held_in, is_void, open_store
from tests.unit.trust.samples import grow
from tests.world import World
from vcred.errors import StoreError, VcredError
from vcred.home import Home
from vcred.trust.held import HeldFloor
from vcred.trust.store import FILE_NAME


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE judged SET found = replace(found, 'malformed', 'replayed')",
        "UPDATE judged SET found = '[10, []]'",
        "UPDATE judged SET found = ''",
        "UPDATE judged SET seal = zeroblob(32)",
        "DELETE FROM judged",
    ],
)
def test_a_judgement_that_was_changed_is_not_believed(gate: Home, world: World, statement: str) -> None:
    state = held_in(gate).state
    change(gate, statement)
    held = held_in(gate)
    assert held.judged is None
    assert held.state == state
    assert is_void(gate, world)


def rewritten(old: str, new: str) -> str:
    """A statement that changes a word of what is pending."""
    return f"UPDATE pending SET operation = CAST(replace(CAST(operation AS TEXT), '{old}', '{new}') AS BLOB)"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pending SET as_of = as_of + 4096",
        "UPDATE pending SET as_of = as_of - 1",
        "UPDATE pending SET hash = upper(hash)",
        "UPDATE pending SET operation = zeroblob(9)",
        rewritten("void", "cease"),
        rewritten("2026", "2027"),
        rewritten("created", "creates"),
        rewritten("proof", "prooF"),
        "UPDATE entered_floor SET size = 9",
        "UPDATE entered_floor SET size = 1",
        "UPDATE entered_floor SET root = zeroblob(32)",
    ],
)
def test_a_pending_operation_or_a_floor_that_was_changed_is_damage(
    gate: Home, world: World, statement: str
) -> None:
    assert is_void(gate, world)
    change(gate, statement)
    with pytest.raises(StoreError, match="damaged"):
        open_store(gate)


def test_a_floor_that_was_raised_is_a_floor(gate: Home) -> None:
    """No bit of it lets anything more be accepted: less is held than it says, so nothing is."""
    change(gate, "UPDATE entered_floor SET size = 74")
    with open_store(gate) as store:
        assert store.belief().is_below_floor
        assert store.held.floor == HeldFloor(size=74, root=store.held.root_of(10))


def test_any_flipped_bit_of_the_three_tables_accepts_nothing(gate: Home, world: World) -> None:
    """FI-07 for what this version has added: refused, or the same belief."""
    good = held_in(gate)
    database = sqlite3.connect(gate.path / FILE_NAME)
    rows = {
        "pending": database.execute("SELECT operation FROM pending").fetchone()[0],
        "judged": database.execute("SELECT seal FROM judged").fetchone()[0],
        "entered_floor": database.execute("SELECT root FROM entered_floor").fetchone()[0],
    }
    database.close()
    column = {"pending": "operation", "judged": "seal", "entered_floor": "root"}
    for table, value in rows.items():
        for position in range(0, len(value), max(1, len(value) // 24)):
            altered = bytearray(value)
            altered[position] ^= 1 << position % 7
            change(gate, f"UPDATE {table} SET {column[table]} = ?", bytes(altered))
            try:
                held = held_in(gate)
                assert held.state == good.state
                assert is_void(gate, world)
            except VcredError:
                pass
        change(gate, f"UPDATE {table} SET {column[table]} = ?", value)
    assert held_in(gate) == good


def root_page(gate: Home, table: str) -> int:
    """Where the page of a small table begins in the file."""
    database = sqlite3.connect(gate.path / FILE_NAME)
    number, size = database.execute(
        "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = ?",
        (table,),
    ).fetchone()
    database.close()
    return int((number - 1) * size)


@pytest.mark.parametrize("table", ["pending", "entered_floor", "judged", "status", "type", "time_floor"])
def test_rows_do_not_vanish_unnoticed(gate: Home, world: World, table: str) -> None:
    """One bit in the head of a page says how many rows are on it: without a word there are fewer."""
    path = gate.path / FILE_NAME
    data = bytearray(path.read_bytes())
    rows = root_page(gate, table) + 4
    assert int.from_bytes(data[rows - 1 : rows + 1], "big") in (1, 2)
    data[rows] &= data[rows] - 1
    path.write_bytes(data)
    database = sqlite3.connect(path)
    database.execute(f"SELECT * FROM {table}").fetchall()
    database.close()
    with pytest.raises(StoreError, match="damaged"):
        open_store(gate)


@pytest.mark.parametrize("by", [-1, 1])
def test_a_date_is_one_of_the_cosignatures(gate: Home, by: int) -> None:
    """Also where the time floor was changed with it."""
    change(gate, "UPDATE time_floor SET value = value + ?", by)
    change(gate, "UPDATE checkpoint SET quorum_time = quorum_time + ?", by)
    with pytest.raises(StoreError, match="damaged"):
        open_store(gate)


def test_a_genuine_head_of_another_size_is_not_this_one(gate: Home, world: World) -> None:
    held = held_in(gate)
    grow(world)
    change(gate, "UPDATE checkpoint SET note = ?", world.checkpoint_note())
    with pytest.raises(StoreError, match="damaged"):
        open_store(gate)
    change(gate, "UPDATE checkpoint SET note = ?", held.checkpoints[-1].note)
    assert held_in(gate) == held

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whole histories as data: the valid twin counts whole, then one mutation is refused, with its reason."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from tests.histories_read import (
    FOLDER,
    History,
    answer,
    by_id,
    checkpoint_refusal,
    entries_of,
    offer,
    refusal_of,
    summary,
)
from vcred.ledger.rules import replay
from vcred.reasons import Reason

HISTORIES = by_id()
VALID = [name for name, history in HISTORIES.items() if history.expect["expect"] == "valid"]
INVALID = [name for name in HISTORIES if name not in VALID]
VOID = [name for name in INVALID if any(e["reason"] for e in HISTORIES[name].expect["entries"])]
REFUSED = [name for name in INVALID if name not in VOID]
PINNED = Path(__file__).parents[3] / "docs" / "spec" / "SPECS.md"

# Rows of the catalogue that a history can show.
ROWS = [
    *(f"LED-{number:02}" for number in (1, 2, 3, 6, 9, 10, 11, 15, 17, 18, 23)),
    *(f"BND-{number:02}" for number in (1, 2, 26, 27, 29, 33)),
    *(f"DID-{number:02}" for number in (11, 18, 22)),
]


@cache
def counts_whole(name: str) -> None:
    """Every entry counts, a gate takes the checkpoint, and the state is the one that is expected."""
    history = HISTORIES[name]
    state = replay(history.leaves)
    assert entries_of(history.leaves) == history.expect["entries"]
    assert state.void == ()
    assert summary(state) == history.expect["state"]
    for question in history.expect["asks"]:
        assert answer(state, question) is question["answer"], question
    _, taken = offer(history)
    assert taken is not None
    assert taken.quorum_time == history.expect["checkpoint"]["quorum_time"]
    assert taken.size == len(history.leaves)


def twin_of(history: History) -> History:
    """The valid history of which this is a mutation: it is seen to count first."""
    assert history.base is not None
    counts_whole(history.base.expect["id"])
    return history.base


@pytest.mark.parametrize("name", VALID)
def test_valid(name: str) -> None:
    counts_whole(name)


@pytest.mark.parametrize("name", VOID)
def test_a_mutated_entry_is_void_for_its_reason_and_changes_nothing_else(name: str) -> None:
    history = HISTORIES[name]
    twin = twin_of(history)
    (at,) = (n for n, (a, b) in enumerate(zip(history.leaves, twin.leaves, strict=True)) if a != b)
    (mutated,) = (entry for entry in history.expect["entries"] if entry["reason"])
    assert mutated["index"] == at
    if at == 0:
        assert refusal_of(history.leaves) == mutated["reason"]
        return
    assert entries_of(history.leaves) == history.expect["entries"]
    # The mutated entry is the last one: what stands before it says what it said.
    assert at == len(history.leaves) - 1
    before = summary(replay(history.leaves[:at]))
    skipped = {"size": at + 1, "void": [{"index": at, "reason": mutated["reason"]}]}
    assert summary(replay(history.leaves)) == before | skipped
    # It stands on the log all the same: a gate takes the checkpoint, and means nothing by the entry.
    offer(history)


@pytest.mark.parametrize("name", REFUSED)
def test_a_mutated_checkpoint_is_refused_for_its_reason(name: str) -> None:
    history = HISTORIES[name]
    twin_of(history)
    assert entries_of(history.leaves) == history.expect["entries"]
    assert replay(history.leaves).void == ()
    assert checkpoint_refusal(history) == history.expect["checkpoint"]["reason"]


def test_there_are_enough_of_them_and_each_says_what_it_is() -> None:
    assert len(HISTORIES) >= 45
    assert len(INVALID) >= 28
    for name, history in HISTORIES.items():
        assert history.expect["id"] == name
        assert history.expect["comment"].endswith(".")
        reasons = [entry["reason"] for entry in history.expect["entries"] if entry["reason"]]
        assert set(reasons) <= {reason.value for reason in Reason}
        assert (history.base is None) is (name in VALID)
        assert history.base is None or history.base.expect["expect"] == "valid"


def test_every_row_of_the_catalogue_has_a_history() -> None:
    covered = {row for history in HISTORIES.values() for row in history.expect["covers"]}
    assert sorted(set(ROWS) - covered) == []


def test_citations_are_pinned() -> None:
    keys = re.findall(r"^\| ([^|]+?) \|", PINNED.read_text(encoding="utf-8"), re.MULTILINE)
    for name, history in HISTORIES.items():
        assert history.expect["spec"].startswith(("docs/spec/", *keys)), name


def test_made_anew_they_are_the_same(tmp_path: Path) -> None:
    from tools.history_vectors.write import write_histories

    assert write_histories(tmp_path) == len(HISTORIES)
    assert _files(tmp_path / "histories") == _files(FOLDER)


def test_a_second_reader_finds_each_leaf_on_a_line() -> None:
    for history in HISTORIES.values():
        readable = [leaf for leaf in history.leaves[:-1] if json.loads(leaf)["operation"]["kind"]]
        assert len(readable) == len(history.leaves) - 1


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

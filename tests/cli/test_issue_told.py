# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue`: what it says of lists that are cut, of lost outputs, of holders and of a run that failed."""

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.cli.test_issue_words import ONE, ROWS, TWO, claims, did_key, holders, issue, roster
from tests.cli.town import Town
from vcred.cli.claims_issuing import _named
from vcred.errors import StoreError
from vcred.issuer.engines.outputs.folder import FolderOutput
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.roster import RowNote
from vcred.issuer.summary import Tally
from vcred.keys.hsm_errors import HsmError

LOST = "vcred: hint: if it is lost: "
FIVE = [row.split(",")[0] for row in ROWS[5:10]]


def cut_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    for module in ("vcred.issuer.summary", "vcred.cli.roster_report"):
        monkeypatch.setattr(f"{module}.MAX_REPORTED_ROWS", number)


def test_what_is_counted_is_counted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    cut_at(monkeypatch, 3)
    tally = Tally()
    for line in range(1, 6):
        note = RowNote(row_id=f"R{line}", line=line, column="name", rule="x")
        tally.refuse(note)
        tally.note_other_key(note)
        tally.flag((note, note) if line == 1 else (note,))
        if line == 2:
            # Three notes on two rows fill the list, and it is whole.
            whole = tally.summary()
            assert (whole.flagged_count, whole.flag_count, whole.cut_lists) == (2, 3, ())
    summary = tally.summary()
    assert (summary.refused_count, summary.other_key_count, summary.flagged_count) == (5, 5, 5)
    assert [len(notes) for notes in (summary.refused, summary.flagged, summary.other_key)] == [3, 3, 3]
    assert summary.cut_lists == ("refused", "flagged", "other_key")


def test_a_list_that_is_cut_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = [ROWS[5].replace(ONE, f"X{n}").replace(",green,", ",violet,") for n in range(5)]
    twice = [ROWS[5].replace(ONE, f"Y{n}") for n in range(6)]
    named = holders(town, *(f"Y{n}" for n in range(6)))
    options = (*roster(town, *bad, *twice), *named)
    out = town.path / "new"
    whole = issue(town, *options[:2], *named, "--check")
    assert {"vcred: 5 rows refused", "vcred: 5 rows deserve a second look"} <= set(whole.said)
    cut_at(monkeypatch, 3)
    outcome = issue(town, *options)
    assert f"vcred: 5 rows refused; the first 3 are listed in {out / 'refused.csv'}" in outcome.said
    flagged = (
        f"vcred: 5 rows deserve a second look; the first 3 notes on them are listed in {out}/flagged.csv"
    )
    assert flagged in outcome.said
    assert len(list(csv.reader((out / "refused.csv").open(encoding="utf-8")))) == 4
    assert any(line.split() == ["vcred:", "rows", "flagged", "5"] for line in outcome.said)
    told = json.loads(issue(town, *options, "--json").out)
    assert (told["cut_lists"], told["refused_count"], len(told["refused"])) == (["refused", "flagged"], 5, 3)
    assert (told["flagged_count"], len(told["flagged"])) == (5, 3)
    # Lists that are shown only in part say how far --json goes.
    monkeypatch.setattr("vcred.cli.roster_report.SHOWN_ROWS", 2)
    assert "vcred: and 3 more; --json lists the first 3" in issue(town, *options).said


def test_the_hint_for_a_lost_file_helps(town: Town) -> None:
    options = (*roster(town, ROWS[5], ROWS[6]), *holders(town, ONE, TWO))
    out = town.path / "new"
    first = issue(town, *options)
    assert first.code == 0 and LOST not in first.err
    (out / f"{ONE}.sdjwt").unlink()
    again = issue(town, *options)
    assert (
        f"vcred: 1 of those issued before is not in {out}: what was delivered is not made again" in again.said
    )
    (hint,) = [line for line in again.said if line.startswith(LOST)]
    assert any("were they written to another output?" in line for line in again.said)
    assert "vcred status revoke --file IDS" in hint and "--reissue" in hint
    # Nothing has changed in the row: --reissue alone does not help.
    assert json.loads(issue(town, *options, "--reissue", "--json").out)["issued"] == 0
    receipts = csv.DictReader((out / "receipts.csv").open(encoding="utf-8"))
    (lost,) = [receipt["credential_id"] for receipt in receipts if receipt["row_id"] == ONE]
    (town.path / "lost.txt").write_text(f"{lost}\n")
    town.done("status", "revoke", "--file", town.path / "lost.txt", home="issuer-gd")
    last = json.loads(issue(town, *options, "--reissue", "--json").out)
    assert (last["issued"], last["skipped"], last["missing"]) == (1, 1, 0)
    assert (out / f"{ONE}+1.sdjwt").exists()


def test_a_file_of_lines_that_is_not_there(town: Town) -> None:
    options = (*roster(town, ROWS[5], ROWS[6])[:2], *holders(town, ONE, TWO))
    first, second = town.path / "first.jsonl", town.path / "second.jsonl"
    assert issue(town, *options, "--out", first).code == 0
    same = issue(town, *options, "--out", first)
    assert "is not made again" not in same.err and "2 issued before" in same.said[-1]
    other = issue(town, *options, "--out", second)
    assert any(f"2 of those issued before are not in {second}: " in line for line in other.said)
    assert sum(line.startswith(LOST) for line in other.said) == 1
    first.unlink()
    gone = issue(town, *options, "--out", first)
    assert any(f"2 of those issued before are not in {first}: " in line for line in gone.said)


class _Failing:
    """An output that takes so many chunks, and then meets an error."""

    def __init__(self, chunks: int, error: StoreError) -> None:
        self._left = chunks
        self._error = error
        self._write = FolderOutput.write

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def write(output: FolderOutput, items: Sequence[OutboxItem]) -> Mapping[str, int]:
            if not self._left:
                raise self._error
            self._left -= 1
            return self._write(output, items)

        monkeypatch.setattr(FolderOutput, "write", write)


@pytest.mark.parametrize("json_option", [(), ("--json",)])
@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        (StoreError, None),
        (HsmError, "is the token still plugged in?"),
        (StoreError, "see that it runs, then run the same command again: it goes on"),
    ],
)
def test_a_run_that_fails_says_what_went_out(
    town: Town,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[StoreError],
    hint: str | None,
    json_option: tuple[str, ...],
) -> None:
    monkeypatch.setattr("vcred.issuer.engines.runs.roster_chunks.CHUNK_CREDENTIALS", 2)
    options = (*roster(town, *ROWS[5:10]), *holders(town, *FIVE), *json_option)
    with monkeypatch.context() as patch:
        _Failing(1, kind("no more of it", hint=hint)).patch(patch)
        failed = issue(town, *options)
    assert failed.code == 4 and failed.said[0] == "vcred: error: no more of it"
    first = "" if hint is None else f"{hint}; "
    # Once, wherever it comes from.
    last = (
        ""
        if hint is not None and "the same command again" in hint
        else "; run the same command again to go on"
    )
    assert failed.said[1] == f"vcred: hint: {first}2 credentials have gone out{last}"
    assert len([*(town.path / "new").glob("*.sdjwt")]) == 2
    assert issue(town, *options).code == 0
    assert sorted(path.stem for path in (town.path / "new").glob("*.sdjwt")) == sorted(FIVE)


def test_a_run_that_fails_at_its_first_chunk_says_no_such_thing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Failing(0, StoreError("no space left")).patch(monkeypatch)
    failed = issue(town, *roster(town, ROWS[5]), *holders(town, ONE), "--check")
    assert (failed.code, failed.said) == (4, ["vcred: error: no space left"])


def test_a_table_that_finds_no_space_comes_after_the_credentials(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr("vcred.cli.roster_tables.write_atomic", full)
    options = (*roster(town, ROWS[5], ROWS[6].replace(",green,", ",violet,")), *holders(town, ONE, TWO))
    failed = issue(town, *options)
    assert failed.code == 4
    assert failed.said[1] == "vcred: hint: 1 credential has gone out; run the same command again to go on"


@pytest.mark.parametrize("holder", [(), ("--holder", "none")])
def test_a_type_that_is_not_for_paper_says_so(town: Town, holder: tuple[str, ...]) -> None:
    out = ("--out", town.path / "code.sdjwt")
    assert issue(town, *claims(town), "--holder", did_key(), "--out", town.path / "bound.sdjwt").code == 0
    refused = issue(town, *claims(town), *holder, *out)
    assert refused.code == 1
    assert refused.said[0] == "vcred: error: holder: health-code is not issued on paper: name a holder"
    assert refused.said[1].startswith("vcred: hint: --holder DID")
    waits = issue(town, *roster(town, ROWS[5]))
    assert waits.said[-1].startswith("vcred: hint: this type is not issued on paper, so that each row needs")


def test_none_is_nobody_and_no_second_holder() -> None:
    assert _named(("none",), copies=2) == ()
    with pytest.raises(Exception, match="not a did:key"):
        _named(("none", did_key()), copies=2)


def test_a_holder_column_that_is_not_used_is_told(town: Town) -> None:
    one, two = did_key(), did_key()
    file = town.path / "columns.csv"
    rows = [(ROWS[0], "holder"), (ROWS[5], one), (ROWS[6], two), (ROWS[7], "")]
    file.write_text("".join(f"{row.rstrip()},{cell}\n" for row, cell in rows), encoding="utf-8")
    options = ("--roster", file, "--check", "--holders", town.path / "named.json")

    def told(named: dict[str, Any]) -> tuple[list[str], int]:
        (town.path / "named.json").write_text(json.dumps(named), encoding="utf-8")
        count = json.loads(issue(town, *options, "--json").out)["overridden_holders"]
        return [line for line in issue(town, *options).said if "not used" in line], count

    third = ROWS[7].split(",")[0]
    assert told({ONE: one, third: did_key()}) == ([], 0)
    assert told({ONE: did_key()}) == (
        [
            "vcred: warning: 1 row names another holder than --holders does:"
            " the holder column of the roster was not used"
        ],
        1,
    )
    assert told({ONE: two, TWO: one})[0][0].startswith("vcred: warning: 2 rows name another holder")

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue --roster`: what is said of rows that deserve a look, of files, and of a second person."""

import json
from pathlib import Path

import pytest

from tests.cli.run import Outcome
from tests.cli.test_issue_words import ONE, ROWS, TWO, did_key, holders, issue, roster
from tests.cli.town import Town
from tests.unit.issuer.changes.rig import set_limit
from vcred.home import read_home
from vcred.issuer.engines.store.store import open_issuer_store


def check(town: Town, *rows: str, named: tuple[object, ...] = ()) -> Outcome:
    found: Outcome = issue(town, *roster(town, *rows)[:2], "--check", *named)
    return found


def test_a_check_says_what_it_has_found(town: Town) -> None:
    named = holders(town, ONE, TWO)
    sound = check(town, ROWS[5], ROWS[6], named=named)
    assert (sound.code, sound.said[-1]) == (0, "vcred: 2 rows checked, 0 refused: all are in order")
    town.later(days=60)
    expired = check(town, ROWS[5], ROWS[6], named=named)
    assert expired.said[-1].endswith("2 rows checked, 0 refused: 2 expired")
    assert "vcred: warning: 2 credentials have expired already" in expired.said
    assert expired.code == 0
    waiting = check(town, ROWS[5], ROWS[6], named=holders(town, ONE))
    assert waiting.said[-2].endswith("2 rows checked, 0 refused: 1 without a holder, 1 expired")


def test_a_check_shows_rows_that_deserve_a_second_look(town: Town) -> None:
    twice = ROWS[5].replace(ONE, "X1")
    assert check(town, ROWS[5], named=holders(town, ONE)).said[-1].endswith("all are in order")
    outcome = check(town, ROWS[5], twice, named=holders(town, ONE, "X1"))
    assert outcome.code == 0
    assert any(line.startswith("vcred: flagged: line 3, X1, id_number: ") for line in outcome.said)
    assert outcome.said[-1].endswith("2 rows checked, 0 refused: 1 flagged")


def test_a_roster_that_is_only_a_header(town: Town) -> None:
    for outcome in (check(town), issue(town, *roster(town))):
        assert outcome.code == 0
        assert any(line.startswith("vcred: warning: the roster has no rows") for line in outcome.said)
        assert "in order" not in outcome.err


def test_a_table_of_an_earlier_run_does_not_stay(town: Town) -> None:
    named, out = holders(town, ONE, TWO), town.path / "new"
    assert issue(town, *roster(town, ROWS[5].replace(",green,", ",violet,")), *named).code == 1
    assert (out / "refused.csv").exists()
    assert issue(town, *roster(town, ROWS[5]), *named).code == 0
    assert not (out / "refused.csv").exists() and (out / "receipts.csv").exists()


def test_a_holder_of_a_row_that_is_not_there(town: Town) -> None:
    sound = issue(town, *roster(town, ROWS[5]), *holders(town, ONE))
    assert "--holders" not in sound.err
    more = [f"Y{number}" for number in range(7)]
    outcome = issue(town, *roster(town, ROWS[6]), *holders(town, TWO, *more))
    assert outcome.code == 0
    warning = "vcred: warning: 7 row ids of --holders are not in the roster: Y0, Y1, Y2, Y3, Y4, ..."
    assert warning in outcome.said


def test_what_an_open_quote_has_swallowed_is_said(town: Town) -> None:
    opened = ROWS[6].replace(",green,", ',"green,')
    named = holders(town, ONE, TWO)
    outcome = issue(town, *roster(town, ROWS[5], opened, *ROWS[7:10]), *named)
    assert outcome.code == 1
    assert any("lines 3 to 6 were read as one row" in line for line in outcome.said)
    assert any("hint: a quotation mark that nobody closed" in line for line in outcome.said)


def test_what_is_no_holder_has_a_hint(town: Town) -> None:
    named = town.path / "new.json"
    for holder in ("did:web:example.org", "nobody", "did:key:zDnae"):
        named.write_text(json.dumps({ONE: holder}), encoding="utf-8")
        outcome = issue(town, *roster(town, ROWS[5]), "--holders", named)
        assert outcome.code == 1
        assert any("hint: a holder is the did:key" in line for line in outcome.said), outcome.err


@pytest.mark.parametrize(
    ("header", "named"), [(ROWS[0].replace("region", "Colour"), " colour"), (ROWS[5], ""), ("", "")]
)
def test_a_header_that_is_none(town: Town, header: str, named: str) -> None:
    file = town.path / "headless.csv"
    doubled = header.rstrip() + ("," + header.split(",")[1] + "\n" if header == ROWS[5] else "")
    file.write_text(doubled, encoding="utf-8")
    outcome = issue(town, "--roster", file, "--check")
    assert outcome.code == 2 and "hint: " in outcome.said[1]
    if header:
        # Somebody's data is not told, if it stands where the header should.
        assert f"the column{named} stands twice in the header" in outcome.said[0]
    else:
        assert outcome.said[0].endswith("the file is empty")


@pytest.mark.parametrize("name", ["codes.csv", "s.TXT", "codes.JSONL", "codes.xlsx"])
def test_an_output_that_looks_like_another_file(town: Town, name: str) -> None:
    options = (*roster(town, ROWS[5])[:2], *holders(town, ONE))
    outcome = issue(town, *options, "--out", town.path / name)
    assert outcome.code == 2
    assert not (town.path / name).exists()
    assert f"--out {town.path / Path(name).stem}.jsonl" in outcome.said[1]
    (town.path / name).mkdir()
    assert issue(town, *options, "--out", town.path / name).code == 0


def test_a_mass_reissue_waits_for_a_second_person_and_goes_on(town: Town) -> None:
    named = holders(town, ONE, TWO)
    assert issue(town, *roster(town, ROWS[5], ROWS[6]), *named).code == 0
    with open_issuer_store(read_home(town.path / "issuer-gd")) as store, store.db.transaction():
        set_limit(store, 1, at=int(town.now.timestamp()))
    changed = [row.replace(",NAAT,", ",antigen,") for row in ROWS[5:7]]
    options = (*roster(town, *changed), *named, "--reissue")
    looked = issue(town, *options[:2], *named, "--reissue", "--check")
    assert looked.code == 0
    assert looked.said[-1].endswith("0 refused: 2 to be issued anew, 1 of them only with a second person")

    nobody = issue(town, *options)
    assert nobody.code == 1 and "vcred status approver add" in nobody.said[-1]
    carol = town.done("init", "approver", home="carol")
    town.done("status", "approver", "add", carol, "--name", "Carol", home="issuer-gd")
    waits = issue(town, *options)
    assert waits.code == 3
    assert waits.said[-1] == "vcred: indeterminate (approval_required)"
    assert waits.said[-3].startswith("vcred: 1 row waits for a second person: request ")
    request_id = waits.said[-3].split()[-1]
    home = town.path / "issuer-gd"
    assert f'"vcred status request {request_id} --home {home} --out FILE"' in waits.said[-2]
    told = issue(town, *options, "--json")
    assert (told.code, json.loads(told.out)["request"]["id"]) == (3, request_id)

    file, approval = town.path / "request.json", town.path / "approval.jwt"
    town.done("status", "request", request_id, "--out", file, home="issuer-gd")
    town.done("status", "approve", file, "--out", approval, home="carol")
    town.done("status", "apply", approval, home="issuer-gd")
    last = issue(town, *options)
    assert (last.code, last.said[-1]) == (
        0,
        "vcred: 2 rows: 1 credential issued, 1 issued before, 0 rows wait for a holder",
    )
    for row_id in (ONE, TWO):
        shown = json.loads(town.done("status", "show", row_id, "--json", home="issuer-gd"))
        assert [item["status"] for item in shown["credentials"]] == ["revoked", "valid"]


def test_a_type_says_which_columns_its_roster_has(town: Town) -> None:
    (line,) = [
        line for line in town.done("type", "show", "health-code").splitlines() if "of a roster: " in line
    ]
    columns = line.split(": ")[1].split(", ")
    assert columns == [name for name in ROWS[0].strip().split(",") if name in columns]
    assert set(columns) <= set(ROWS[0].strip().split(","))
    assert check(town, ROWS[5], named=("--holders", _one(town))).code == 0


def _one(town: Town) -> Path:
    file = town.path / "one.csv"
    file.write_text(f"row_id,holder\n{ONE},{did_key()}\n", encoding="utf-8")
    return file

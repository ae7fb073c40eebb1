# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue`: what it says to somebody who uses it for the first time, and where bytes go."""

import json
from typing import Any

import pytest

from tests.cli.town import ROSTER, Town
from tests.unit.credential.claims import health_claims
from vcred.cli.names import counted
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner

ROWS = ROSTER.read_bytes().decode("gb18030").splitlines(keepends=True)
ONE, TWO = (row.split(",")[0] for row in ROWS[5:7])


def did_key() -> str:
    return SoftwareSigner.generate(ES256).public_key.did_key()


def issue(town: Town, *options: object, **more: Any) -> Any:
    return town.run("issue", "health-code", *options, home="issuer-gd", **more)


def roster(town: Town, *rows: str, encoding: str = "utf-8") -> tuple[object, ...]:
    """Write a roster; the options that name it and its folder."""
    file = town.path / "new.csv"
    file.write_bytes("".join([ROWS[0], *rows]).encode(encoding))
    return ("--roster", file, "--out", town.path / "new")


def holders(town: Town, *row_ids: str) -> tuple[object, ...]:
    file = town.path / "new.json"
    file.write_text(json.dumps({row_id: did_key() for row_id in row_ids}), encoding="utf-8")
    return ("--holders", file)


def claims(town: Town) -> tuple[object, ...]:
    file = town.path / "claims.json"
    file.write_text(json.dumps(health_claims()), encoding="utf-8")
    return ("--claims", file)


def test_a_changed_row_ends_with_1_and_says_what_to_do(town: Town) -> None:
    named = holders(town, ONE, TWO)
    first = issue(town, *roster(town, ROWS[5]), *named)
    assert (first.code, first.said[-1]) == (
        0,
        "vcred: 1 row: 1 credential issued, 0 issued before, 0 rows wait for a holder",
    )
    other = issue(town, *roster(town, ROWS[5].replace(",NAAT,", ",antigen,"), ROWS[6]), *named)
    assert other.code == 1
    assert f"vcred: refused: line 2, {ONE}, row_id: issued before with other content" in other.said
    assert any("hint" in line and "new row id" in line for line in other.said)
    assert other.said[-1] == (
        "vcred: 2 rows: 1 credential issued, 0 issued before, 0 rows wait for a holder, 1 refused"
    )


def test_another_key_ends_with_1_and_is_listed_apart(town: Town) -> None:
    options = roster(town, ROWS[5])
    assert issue(town, *options, *holders(town, ONE)).code == 0
    again = issue(town, *options, *holders(town, ONE))
    assert again.code == 1
    assert again.said[-1].endswith("1 row: 0 credentials issued, 1 issued before, 0 rows wait for a holder")
    assert f"vcred: not issued: line 2, {ONE}, holder: issued before, to another key" in again.said
    assert b"another key" in (town.path / "new" / "other_key.csv").read_bytes()
    result = json.loads(issue(town, *options, *holders(town, ONE), "--json").out)
    assert (result["skipped"], result["other_key_count"], result["refused_count"]) == (1, 1, 0)


def test_a_deleted_file_is_not_made_again_and_that_is_said(town: Town) -> None:
    options = (*roster(town, ROWS[5]), *holders(town, ONE))
    assert issue(town, *options).code == 0
    (town.path / "new" / f"{ONE}.sdjwt").unlink()
    again = issue(town, *options)
    assert again.code == 0
    assert any("what was delivered is not made again" in line for line in again.said)


def test_rows_without_a_holder_wait_and_a_hint_says_how_to_give_one(town: Town) -> None:
    outcome = issue(town, *roster(town, ROWS[5], ROWS[6]))
    assert outcome.code == 0
    assert outcome.said[-2].endswith("2 rows wait for a holder")
    assert "--holders" in outcome.said[-1] and "row_id,holder" in outcome.said[-1]


def test_a_roster_in_another_encoding(town: Town) -> None:
    outcome = issue(town, *roster(town, ROWS[5], ROWS[6], encoding="gb18030"))
    assert outcome.code == 1
    assert next(line for line in outcome.said if "not utf-8" in line).startswith("vcred: refused: line 2, ")
    hints = [line for line in outcome.said if "--encoding big5hkscs or gb18030" in line]
    assert len(hints) == 1


def test_a_roster_that_lacks_a_column(town: Town) -> None:
    (town.path / "new.csv").write_text("row_id,name\n1,x\n", encoding="utf-8")
    outcome = issue(town, "--roster", town.path / "new.csv", "--out", town.path / "new")
    assert outcome.code == 2
    assert "lacks" in outcome.said[0] and "colour" in outcome.said[0]
    assert "vcred type show health-code" in outcome.said[1]


def test_many_refused_rows_are_cut(town: Town) -> None:
    bad = [ROWS[5].replace(ONE, f"X{n}").replace(",green,", ",violet,") for n in range(230)]
    outcome = issue(town, *roster(town, *bad))
    refused = [line for line in outcome.said if line.startswith("vcred: refused: line ")]
    assert len(refused) == 200
    assert refused[0] == "vcred: refused: line 2, X0, colour: not in the list"
    assert "vcred: and 30 more; --json lists them" in outcome.said
    assert len(json.loads(issue(town, *roster(town, *bad), "--json").out)["refused"]) == 230


def test_from_stdin(town: Town) -> None:
    data = "".join([ROWS[0], ROWS[5]]).encode()
    options = ("--roster", "-", "--out", town.path / "new")
    outcome = issue(town, *options, *holders(town, ONE), stdin=data)
    assert (outcome.code, (town.path / "new" / f"{ONE}.sdjwt").exists()) == (0, True)
    named = f"row_id,holder\n{TWO},{did_key()}\n".encode()
    assert issue(town, *roster(town, ROWS[6]), "--holders", "-", stdin=named).code == 0
    assert (town.path / "new" / f"{TWO}.sdjwt").exists()
    both = issue(town, *options, "--holders", "-", stdin=data)
    assert (both.code, both.said[0]) == (
        2,
        "vcred: error: --roster and --holders cannot both be read from stdin",
    )


def test_one_credential_has_its_receipt_beside_it(town: Town) -> None:
    out = town.path / "code.sdjwt"
    table = town.path / "code.sdjwt.receipt.csv"
    told = json.loads(issue(town, *claims(town), "--holder", did_key(), "--out", out, "--json").out)
    assert told["receipts"] == str(table)
    header, line = table.read_text(encoding="utf-8").splitlines()
    assert header == (town.path / "issued" / "receipts.csv").read_text(encoding="utf-8").splitlines()[0]
    assert told["credentials"][0]["credential_id"] in line and told["row_id"] in line
    out.unlink()
    table.write_text("somebody's\n")
    refused = issue(town, *claims(town), "--holder", did_key(), "--out", out)
    assert refused.code == 4
    assert refused.said[0] == f"vcred: error: {table} exists already, and is no table of receipts"
    assert not out.exists()


def test_to_stdout(town: Town) -> None:
    options = (*claims(town), "--holder", did_key(), "--row-id", "K1")
    assert issue(town, *options, "--out", "-", "--json").code == 2
    outcome = issue(town, *options, "--out", "-")
    assert outcome.code == 0
    assert parse_presentation(outcome.out.removesuffix("\n")).has_cnf
    # It has left: it is not handed out twice.
    again = issue(town, *options, "--out", "-")
    assert (again.code, again.said[0]) == (
        1,
        "vcred: error: row_id: issued before, and its credential delivered",
    )
    assert "in place of the former with --reissue" in again.said[1]
    unchanged = issue(town, *options, "--reissue", "--out", "-")
    assert (unchanged.code, unchanged.said[0]) == (1, again.said[0])
    assert "--reissue leaves it as it is" in unchanged.said[1] and "status revoke" in unchanged.said[1]
    town.done("status", "revoke", "--row", "K1", home="issuer-gd")
    assert issue(town, *options, "--reissue", "--out", "-").code == 0
    assert issue(town, *roster(town, ROWS[5])[:2], "--out", "-").code == 2


class _SystemWithoutReader:
    """Stands for `sys` where stdout was closed by whoever should read it."""

    @property
    def stdout(self) -> "_SystemWithoutReader":
        return self

    def flush(self) -> None:
        raise BrokenPipeError


def test_what_nobody_read_is_handed_out_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    options = (*claims(town), "--holder", did_key(), "--out", "-", "--row-id", "K2")
    with monkeypatch.context() as patch:
        patch.setattr("vcred.cli.claims_issuing.sys", _SystemWithoutReader())
        lost = issue(town, *options)
    assert lost.code == 4
    assert "--row-id K2" in lost.said[1]
    again = issue(town, *options)
    assert (again.code, again.out.count("~") > 1) == (0, True)


def test_a_holder_for_each_copy(town: Town) -> None:
    two = ("--holder", did_key(), "--holder", did_key())
    few = issue(town, *claims(town), *two[:2], "--copies", "2", "--out", town.path / "c.sdjwt")
    assert few.code == 2
    assert few.said[0] == "vcred: error: 1 holder for --copies 2"
    assert "once for each copy" in few.said[1]
    none = issue(town, *claims(town), "--copies", "2", "--out", town.path / "c.sdjwt")
    assert none.code == 1 and "--holder" in none.said[1]
    assert issue(town, *claims(town), *two, "--copies", "2", "--out", town.path / "c.sdjwt").code == 0
    assert (town.path / "c.sdjwt").exists() and (town.path / "c~1.sdjwt").exists()


@pytest.mark.parametrize("holder", ["nobody", "did:web:example.org", "did:key:zDnae"])
def test_what_is_no_holder(town: Town, holder: str) -> None:
    outcome = issue(town, *claims(town), "--holder", holder, "--out", town.path / "c.sdjwt")
    assert outcome.code == 2
    assert "vcred wallet apply" in outcome.said[1]


def test_one_kind_of_fault_has_one_exit_code(town: Town) -> None:
    """1 says that rows were refused, and all others issued; of a file of another form none was."""
    good, named = roster(town, ROWS[5]), holders(town, ONE)
    assert issue(town, *good, *named, "--check").code == 0
    no_roster, no_holders = town.path / "none.csv", town.path / "none.json"
    no_roster.write_text("".join(ROWS[:1]).replace("colour", "hue") + ROWS[5], encoding="utf-8")
    no_holders.write_text("hue,holder\n", encoding="utf-8")
    for words in (("--roster", no_roster, *named), (*good, "--holders", no_holders)):
        outcome = issue(town, *words, "--check")
        assert outcome.code == 2, outcome.err
    bad = roster(town, ROWS[5].replace(",green,", ",violet,"))
    assert issue(town, *bad, *named, "--check").code == 1


def test_a_file_of_holders_without_its_header(town: Town) -> None:
    (town.path / "bad.csv").write_text("id,did\n1,2\n", encoding="utf-8")
    outcome = issue(town, *roster(town, ROWS[5]), "--holders", town.path / "bad.csv")
    assert outcome.code == 2
    assert "row_id,holder" in outcome.said[1]


def test_what_has_expired_already(town: Town) -> None:
    options = (*claims(town), "--holder", did_key())
    fresh = issue(town, *options, "--out", town.path / "1")
    assert fresh.code == 0 and "warning" not in fresh.err
    town.later(days=30)
    late = issue(town, *options, "--out", town.path / "2")
    assert late.code == 0
    assert late.said[-1] == "vcred: warning: the credential has expired already"


def test_before_the_did_is_made(town: Town) -> None:
    town.done("init", "issuer", "--network", town.path / "network.json", home="new-issuer")
    outcome = town.run("issue", "health-code", *claims(town), "--out", town.path / "1", home="new-issuer")
    assert outcome.code == 4
    assert "vcred did create" in outcome.said[1]


def test_one_row_and_two_rows() -> None:
    assert [counted(number, "row") for number in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]

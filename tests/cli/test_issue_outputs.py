# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue --roster`: checked first, into lines, sealed, issued anew; and what is refused before."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_issue_words import ONE, ROWS, TWO, did_key, holders, issue, roster
from tests.cli.town import Town
from tests.unit.credential.claims import health_claims
from vcred.keys.algorithms import EDDSA
from vcred.keys.software import SoftwareSigner
from vcred.securing.jwe import is_sealed

BAD = ROWS[6].replace(",green,", ",violet,")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def result(town: Town, *options: object, code: int = 0) -> dict[str, Any]:
    outcome = issue(town, *options, "--json")
    assert outcome.code == code, outcome.err
    told: dict[str, Any] = json.loads(outcome.out)
    return told


def statuses(town: Town, row_id: str) -> list[str]:
    shown = json.loads(town.done("status", "show", row_id, "--json", home="issuer-gd"))
    return sorted(item["status"] for item in shown["credentials"])


def test_a_check_issues_nothing(town: Town) -> None:
    rows, named = roster(town, ROWS[5], ROWS[6])[:2], holders(town, ONE, TWO)
    outcome = issue(town, *rows, *named, "--check")
    assert (outcome.code, outcome.said[-1]) == (0, "vcred: 2 rows checked, 0 refused: all are in order")
    refused = issue(town, *roster(town, ROWS[5], BAD)[:2], *named, "--check")
    assert refused.code == 1
    assert refused.said[0] == f"vcred: refused: line 3, {TWO}, colour: not in the list"
    assert refused.said[-1] == "vcred: 2 rows checked, 1 refused: nothing was issued"
    assert not (town.path / "new").exists()
    assert town.run("status", "show", ONE, home="issuer-gd").code == 2


def test_one_refused_row_and_a_check_keeps_all_from_being_issued(town: Town) -> None:
    named = holders(town, ONE, TWO)
    first = result(town, *roster(town, ROWS[5], BAD), *named, "--check", code=1)
    assert (first["issued"], first["refused_count"], first["checked"]) == (0, 1, True)
    assert b"colour" in (town.path / "new" / "refused.csv").read_bytes()
    assert not [*(town.path / "new").glob("*.sdjwt")]
    second = result(town, *roster(town, ROWS[5], ROWS[6]), *named, "--check")
    assert (second["issued"], second["checked"]) == (2, True)


def test_lines_in_one_file(town: Town) -> None:
    rows, named = roster(town, ROWS[5], ROWS[6])[:2], holders(town, ONE, TWO)
    out = town.path / "codes.jsonl"
    told = result(town, *rows, *named, "--out", out)
    assert told["receipts"] == str(town.path / "codes.receipts.csv")
    assert sorted(line["row_id"] for line in lines(out)) == sorted((ONE, TWO))
    assert set(lines(out)[0]) == {"row_id", "credential_id", "copy", "credential"}
    again = result(town, *rows, *named, "--out", out)
    assert (again["issued"], again["skipped"], len(lines(out))) == (0, 2, 2)


def test_a_file_in_the_way_is_refused_before_anything_is_issued(town: Town) -> None:
    out = town.path / "codes.jsonl"
    out.write_text("mine\n", encoding="utf-8")
    outcome = issue(town, *roster(town, ROWS[5])[:2], *holders(town, ONE), "--out", out)
    assert outcome.code == 4
    assert "does not know it" in outcome.said[0] and outcome.said[1].startswith("vcred: hint: ")
    assert out.read_text(encoding="utf-8") == "mine\n"
    assert town.run("status", "show", ONE, home="issuer-gd").code == 2


def test_issued_anew_to_another_key_in_the_same_folder(town: Town) -> None:
    options = roster(town, ROWS[5], ROWS[6])
    result(town, *options, *holders(town, ONE, TWO))
    other = holders(town, ONE, TWO)
    told = result(town, *options, *other, "--reissue")
    assert (told["issued"], told["reissued"], told["other_key_count"]) == (2, 2, 0)
    assert (town.path / "new" / f"{ONE}+1.sdjwt").exists() and (town.path / "new" / f"{ONE}.sdjwt").exists()
    assert statuses(town, ONE) == ["revoked", "valid"]
    again = result(town, *options, *other, "--reissue")
    assert (again["issued"], again["skipped"], again["missing"]) == (0, 2, 0)


def test_sealed_files_are_for_wallets_that_can_open_them(town: Town) -> None:
    wallet = town.done("wallet", "apply", town.done("did", "show", home="issuer-gd"), home="holder")
    signing = SoftwareSigner.generate(EDDSA).public_key.did_key()
    (town.path / "h.json").write_text(json.dumps({ONE: wallet, TWO: signing}), encoding="utf-8")
    options = (*roster(town, ROWS[5], ROWS[6]), "--holders", town.path / "h.json", "--sealed")
    outcome = issue(town, *options)
    assert outcome.code == 1
    refused = f"vcred: refused: line 3, {TWO}, holder: nothing can be sealed to an Ed25519 key"
    assert refused in outcome.said
    file = town.path / "new" / f"{ONE}.jwe"
    assert is_sealed(file.read_text(encoding="ascii"))
    assert not [*(town.path / "new").glob("*.sdjwt")]
    shown = town.done("present", file, "--disclose", "match", "--out", "-", home="holder")
    town.publish()
    assert shown.startswith("VC1:")


def test_the_table_at_the_end(town: Town) -> None:
    outcome = issue(town, *roster(town, ROWS[5], BAD), *holders(town, ONE))
    table = [" ".join(line.split()[1:]) for line in outcome.said if line.startswith("vcred:   ")]
    assert table[:4] == ["rows read 2", "credentials issued 1", "issued before 0", "rows refused 1"]
    assert table[4].startswith("time 0:00:0")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--claims", "c.json"), "--out PATH is needed"),
        (("--roster", "r.csv"), "--out PATH is needed"),
        (("--claims", "c.json", "--check"), "--check goes with --roster only"),
        (
            ("--claims", "c.json", "--roster", "r.csv", "--out", "x"),
            "--claims and --roster exclude each other",
        ),
        (("--claims", "c.json", "--workers", "2", "--out", "x"), "--workers goes with --roster only"),
        (("--roster", "r.csv", "--row-id", "A", "--out", "x"), "--row-id goes with --claims only"),
        (("--roster", "r.csv", "--holder", "did:key:z", "--out", "x"), "--holder goes with --claims only"),
        (
            ("--roster", "r.csv", "--out", "-"),
            "--out: a roster needs a folder, or a file that ends in .jsonl",
        ),
    ],
)
def test_what_does_not_go_together(town: Town, options: tuple[str, ...], said: str) -> None:
    outcome = issue(town, *options)
    assert (outcome.code, outcome.said[0]) == (2, f"vcred: error: {said}")


def test_what_comes_through_a_pipe_cannot_be_checked(town: Town) -> None:
    outcome = issue(town, "--roster", "-", "--check", "--out", town.path / "x", stdin=b"row_id\n")
    assert outcome.code == 2
    assert "read only once" in outcome.said[0]


def test_one_credential_anew(town: Town) -> None:
    (town.path / "claims.json").write_text(json.dumps(health_claims()), encoding="utf-8")
    claims = ("--claims", town.path / "claims.json", "--out")
    named = ("--row-id", "K9", "--holder")
    assert issue(town, *claims, town.path / "1", *named, did_key()).code == 0
    anew = (*claims, town.path / "2", "--reissue")
    needed = issue(town, *anew, "--holder", did_key())
    assert (needed.code, "--row-id" in needed.said[0]) == (2, True)
    assert issue(town, *anew, *named, did_key()).code == 0
    assert statuses(town, "K9") == ["revoked", "valid"]

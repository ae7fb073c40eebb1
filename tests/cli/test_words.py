# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a new user meets: errors that name the file and say what to do, names beside hashes, languages."""

import json
from pathlib import Path

import pytest

from tests.cli.run import NOON, run
from tests.cli.town import Town
from vcred.cli.commands.present import tell_code
from vcred.cli.inputs import parse_moment
from vcred.cli.operation_words import say_operation
from vcred.cli.phrases import UNITS
from vcred.cli.times import age_text
from vcred.credential.presentation import Binding
from vcred.errors import UsageError
from vcred.ledger.entries import Kind
from vcred.ledger.state import State
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.wallet.wallet import PresentedCode

CLAIMS = b'{"colour": "green"}'


@pytest.fixture
def claims(town: Town) -> Path:
    """A file that is JSON and nothing that a ledger or a network could use."""
    file = town.path / "claims.json"
    file.write_bytes(CLAIMS)
    return file


def newest_bundle(town: Town) -> Path:
    (newest,) = (file for file in town.path.glob("bundle-*.vtb") if file.name != "bundle-0.vtb")
    return newest


# Files that are not what is needed.


def test_a_cut_bundle_says_copy_it_again(town: Town) -> None:
    whole = newest_bundle(town).read_bytes()
    cut = town.path / "cut.vtb"
    cut.write_bytes(whole[: len(whole) // 2])
    outcome = town.run("trust", "import", cut, home="gate-mo")
    assert outcome.code == 1
    assert outcome.said[0].startswith(f"vcred: error: {cut}: ")
    assert outcome.said[1] == "vcred: hint: the bundle is cut or damaged: copy it again"


def test_an_older_bundle_says_that_it_is_older(town: Town) -> None:
    old = newest_bundle(town)
    town.later(seconds=60)
    town.publish()
    outcome = town.run("trust", "import", old, home="gate-mo")
    assert outcome.code == 1
    assert outcome.said[0].startswith(f"vcred: error: {old}: older than what is held here already (")
    assert outcome.said[1] == "vcred: hint: get a newer bundle; nothing has been changed"


def test_claims_are_no_network_file(town: Town, claims: Path) -> None:
    outcome = town.run("init", "holder", "--network", claims, home="another")
    assert outcome.code == 1
    assert outcome.said[0].startswith(f"vcred: error: {claims} is not a network file: ")
    assert '"vcred ledger network"' in outcome.said[1]
    assert not (town.path / "another").exists()


def test_claims_are_no_operation(town: Town, claims: Path) -> None:
    outcome = town.run("ledger", "append", claims, home="ledger")
    assert outcome.code == 1
    assert outcome.said[0] == f"vcred: error: {claims}: not an operation of a ledger"


def test_an_empty_file_is_said_to_be_empty(town: Town, claims: Path) -> None:
    claims.write_bytes(b"\n")
    assert town.run("ledger", "append", claims, home="ledger").said[0] == f"vcred: error: {claims}: empty"
    outcome = town.run("verify", claims, home="gate-mo")
    assert outcome.code == 1
    assert outcome.said[0] == f"vcred: hint: {claims} is empty"
    assert outcome.said[-1].startswith("vcred: rejected (")


def test_an_svg_says_what_can_be_read(town: Town) -> None:
    credential, file = town.path / "issued" / "HC0000001.sdjwt", town.path / "code.svg"
    town.done("present", credential, "--disclose", "match", "--out", file, home="holder")
    outcome = town.run("verify", file, home="gate-mo")
    assert outcome.code == 1
    assert outcome.said[0].startswith(f"vcred: hint: {file} is an SVG")
    assert "PNG" in outcome.said[0]


def test_a_missing_witness_is_named(town: Town) -> None:
    outcome = town.run("ledger", "publish", "--witness", town.path / "authority-gd", home="ledger")
    assert outcome.code == 1
    assert outcome.said[0].startswith("vcred: error: nothing is published: ")
    assert outcome.said[1] == (
        'vcred: hint: the witness of Macao (MO) is missing: add "--witness DIR" of that authority'
    )


def test_a_missing_home_names_the_role(tmp_path: Path) -> None:
    for role, words in (
        ("verifier", ("verify", "-")),
        ("verifier", ("trust", "show")),
        ("holder", ("wallet", "history")),
        ("ledger", ("ledger", "log")),
    ):
        outcome = run(*words, "--home", tmp_path / "nowhere")
        assert outcome.code == 4
        assert f"vcred init {role} --home" in outcome.said[1]


def test_a_home_without_a_network_names_its_own_role(town: Town) -> None:
    outcome = town.run("trust", "show", home="authority-gd")
    assert outcome.code == 4
    assert "vcred init authority --network FILE" in outcome.said[1]


def test_an_issuer_is_a_did(town: Town) -> None:
    outcome = town.run("wallet", "apply", "Guangdong Health", home="holder")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.said[0] == "vcred: error: ISSUER is not a DID"


def test_after_two_hyphens_a_name_is_no_option(town: Town) -> None:
    """A script that is handed the file name "--help" must get no exit code 0."""
    outcome = town.run("--home", town.path / "gate-mo", "verify", "--", "--help")
    assert (outcome.code, outcome.out) == (4, "")


# Times.


def test_an_audit_before_all_evidence_says_since_when(town: Town) -> None:
    outcome = town.run(
        "verify", "-", "--at", "2026-01-01T00:00:00Z", home="gate-mo", stdin=town.show("match")
    )
    assert outcome.code == 4
    assert outcome.said[0] == (
        "vcred: error: --at: no evidence is held of that time; it begins at 2026-11-20T04:00:00Z"
    )
    begun = town.verify(town.show("match"), "--at", "2026-11-20T04:00:00Z")
    # The list was signed seconds later, and is dated at the begin of its interval.
    assert (begun.code, begun.said[-1]) == (0, "vcred: accepted (audit)")


def test_a_day_is_no_time(town: Town) -> None:
    outcome = town.verify(town.show("match"), "--at", "2026-11-22")
    assert outcome.code == 2
    assert outcome.said == [
        "vcred: error: --at: a date with a time and its zone is needed",
        'vcred: hint: write it as "--at 2026-11-22T09:00:00+08:00"',
    ]


def test_moments() -> None:
    assert parse_moment("--from", "now", now=NOON) == NOON
    assert (parse_moment("--until", "+365d", now=NOON) - NOON).days == 365
    assert (NOON - parse_moment("--from", "-2h", now=NOON)).seconds == 7200
    assert parse_moment("--from", "2026-11-20T12:00:00+08:00", now=NOON) == NOON
    for wrong in ("", "+", "+0d", "365d", "tomorrow", "+999999999d", "-999999999d"):
        with pytest.raises(UsageError):
            parse_moment("--from", wrong, now=NOON)


def test_times_in_json_are_times(town: Town) -> None:
    again = json.loads(town.done("ledger", "append", town.path / "endorsed.json", "--json", home="ledger"))
    assert again["logged_at"] == "2026-11-20T04:00:00Z"


def test_an_accepted_audit_says_so_last(town: Town) -> None:
    at = f"{town.now:%Y-%m-%dT%H:%M:%SZ}"
    outcome = town.verify(town.show("match"), "--at", at)
    assert outcome.code == 0
    assert outcome.said[-1] == "vcred: accepted (audit)"


# Languages.


@pytest.mark.parametrize(
    "command",
    [
        ("verify", "-"),
        ("type", "show", "health-code"),
        ("init", "verifier"),
        ("wallet", "create"),
    ],
    ids=lambda words: words[0],
)
def test_an_unknown_language_is_usage(command: tuple[str, ...], tmp_path: Path) -> None:
    outcome = run(*command, "--lang", "xx", "--home", tmp_path / "home")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.said[1] == "vcred: hint: choose en, zh-Hans, zh-Hant, pt"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("language", "error", "hint"),
    [
        ("en", "error", "hint"),
        ("zh-Hans", "错误", "提示"),
        ("zh-MO", "錯誤", "提示"),
        ("pt", "erro", "sugestão"),
    ],
)
def test_why_not_is_said_in_one_language(town: Town, language: str, error: str, hint: str) -> None:
    outcome = town.verify(town.show("test"), "--lang", language)
    assert outcome.said[0].startswith(f"vcred: {error}: ")
    assert outcome.said[1].startswith(f"vcred: {hint}: ")
    assert outcome.said[-1] == "vcred: rejected (policy_unmet)"
    assert ("match is not disclosed" in outcome.err) == (language == "en")


def test_ages() -> None:
    assert [age_text(28 * 60, language) for language in LANGUAGES] == [
        "28 min",
        "28 分钟",
        "28 分鐘",
        "28 min",
    ]
    assert all(UNITS[language].keys() == UNITS["en"].keys() for language in LANGUAGES)


def test_a_type_is_told_in_one_language(town: Town) -> None:
    assert "必定出示" in town.done("type", "show", "health-code", "--lang", "zh-Hant", home="gate-mo")
    assert "always shown" not in town.done("type", "show", "health-code", "--lang", "pt", home="gate-mo")


# The ledger in words.


def test_the_log_names_who_and_what(town: Town) -> None:
    rows = json.loads(town.done("ledger", "log", "--json", home="ledger"))["entries"]
    accredit = rows[3]
    assert (accredit["author_name"], accredit["issuer_name"], accredit["jurisdiction"]) == (
        "Guangdong Health",
        "Guangdong Health Code Centre",
        "CN-44",
    )
    assert accredit["type"].endswith("/types/health-code/1")
    words = town.done("ledger", "log", home="ledger")
    assert all(row["hash"] in words for row in rows)
    assert (
        "Guangdong Health accredits Guangdong Health Code Centre for health-code 1 in Guangdong (CN-44), "
        "credentials issued from 2026-10-31T16:00:00Z until 2027-10-31T16:00:00Z"
    ) in words
    assert "Macao Health recognises health-code 1 of Guangdong (CN-44) in Macao (MO)" in words


def test_an_operation_in_words_by_file_and_by_hash(town: Town) -> None:
    rows = json.loads(town.done("ledger", "log", "--json", home="ledger"))["entries"]
    by_file = json.loads(town.done("ledger", "show", town.path / "create.json", "--json", home="ledger"))
    by_hash = json.loads(town.done("ledger", "show", rows[1]["hash"], "--json", home="gate-mo"))
    assert by_file["says"] == by_hash["says"]
    assert by_file["says"].startswith("makes Guangdong Health Code Centre (did:vcred:")
    assert by_file["says"].endswith(", sponsored by Guangdong Health")
    assert (by_file["index"], by_file["signatures"], by_hash["signatures"]) == (1, 1, 2)
    assert "not on the ledger" in town.done("ledger", "show", town.path / "create.json", home="authority-gd")
    assert town.run("ledger", "show", "9pVnothing", home="ledger").code == 2


@pytest.mark.parametrize("kind", [*Kind, "else", 7])
@pytest.mark.parametrize("value", [None, -1, 10**15, True, "x\x1b[2J", [], [1], {}, {"until": -1, "name": 3}])
def test_words_for_any_operation(kind: object, value: object) -> None:
    members = ("author", "issuer", "type", "from", "until", "jurisdiction", "conditions", "document")
    members += ("jurisdictions", "sponsor", "did", "next", "key", "scope", "verifier", "claims", "purpose")
    members += ("authorities", "witnesses", "quorum", "limits", "threshold", "entry", "effect", "root")
    operation: dict[str, object] = dict.fromkeys(members, value)
    assert say_operation({"kind": kind, **operation}, State())  # type: ignore[dict-item]


# Types.


def test_a_name_of_several_publishers_lists_them(town: Town) -> None:
    town.done("type", "add", "health-code", "--ledger", town.path / "ledger", home="authority-mo")
    command = (
        "ledger",
        "recognise",
        "health-code",
        "--from-jurisdiction",
        "MO",
        "--ledger",
        town.path / "ledger",
    )
    outcome = town.run(*command, home="authority-gd")
    assert outcome.code == 2
    own = f"{town.done('did', 'show', home='authority-mo')}/types/health-code/1"
    assert own in outcome.said[0]
    assert outcome.said[0].count("/types/health-code/1") == 2
    assert town.run(*command[:2], own, *command[3:], home="authority-gd").code == 0
    assert "NAME|VCT" in run("ledger", "recognise", "--help").out


def test_the_types_of_a_ledger(town: Town) -> None:
    def listed(*options: object, home: str) -> list[str | None]:
        return [row["type"] for row in json.loads(town.done("type", "list", "--json", *options, home=home))]

    published = listed(home="gate-mo")[-1]
    assert published is not None
    assert listed(home="authority-gd") == [None, None]
    assert listed("--ledger", town.path / "ledger", home="authority-gd") == [None, None, published]
    assert listed(home="ledger") == [None, None, published]


# Folders.


def test_a_bundle_takes_folders(town: Town) -> None:
    network = ("--network", town.path / "network.json")
    build = ("trust", "build", *network, "--out")
    lists = ("--status", town.path / "status")
    made = json.loads(town.done(*build, town.path / "a.vtb", *lists, "--json", home="ledger"))
    assert made["statuses"] == 1
    twice = (*lists, "--status", town.path / "status" / "0.jwt")
    made = json.loads(town.done(*build, town.path / "b.vtb", *twice, "--json", home="ledger"))
    assert made["statuses"] == 1
    (town.path / "empty").mkdir()
    for option, pattern in (("--status", "*.jwt"), ("--type", "*.json")):
        outcome = town.run(*build, town.path / "c.vtb", option, town.path / "empty", home="ledger")
        assert outcome.code == 2
        assert outcome.said[0] == f"vcred: error: {option}: no {pattern} lies in {town.path / 'empty'}"


# What a code costs.


def test_costs_of_what_is_shown_and_what_is_not(town: Town) -> None:
    credential = town.path / "issued" / "HC0000001.sdjwt"
    out = ("--out", town.path / "code.txt", "--json")
    costs = json.loads(town.done("present", credential, "--disclose", "match", *out, home="holder"))["costs"]
    assert set(costs) == {"shown", "would_add"}
    assert set(costs["shown"]) == {"match"}
    assert {"test", "identity.name"} <= set(costs["would_add"])
    assert costs["shown"]["match"] > 0
    assert all(isinstance(size, int) for size in costs["would_add"].values())


@pytest.mark.parametrize(("binding", "form"), [(Binding.NONE, "on paper"), (Binding.LIVE, "live")])
def test_a_code_for_print_is_said_to_be_on_paper(
    binding: Binding, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = PresentedCode(
        sd_jwt="", text="VC1:" + "A" * 40, size_bytes=26, binding=binding, revealed=(), withheld=("match",)
    )
    tell_code(code, load_words("en"))
    assert capsys.readouterr().err.splitlines() == [
        "vcred: shows what is always shown",
        "vcred: withholds match",
        f"vcred: 26 bytes in the code, {form}, symbol version 4-H",
    ]

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A verdict in words stays vcred's own, whatever an issuer or a claim is called (CLI-01 to CLI-07)."""

from datetime import timedelta

import pytest

from tests.world import HEALTH_CLAIMS, HOUR, ISSUER, World, make_world
from vcred.cli.phrases import SMALL_STATUS_LIST
from vcred.cli.report_text import Audience, tell_report
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.ledger.entries import Kind
from vcred.securing.jws import sign_jws
from vcred.status.bits import StatusList, compress_list
from vcred.text.languages import LANGUAGES

HOSTILE = "✔ VALID\nvcred: accepted\r\x1b[1A\x1b]8;;https://evil.example\x07\u202e\u200b"


@pytest.fixture
def world() -> World:
    return make_world()


def told(
    world: World, code: str, capsys: pytest.CaptureFixture[str], language: str = "en"
) -> tuple[list[str], list[str]]:
    """Evaluate and tell; returns the lines of stdout and of stderr."""
    report = world.evaluate(code)
    audience = Audience(belief=world.belief(), jurisdiction="MO", language=language, now=world.now)
    tell_report(report, audience)
    captured = capsys.readouterr()
    assert all(character == "\n" or character.isprintable() for character in captured.out + captured.err)
    return captured.out.splitlines(), captured.err.splitlines()


def test_a_good_code(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = told(world, world.show(), capsys)
    assert out[0].startswith("accepted   health-code   Guangdong Health   recognised in Macao, status ")
    assert err == ["vcred: accepted"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_tells_every_decision(
    world: World, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted, _ = told(world, world.show(), capsys, language)
    rejected, why = told(world, world.show("test"), capsys, language)
    assert len(accepted) > 3
    assert len(rejected) == 2
    assert why[-1] == "vcred: rejected (policy_unmet)"


def test_an_issuer_cannot_speak_for_the_gate(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    good, _ = told(world, world.show(), capsys)
    liar = world.join(HOSTILE, ISSUER, sponsor=world.gd)
    world.import_bundle()
    code = world.present(world.issue(issuer=liar), "match", "test")
    out, err = told(world, code, capsys)
    assert good[0].startswith("accepted")
    assert out[0].startswith("rejected   health-code   ✔ VALID‹U+000A›vcred: accepted‹U+000D›‹U+001B›")
    assert len(out) == 2
    assert err[-1] == "vcred: rejected (issuer_not_accredited)"
    assert sum(line == "vcred: accepted" for line in out + err) == 0


def test_an_issuer_that_looks_like_another_is_warned_of(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """CLI-07: the first letter is Cyrillic."""
    twin = world.join("\u041cacau Health", ISSUER, sponsor=world.gd)
    world.accredit(world.gd, twin, world.vct)
    world.import_bundle()
    out, err = told(world, world.present(world.issue(issuer=twin), "match", "test"), capsys)
    assert out[0].startswith("accepted")
    assert err[0] == "vcred: warning: the issuer's name mixes scripts: letters may not be what they look like"


def test_a_claim_cannot_speak_for_the_gate(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    match = HEALTH_CLAIMS["match"]
    assert isinstance(match, dict)
    name = "Chan\u202e\u2066 Tai Man = green   authentic yes"
    claims = HEALTH_CLAIMS | {"match": match | {"name": name}}
    out, err = told(world, world.present(world.issue(claims=claims), "match", "test"), capsys)
    assert "           match.name = Chan‹U+202E›‹U+2066› Tai Man = green   authentic yes" in out
    assert err == ["vcred: accepted"]


def test_only_what_covers_the_credential_is_told_as_accredited(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """An accreditation that is over, or void, is not why the code was accepted here."""
    own = world.fork()
    own.accredit(own.mo, own.issuer, own.vct)
    own.import_bundle()
    assert "   accredited in Macao, status " in told(own, own.show(), capsys)[0][0]
    ended = world.fork()
    ended.accredit(
        ended.mo, ended.issuer, ended.vct, start=ended.now - timedelta(days=9), until=ended.now - HOUR
    )
    ended.import_bundle()
    assert "   recognised in Macao, status " in told(ended, ended.show(), capsys)[0][0]
    void = world.fork()
    entry = void.accredit(void.mo, void.issuer, void.vct)
    void.say(void.mo, Kind.ISSUER_WITHDRAW, entry=entry, effect="void")
    void.import_bundle()
    assert "   recognised in Macao, status " in told(void, void.show(), capsys)[0][0]


def test_current_names_the_time_of_the_list(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """As of when: the list's own time stands beside the answer, and is not that of the bundle."""
    issued = world.now
    token = world.status_token(world.issuer)
    code = world.issue()
    world.later(hours=2)
    world.import_bundle(world.bundle(status_tokens=(token,)))
    shown = {language: world.present(code, "match", "test") for language in LANGUAGES}
    lines = [told(world, shown[language], capsys, language)[0][-1].strip() for language in LANGUAGES]
    listed, trusted = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (issued, world.now))
    assert lines == [
        f"authentic yes   authorised yes   current yes   status list of {listed}   trust as of {trusted}",
        f"真实 是   获授权 是   现时有效 是   状态列表截至 {listed}   信任数据截至 {trusted}",
        f"真確 是   獲授權 是   現時有效 是   狀態清單截至 {listed}   信任資料截至 {trusted}",
        f"autêntica sim   autorizada sim   atual sim   lista de estado de {listed}"
        f"   confiança à data de {trusted}",
    ]


def test_a_list_too_old_is_told_with_its_age_and_what_to_do(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    credential = world.issue()
    world.belief()
    world.later(hours=24)
    good, _ = told(world, world.present(credential, "match"), capsys)
    assert good[0].startswith("accepted")
    world.later(hours=2, seconds=5)
    code = world.present(credential, "match")
    said = {language: told(world, code, capsys, language)[1] for language in LANGUAGES}
    assert {lines[-1] for lines in said.values()} == {"vcred: indeterminate (stale)"}
    assert said["en"][:2] == [
        "vcred: error: revocation and suspension: what is known here is older than this post allows"
        " (the status list is older than the policy allows): 1 d 2 h 5 s old, at most 1 d",
        "vcred: hint: import the newest trust bundle; if the status list in it is as old,"
        " the issuer must publish a new one",
    ]
    assert said["zh-Hans"][0].endswith("：已有 1 天 2 小时 5 秒，至多 1 天")
    assert said["zh-Hant"][0].endswith("：已有 1 天 2 小時 5 秒，至多 1 天")
    assert said["pt"][0].endswith(": tem 1 d 2 h 5 s, no máximo 1 d")
    assert "發佈新的清單" in said["zh-Hant"][1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_list_is_warned_of(world: World, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """STA-13. The first words on stderr; the decision stays."""
    assert told(world, world.show(), capsys, language)[1] == ["vcred: accepted"]
    world.later(seconds=2)
    header: JsonObject = {"typ": "statuslist+jwt", "kid": world.issuer.key_id(Purpose.STATUS)}
    payload: JsonObject = {
        "sub": world.status_uri(),
        "iat": int(world.now.timestamp()),
        "status_list": {"bits": 2, "lst": compress_list(StatusList.empty(bits=2, size=1_000))},
    }
    token = sign_jws(header, payload, world.issuer.signer(Purpose.STATUS))
    world.import_bundle(world.bundle(status_tokens=(token,)))
    err = told(world, world.show(), capsys, language)[1]
    assert err == [f"vcred: {SMALL_STATUS_LIST[language]}", "vcred: accepted"]

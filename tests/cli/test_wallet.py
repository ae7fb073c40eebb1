# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet by commands alone: received, listed, looked at, shown, named, forgotten. WAL-01, WAL-05."""

import json
from pathlib import Path
from typing import Any

import pytest
import zxingcpp

from tests.cli.run import Outcome
from tests.cli.stories import CLAIMS, carry
from tests.cli.town import ROW, Town
from vcred.did.methods.key import resolve_did_key
from vcred.issuer.possession import verify_possession
from vcred.securing.jwe import seal_to
from vcred.text.columns import width
from vcred.text.languages import LANGUAGES

NAME = "health-code"
# Of the person of the first row of the roster, in whatever it is written.
PATHS = ("identity.id_number", "identity.name", "match.name", "identity.birth_date", "identity.name_latin")


def wallet(town: Town, *words: object, **more: Any) -> Outcome:
    return town.run("wallet", *words, home="holder", **more)


def told(town: Town, *words: object, **more: Any) -> Any:
    """What a program is told by a command that ends with 0."""
    return json.loads(town.done("wallet", *words, "--json", home="holder", **more))


def credential(town: Town) -> Path:
    return town.path / "issued" / f"{ROW}.sdjwt"


@pytest.fixture
def holding(town: Town) -> Town:
    """The town, whose holder has received the credential."""
    town.done("wallet", "add", credential(town), home="holder")
    return town


def test_added_listed_and_shown(town: Town) -> None:
    (stored,) = told(town, "add", credential(town))["stored"]
    assert (stored["name"], stored["is_new"], stored["state"]) == (NAME, True, "valid")
    assert stored["copies"] is None
    assert stored["input"] == str(credential(town))
    (listed,) = told(town, "list")
    assert listed == {name: value for name, value in stored.items() if name not in ("input", "is_new")}
    assert set(listed) == {
        "name", "type", "issuer", "state", "as_of", "expires_at", "received_at", "copies"
    }  # fmt: skip
    shown = told(town, "show", NAME)
    assert shown["always_shown"] == ["colour", "valid_until"]
    assert {*PATHS} <= shown["claims"].keys()
    assert shown["issuer"] == town.done("did", "show", home="issuer-gd")
    again = told(town, "add", credential(town))["stored"]
    assert [one["is_new"] for one in again] == [False]


def test_a_code_by_its_name(holding: Town) -> None:
    """WAL-05: of the claims that were not chosen the code has none."""
    words = (NAME, "--disclose", "match", "--out", "-")
    code = holding.done("present", *words, home="holder").encode()
    report = json.loads(holding.verify(code, "--json").out)
    assert (report["decision"], [*report["claims"]]) == ("accepted", ["colour", "valid_until", "match"])
    (record,) = told(holding, "history")
    assert (record["credential"], record["binding"]) == (NAME, "live")
    assert {*record["revealed"]} == {"match.name", "match.id_type", "match.last_four"}
    result = json.loads(holding.done("present", *words, "--json", home="holder"))
    assert (result["asked"], result["costs"]["shown"]["match"] > 0) == (None, True)


def test_a_name_or_a_file(holding: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(holding.path)
    show = ("--disclose", "match", "--out", "-")
    assert holding.run("present", NAME, *show, home="holder").code == 0
    (holding.path / NAME).write_bytes(credential(holding).read_bytes())
    both = holding.run("present", NAME, *show, home="holder")
    assert (both.code, both.out) == (2, "")
    assert both.said == [
        f"vcred: error: {NAME} is a file here, and a credential in the wallet",
        f'vcred: hint: for the file write "./{NAME}"; for the credential be in another folder, or rename it',
    ]
    assert holding.run("present", f"./{NAME}", *show, home="holder").code == 0
    neither = holding.run("present", "travel", *show, home="holder")
    assert (neither.code, neither.said[0]) == (
        2,
        "vcred: error: the wallet holds no credential of that name",
    )
    assert holding.run("present", "travel.sdjwt", *show, home="holder").code == 4


def test_renamed_and_removed(holding: Town) -> None:
    holding.show("match")
    assert told(holding, "rename", NAME, "travel")["name"] == "travel"
    assert wallet(holding, "show", NAME).code == 2
    assert told(holding, "history")[0]["credential"] == "travel"
    refused = wallet(holding, "rename", "travel", "a/b")
    assert (refused.code, len(told(holding, "list"))) == (2, 1)
    asked = wallet(holding, "remove", "travel")
    assert (asked.code, asked.said[-1]) == (2, "vcred: hint: a script says so with --yes")
    assert told(holding, "remove", "travel", "--yes")["removed"]["name"] == "travel"
    assert told(holding, "list") == []
    # The history stays, and its line has no name any more; the key is gone.
    assert [record["credential"] for record in told(holding, "history")] == [None]
    assert wallet(holding, "add", credential(holding)).code == 2


# What comes in.


def test_every_form_of_a_credential(town: Town) -> None:
    text = credential(town).read_text("ascii").strip()
    holder = resolve_did_key(holder_did(town)).methods[0].key
    forms = {
        "sealed.jwe": seal_to(text.encode(), holder, content_type="dc+sd-jwt").encode(),
        "lines.jsonl": json.dumps({"row_id": ROW, "credential": text}).encode() + b"\n",
        "code.png": picture(text, ".png"),
        "code.jpg": picture(text, ".jpg"),
    }
    for name, data in forms.items():
        (town.path / name).write_bytes(data)
        assert [one["name"] for one in told(town, "add", town.path / name)["stored"]] == [NAME], name
        told(town, "list")
    (stored,) = told(town, "add", "-", stdin=text.encode())["stored"]
    assert (stored["input"], stored["is_new"], len(told(town, "list"))) == ("stdin", False, 1)


def holder_did(town: Town) -> str:
    rows = (town.path / "holders.csv").read_text("utf-8").splitlines()
    return rows[1].partition(",")[2]


def picture(text: str, form: str) -> bytes:
    """A code that holds the credential itself, as an issuer's printer would make it."""
    from io import BytesIO

    from PIL import Image

    image = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="L").to_image(scale=4)
    out = BytesIO()
    Image.fromarray(image).save(out, "PNG" if form == ".png" else "JPEG", quality=95)
    return out.getvalue()


def test_several_are_all_tried(town: Town) -> None:
    """Nothing half stored: each is there, or is not."""
    good = credential(town)
    forged, picture_of_nothing = town.path / "forged.sdjwt", town.path / "empty.txt"
    jwt, tilde, rest = good.read_text("ascii").partition("~")
    forged.write_text(jwt[:-4] + ("AAAA" if jwt[-4:] != "AAAA" else "BBBB") + tilde + rest, "ascii")
    picture_of_nothing.write_bytes(b"\n")
    outcome = wallet(town, "add", forged, good, picture_of_nothing, "--json")
    assert outcome.code == 1
    result = json.loads(outcome.out)
    assert [one["name"] for one in result["stored"]] == [NAME]
    assert [(one["input"], one["code"]) for one in result["refused"]] == [
        (str(forged), "signature_invalid"),
        (str(picture_of_nothing), "malformed"),
    ]
    assert len(told(town, "list")) == 1
    said = wallet(town, "add", forged, good)
    assert said.code == 1
    assert "(signature_invalid)" in said.err
    assert said.said[-1] == "vcred: 0 credentials kept"


def test_one_that_is_refused_says_so_by_its_code(town: Town) -> None:
    code = town.path / "shown.sdjwt"
    town.done("present", credential(town), "--disclose", "match", "--out", code, home="holder")
    outcome = wallet(town, "add", code)
    assert (outcome.code, outcome.out, outcome.said[-1]) == (1, "", "vcred: rejected (key_binding_invalid)")
    vc1 = wallet(town, "add", "-", stdin=town.show("match"))
    assert (vc1.code, vc1.said[0]) == (
        1,
        "vcred: error: a code that shows a credential, not the credential itself",
    )
    assert wallet(town, "add", town.path / "nothing").code == 4
    assert wallet(town, "add", credential(town), credential(town), "--name", "a").code == 2
    assert told(town, "list") == []


def test_another_holders_is_not_kept(town: Town) -> None:
    others = sorted((town.path / "issued").glob("*.sdjwt"))
    assert others == [credential(town)]
    town.done("init", "holder", "--network", town.path / "network.json", home="holder-2")
    bundle = max(town.path.glob("bundle-*.vtb"), key=lambda file: file.stat().st_mtime_ns)
    town.done("trust", "import", bundle, home="holder-2")
    outcome = town.run("wallet", "add", credential(town), home="holder-2")
    assert (outcome.code, outcome.said[0]) == (
        2,
        "vcred: error: the credential's key is not in this wallet",
    )


def test_revoked_is_seen_with_the_next_bundle(holding: Town) -> None:
    holding.later(hours=1)
    holding.done("status", "revoke", "--row", ROW, home="issuer-gd")
    assert told(holding, "list")[0]["state"] == "valid"
    carry(holding, "holder")
    assert told(holding, "list")[0]["state"] == "revoked"
    assert "revoked" in wallet(holding, "list").out


# One-time copies.


def test_copies_are_applied_for_received_and_shown_once(town: Town) -> None:
    issuer = town.done("did", "show", home="issuer-gd")
    proofs = town.path / "proofs.txt"
    applied = told(town, "apply", issuer, "--nonce", "code-1", "--copies", "3", "--out", proofs)
    assert {*applied} == {"applications"}
    assert proofs.read_text("ascii").split() == [one["proof"] for one in applied["applications"]]
    assert proofs.stat().st_mode & 0o777 == 0o600
    for one in applied["applications"]:
        key = verify_possession(one["proof"], audience=issuer, nonce="code-1", now=town.now)
        assert key.did_key() == one["did"]
    single = told(town, "apply", issuer, "--nonce", "code-1")
    assert single["applications"] == [{"did": single["did"], "proof": single["proof"]}]
    assert told(town, "apply", issuer)["proof"] is None
    before = wallet(town, "apply", issuer, "--nonce", "code-1", "--out", proofs)
    assert (before.code, before.out) == (4, "")
    assert wallet(town, "apply", issuer, "--copies", "101").code == 2


def test_each_copy_is_shown_once(town: Town) -> None:
    """INV-9, through the commands: issued, received in one file, counted, used up."""
    applied = told(town, "apply", town.done("did", "show", home="issuer-gd"), "--copies", "2")["applications"]
    claims, out = town.path / "claims.json", town.path / "copy.sdjwt"
    claims.write_text(json.dumps(CLAIMS), "utf-8")
    holders = [word for one in applied for word in ("--holder", one["did"])]
    town.done(
        "issue", "health-code", "--claims", claims, *holders, "--copies", "2", "--out", out, home="issuer-gd"
    )
    stored = told(town, "add", out, town.path / "copy~1.sdjwt")["stored"]
    assert [one["copies"] for one in stored] == [{"total": 2, "left": 2}] * 2
    assert "2 of 2 copies left" in wallet(town, "list").out
    show = ("present", NAME, "--disclose", "match", "--out", "-")
    codes = {town.done(*show, home="holder") for _ in range(2)}
    assert (len(codes), told(town, "list")[0]["copies"]) == (2, {"total": 2, "left": 0})
    spent = town.run(*show, home="holder")
    assert (spent.code, spent.out, spent.said[-1]) == (1, "", "vcred: rejected (copies_spent)")


# In the holder's language.


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_in_columns(holding: Town, language: str) -> None:
    head, line = wallet(holding, "list", "--lang", language).out.splitlines()
    # The columns stand under each other, also where a character takes two.
    issuer = {"en": "Guangdong Health Code Centre", "pt": "Guangdong Health Code Centre"}
    name = issuer.get(language, "廣東健康碼中心")
    heading = head.split()[-1]
    assert width(line[: line.index(name)]) == width(head[: head.rindex(heading)])


def test_all_that_is_said_is_in_the_language(holding: Town) -> None:
    shown = wallet(holding, "show", NAME, "--lang", "zh-Hant").out
    assert "廣東健康碼中心" in shown
    assert "Guangdong" not in shown.replace("Guangdong Health", "")
    assert wallet(holding, "show", NAME).out != shown
    holding.show("match")
    assert "match.name" in wallet(holding, "history", "--lang", "pt").out


def test_a_refusal_is_in_the_language(town: Town) -> None:
    code = town.path / "shown.sdjwt"
    town.done("present", credential(town), "--disclose", "match", "--out", code, home="holder")
    english, chinese = (wallet(town, "add", code, "--lang", language) for language in ("en", "zh-Hans"))
    assert english.said[-1] == chinese.said[-1] == "vcred: rejected (key_binding_invalid)"
    assert english.said[0] != chinese.said[0]
    assert not chinese.said[0].removeprefix("vcred: error: ").isascii()


# The screens.


def test_without_a_terminal_there_are_no_screens(holding: Town) -> None:
    outcome = wallet(holding)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.said[0] == "vcred: error: the screens need a terminal"
    assert "create, apply, add, list" in outcome.said[1]
    before = holding.run("wallet", "--plain", "list", home="holder")
    assert (before.code, before.said[0]) == (
        2,
        "vcred: error: options of the screens stand before a command",
    )

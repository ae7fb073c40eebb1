# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Presenting: exactly what was chosen leaves. WAL-05, WAL-06, SDJ-33."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.formats.samples import (
    CERTIFICATE,
    DID,
    HEALTH,
    HOLDER,
    ISSUED_AT,
    ISSUER,
    PAYLOAD,
    craft,
    disclose,
    draft,
    without,
)
from vcred.codec.base64url import decode_base64url
from vcred.codec.json_types import JsonObject
from vcred.credential.paths import iter_leaves, join_path
from vcred.errors import RefusedError, SchemaError
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.formats.sd_jwt_vc.present import StoredCredential, open_credential, present, select
from vcred.keys.algorithms import ALGORITHMS, ES256
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason
from vcred.securing.sd_jwt.key_binding import verify_key_binding

HEALTH_CODE = open_credential(issue_credential(draft(), ISSUER))
DIPLOMA = open_credential(issue_credential(draft("professional-certificate"), ISSUER))
ALWAYS = {"iss", "iat", "exp", "vct", "cnf", "status"}


def show(stored: StoredCredential, *paths: str) -> str:
    return present(stored, paths, signer=HOLDER, audience="net#live", nonce="n" * 22, issued_at=ISSUED_AT + 9)


def shown_claims(text: str) -> JsonObject:
    claims = open_claims(parse_presentation(text)).claims
    return {name: value for name, value in claims.items() if name not in ALWAYS}


def test_a_group() -> None:
    text = show(HEALTH_CODE, "match")
    assert shown_claims(text) == {name: HEALTH[name] for name in ("colour", "valid_until", "match")}
    parsed = parse_presentation(text)
    assert parsed.key_binding is not None
    verify_key_binding(parsed.key_binding, parsed.sd_jwt, key=HOLDER.public_key, allowed=ALGORITHMS)
    assert (parsed.key_binding.audience, parsed.key_binding.issued_at) == ("net#live", ISSUED_AT + 9)


def test_nothing_but_what_is_always_shown() -> None:
    assert shown_claims(show(HEALTH_CODE)) == {"colour": "green", "valid_until": HEALTH["valid_until"]}
    assert show(HEALTH_CODE, "colour").count("~") == 1


def test_a_child_brings_its_parent_and_no_sibling() -> None:
    """WAL-06."""
    assert shown_claims(show(HEALTH_CODE, "identity.name"))["identity"] == {"name": "陳大文"}
    selection = select(HEALTH_CODE, ["identity.name"])
    assert selection.revealed == ("identity.name",)
    assert len(selection.disclosures) == 2


def test_a_parent_brings_all_below_it() -> None:
    assert shown_claims(show(HEALTH_CODE, "identity"))["identity"] == HEALTH["identity"]
    assert shown_claims(show(DIPLOMA, "modules"))["modules"] == CERTIFICATE["modules"]


def test_an_element() -> None:
    assert shown_claims(show(DIPLOMA, "modules.1"))["modules"] == [{"title": "Measurement", "mark": 88}]
    assert select(DIPLOMA, ["modules.1"]).revealed == ("modules.1.mark", "modules.1.title")


def test_what_is_revealed_and_withheld_is_everything() -> None:
    selection = select(HEALTH_CODE, ["test", "identity.region"])
    assert set(selection.revealed) == {
        "test.method",
        "test.result",
        "test.collected",
        "test.lab",
        "identity.region",
    }
    every = {join_path(path) for path, _ in iter_leaves(HEALTH)} - {"colour", "valid_until"}
    assert set(selection.revealed) | set(selection.withheld) == every
    assert not set(selection.revealed) & set(selection.withheld)


def test_the_order_is_the_credentials() -> None:
    texts = HEALTH_CODE.presentation.sd_jwt.disclosures
    chosen = select(HEALTH_CODE, ["vaccination", "match", "match"]).disclosures
    assert [texts.index(text) for text in chosen] == sorted(texts.index(text) for text in chosen)
    assert len(chosen) == 2


@pytest.mark.parametrize("path", ["match.name", "test.result"])
def test_a_part_of_a_whole_cannot_be_shown_alone(path: str) -> None:
    with pytest.raises(SchemaError, match="only together") as caught:
        select(HEALTH_CODE, [path])
    assert caught.value.hint == f'name "{path.partition(".")[0]}" to show all of it'


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nickname",
        "identity.nickname",
        "matc",
        "match.",
        ".match",
        "colour.x",
        "_sd",
        "MATCH",
        "identity name",
    ],
)
def test_an_unknown_claim(path: str) -> None:
    select(HEALTH_CODE, ["match"])
    with pytest.raises(SchemaError):
        select(HEALTH_CODE, ["match", path])


@pytest.mark.parametrize(
    "path", ["modules.2", "modules.-1", "modules.01", "modules.x", "modules.0.0", "modules.１"]
)
def test_an_element_that_is_not_there(path: str) -> None:
    select(DIPLOMA, ["modules.0"])
    with pytest.raises(SchemaError):
        select(DIPLOMA, [path])


def test_a_name_with_a_dot_is_not_two_names() -> None:
    """A foreign issuer's "a.b" must not be sent because someone asked for b of a."""
    dotted, plain = disclose("a.b", "secret"), disclose("b", 1)
    payload: JsonObject = {**PAYLOAD, "_sd": [dotted.digest], "a": {"_sd": [plain.digest]}}
    stored = open_credential(craft(payload, dotted, plain))
    assert select(stored, ["a.b"]).disclosures == (plain.encoded,)
    assert select(stored, ["a"]).disclosures == (plain.encoded,)


def test_a_permanent_object_with_selectable_members() -> None:
    inner = disclose("b", 1)
    stored = open_credential(craft({**PAYLOAD, "_sd": [], "a": {"c": 2, "_sd": [inner.digest]}}, inner))
    assert select(stored, ["a"]).disclosures == (inner.encoded,)
    assert select(stored, ["a.b"]).revealed == ("a.b",)
    assert select(stored, ["a.c"]).disclosures == ()


def test_a_presentation_is_not_a_credential() -> None:
    """SDJ-33."""
    with pytest.raises(RefusedError) as caught:
        open_credential(show(HEALTH_CODE))
    assert caught.value.reason is Reason.KEY_BINDING_INVALID


def test_only_the_holder_presents() -> None:
    arguments = {"audience": "a", "nonce": "n", "issued_at": 1}
    with pytest.raises(ValueError, match="key"):
        present(HEALTH_CODE, [], signer=SoftwareSigner.generate(ES256), **arguments)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="key"):
        present(HEALTH_CODE, [], signer=None, **arguments)  # type: ignore[arg-type]
    odd = open_credential(craft({**PAYLOAD, "_sd": [], "cnf": {"kid": "x"}}))
    with pytest.raises(ValueError, match="key"):
        present(odd, [], signer=None, **arguments)  # type: ignore[arg-type]
    paper = open_credential(craft({**without(PAYLOAD, "cnf"), "_sd": []}))
    assert present(paper, [], signer=None, **arguments).endswith("~")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="key"):
        present(paper, [], signer=HOLDER, **arguments)  # type: ignore[arg-type]


CANARIES = {
    "match": b"2681",
    "identity.name_latin": b"Chan Tai Man",
    "identity.id_number": b"5631268(1)",
    "identity.birth_date": b"1954-09-24",
    "test": b"MO-CHCSJ",
    "vaccination": b"2026-04-30",
}
UNITS = tuple(path for path in HEALTH_CODE.paths if path != "identity")


@given(st.sets(st.sampled_from(UNITS)))
def test_nothing_that_was_not_chosen_is_in_the_text(paths: set[str]) -> None:
    """WAL-05: by the bytes that leave, not by what the selection says."""
    text = show(HEALTH_CODE, *paths)
    sent = [decode_base64url(part) for part in text.split("~")[1:-1]]
    for path, disclosure in zip(HEALTH_CODE.paths, HEALTH_CODE.presentation.disclosures, strict=True):
        chosen = path in paths or any(item.startswith(f"{path}.") for item in paths)
        assert any(disclosure.salt.encode() in part for part in sent) == chosen
        assert path not in CANARIES or (CANARIES[path] in b"".join(sent)) == chosen
    claims = shown_claims(text)
    assert {join_path(path) for path, _ in iter_leaves(claims)} - {"colour", "valid_until"} == set(
        select(HEALTH_CODE, paths).revealed
    )


def test_two_presentations_differ_only_in_the_key_binding() -> None:
    first, second = show(HEALTH_CODE, "match"), show(HEALTH_CODE, "match")
    assert first.rpartition("~")[0] == second.rpartition("~")[0]
    assert DID in HEALTH_CODE.presentation.issuer

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Packing loses nothing, keeps to its sizes, and has one form for each presentation."""

import pytest

from tests.unit.qr.samples import (
    BASES,
    CERTIFICATE_CLAIMS,
    HEALTH_CLAIMS,
    ISSUED_AT,
    ISSUER,
    KEY_ID,
    VERIFIER,
    Ledger,
    Sample,
    all_selections,
    make_sample,
    make_type,
)
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import shipped_type
from vcred.errors import DecodeError, LimitExceededError
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack, unpack
from vcred.qr.symbol import choose_symbol
from vcred.securing.jws import sign_jws
from vcred.securing.sd_jwt.disclosure import make_disclosure

PLAIN, REFERENCED = 0, 1


def items_of(packed: bytes) -> list[CborValue]:
    """Open a packed presentation."""
    items = decode_cbor(packed, max_bytes=2900)
    assert isinstance(items, list)
    return items


def packed_in(mode: int, text: str, ledger: Ledger) -> list[CborValue]:
    """Pack, see the text come back, and return the items, which are of the mode."""
    packed = pack(text, ledger)
    assert unpack(packed, ledger) == text
    items = items_of(packed)
    assert items[0] == mode
    return items


@pytest.fixture(scope="module")
def health() -> Sample:
    return make_sample()


@pytest.fixture(scope="module")
def certificate() -> Sample:
    return make_sample(shipped_type("professional-certificate"), CERTIFICATE_CLAIMS)


@pytest.mark.parametrize("algorithm", [ES256, EDDSA])
def test_every_selection_of_a_health_code_comes_back(algorithm: Algorithm) -> None:
    sample = make_sample(algorithm=algorithm)
    for paths in all_selections(
        ["match", "identity", "identity.name", "identity.birth_date", "test", "vaccination"]
    ):
        packed_in(REFERENCED, sample.show(*paths), sample.ledger)


def test_every_selection_of_a_certificate_comes_back(certificate: Sample) -> None:
    for paths in all_selections(["match", "award", "modules.0", "modules.1", "modules.2", "standing"]):
        packed_in(REFERENCED, certificate.show(*paths), certificate.ledger)


def test_a_whole_credential_without_binding_comes_back(health: Sample) -> None:
    assert packed_in(REFERENCED, health.credential, health.ledger)[14] is None


def test_absent_groups_and_members_come_back() -> None:
    identity: JsonObject = {"name": "Ana", "region": "MO"}
    claims = {**HEALTH_CLAIMS, "identity": identity}
    del claims["vaccination"]
    sample = make_sample(claims=claims)
    packed_in(REFERENCED, sample.show("match", "identity"), sample.ledger)


@pytest.mark.parametrize(
    ("paths", "most_bytes"), [(("match", "test"), 450), (("test",), 380), (("identity.name", "test"), 560)]
)
def test_size_of_a_health_code(health: Sample, paths: tuple[str, ...], most_bytes: int) -> None:
    packed = pack(health.show(*paths), health.ledger)
    assert len(packed) <= most_bytes


def test_the_usual_health_code_is_a_comfortable_symbol(health: Sample) -> None:
    symbol = choose_symbol(encode_text(pack(health.show("match", "test"), health.ledger)))
    assert symbol.version <= 15


def test_size_of_three_of_twelve_flat_claims() -> None:
    names = [f"claim_{number:02}" for number in range(12)]
    definition = make_type({name: {"type": "string"} for name in names}, dict.fromkeys(names, "whole"))
    sample = make_sample(definition, {name: "twenty characters of " + name[-2:] for name in names})
    packed_in(REFERENCED, text := sample.show(*names[:3]), sample.ledger)
    assert len(pack(text, sample.ledger)) <= 750


class TestShortForms:
    """What is left out, and what stands there when it cannot be."""

    def test_expiry_by_the_type_is_left_out(self, health: Sample) -> None:
        assert packed_in(REFERENCED, health.show("match"), health.ledger)[6] is None

    @pytest.mark.parametrize(("expires", "item"), [(ISSUED_AT + 60, ISSUED_AT + 60), (None, False)])
    def test_another_expiry_is_written(self, health: Sample, expires: int | None, item: CborValue) -> None:
        text = resigned(health, {"exp": expires})
        assert packed_in(REFERENCED, text, health.ledger)[6] == item

    @pytest.mark.parametrize(("not_before", "item"), [(ISSUED_AT, 0), (ISSUED_AT - 60, -60), (None, None)])
    def test_not_before_counts_from_issue(self, not_before: int | None, item: CborValue) -> None:
        sample = make_sample(not_before=not_before)
        assert packed_in(REFERENCED, sample.show("match"), sample.ledger)[7] == item

    @pytest.mark.parametrize(
        ("uri", "index", "item"),
        [
            (BASES[0] + "0", 7, 7),
            (BASES[0] + "3", 7, [7, 3]),
            # The second base begins as the first does: the first that fits is taken.
            (BASES[1] + "5", 7, [7, 15]),
            ("https://elsewhere.example/4", 7, [7, 4, 2]),
            ("https://elsewhere.example/0", 7, [7, 0, 2]),
        ],
    )
    def test_status_reference(self, uri: str, index: int, item: CborValue) -> None:
        sample = make_sample(status=StatusReference(uri=uri, index=index))
        sample.ledger.bases[ISSUER] = (*BASES, "https://elsewhere.example/")
        assert packed_in(REFERENCED, sample.show("match"), sample.ledger)[10] == item

    def test_no_status_and_no_holder(self) -> None:
        definition = make_type({"title": {"type": "string"}}, {})
        sample = make_sample(definition, {"title": "T"}, status=None, paper=True)
        items = packed_in(REFERENCED, sample.credential, sample.ledger)
        assert items[9:11] == [None, None]
        assert items[11:13] == [b"", []]

    def test_live_audience_is_left_out(self, health: Sample) -> None:
        binding = packed_in(REFERENCED, health.show("match"), health.ledger)[14]
        assert isinstance(binding, list)
        assert binding[:2] == [86_400, bytes(range(16))]
        assert len(binding) == 3

    @pytest.mark.parametrize(("audience", "item"), [(VERIFIER, 57), ("x509_hash:abc", "x509_hash:abc")])
    def test_audience_of_a_challenge(self, health: Sample, audience: str, item: CborValue) -> None:
        binding = packed_in(REFERENCED, health.show("match", audience=audience), health.ledger)[14]
        assert isinstance(binding, list)
        assert binding[3] == item

    @pytest.mark.parametrize("colour", ["purple", 7, True, 1e21, ["green"], {"a": None}])
    def test_claim_that_its_type_does_not_allow(self, health: Sample, colour: JsonValue) -> None:
        packed_in(REFERENCED, resigned(health, {"colour": colour}), health.ledger)

    @pytest.mark.parametrize("nonce", ["not base64url!", "x", "AB", "QR"])
    def test_nonce_that_is_no_base64url(self, health: Sample, nonce: str) -> None:
        binding = packed_in(REFERENCED, health.show("match", nonce=nonce), health.ledger)[14]
        assert isinstance(binding, list)
        assert binding[1] == nonce

    def test_runs_of_digests_between_elements(self, certificate: Sample) -> None:
        nodes = packed_in(REFERENCED, certificate.show("modules.1"), certificate.ledger)[12]
        assert isinstance(nodes, list)
        (node,) = nodes
        assert isinstance(node, list)
        assert isinstance(node[2], list)
        kinds = [type(item) for item in node[2]]
        assert kinds == [bytes, list, bytes]


class TestPlainForm:
    """What has no short form is packed all the same."""

    def test_without_a_ledger(self, health: Sample) -> None:
        text = health.show("match")
        packed = pack(text, None)
        assert items_of(packed)[0] == PLAIN
        assert unpack(packed, None) == text

    @pytest.mark.parametrize(
        "changes",
        [
            {"sub": "did:example:person"},
            {"iss": VERIFIER},
            {"vct": "https://types.example/unknown"},
            {"iat": "soon"},
            {"_sd_alg": "sha-512"},
            {"cnf": {"kid": "did:example:holder#0"}},
            {"status": {"status_list": {"idx": 1, "uri": "https://elsewhere.example/1"}}},
            {"status": {"status_list": {"idx": 1, "uri": BASES[0] + "01"}}},
            {"status": {"status_list": {"idx": 1, "uri": BASES[0] + "1", "more": True}}},
            {"_sd": None},
        ],
    )
    def test_another_payload(self, health: Sample, changes: JsonObject) -> None:
        packed_in(REFERENCED, resigned(health), health.ledger)
        packed_in(PLAIN, resigned(health, changes), health.ledger)

    @pytest.mark.parametrize("changes", [{"typ": "vc+sd-jwt"}, {"kid": f"{ISSUER}#unknown"}, {"x5c": []}])
    def test_another_header(self, health: Sample, changes: JsonObject) -> None:
        packed_in(PLAIN, resigned(health, header=changes), health.ledger)

    def test_other_spelling_of_json(self, health: Sample) -> None:
        text = resigned(health)
        header, payload, signature = text.rstrip("~").split(".")
        spelled = encode_base64url(b" " + decode_part(payload))
        packed_in(PLAIN, f"{header}.{spelled}.{signature}~", health.ledger)

    def test_disclosures_in_another_order(self, health: Sample) -> None:
        jwt, *disclosures, _ = health.credential.split("~")
        packed_in(REFERENCED, "~".join((jwt, *disclosures, "")), health.ledger)
        packed_in(PLAIN, "~".join((jwt, *reversed(disclosures), "")), health.ledger)

    def test_disclosure_that_belongs_to_nothing(self, health: Sample) -> None:
        stray = encode_base64url(b'["c2FsdHNhbHRzYWx0c2FsdA","match",{}]')
        packed_in(PLAIN, f"{health.credential}{stray}~", health.ledger)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("identity", "in the clear"),
            ("identity", ["in the clear"]),
            ("identity", {"_sd": "no array"}),
            ("identity", {"_sd": [], "name": "in the clear"}),
            ("modules", "in the clear"),
            ("modules", {"_sd": []}),
            ("modules", 7),
            ("modules", None),
            ("modules", ["in the clear"]),
            ("modules", [{"title": "in the clear"}]),
            ("modules", [{"...": 1}]),
            ("modules", [{"...": "no digest"}]),
            ("title", "withheld though always shown"),
            ("unknown", 1),
        ],
    )
    def test_group_in_another_shape_than_its_types(
        self, certificate: Sample, name: str, value: JsonValue
    ) -> None:
        disclosure = make_disclosure(name, value, bytes(16))
        text = resigned(certificate, {"_sd": [disclosure.digest]}) + disclosure.encoded + "~"
        packed_in(PLAIN, text, certificate.ledger)

    def test_member_that_the_group_does_not_have(self, health: Sample) -> None:
        for name, mode in (("region", REFERENCED), ("unknown", PLAIN)):
            child = make_disclosure(name, "MO", bytes(16))
            parent = make_disclosure("identity", {"_sd": [child.digest]}, bytes(range(16)))
            text = resigned(health, {"_sd": [parent.digest]})
            packed_in(mode, f"{text}{parent.encoded}~{child.encoded}~", health.ledger)

    def test_type_whose_definition_is_not_held(self, health: Sample) -> None:
        ledger = Ledger(types=health.ledger.types)
        packed_in(PLAIN, health.show("match"), ledger)

    def test_key_binding_with_another_header(self, health: Sample) -> None:
        *parts, binding = health.show("match").split("~")
        payload = binding.split(".")[1]
        other = encode_base64url(b'{"alg":"ES256","kid":"0","typ":"kb+jwt"}')
        packed_in(PLAIN, "~".join((*parts, f"{other}.{payload}.{binding.split('.')[2]}")), health.ledger)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "a.b~",
        "YQ.YQ.YQ",
        "YQ.YQ.YQ~YR~",
        "YQ.YQ.YQ~Y Q~",
        "YQ.YQ.YQ=~",
        "YQ.YQ.YQ~~",
        "YQ.YQ.YQ~YQ.YQ",
        "javascript:alert(1)",
    ],
)
def test_no_sd_jwt_no_packing(text: str) -> None:
    assert pack("YQ.YQ.YQ~YQ~", Ledger())
    with pytest.raises(DecodeError):
        pack(text, Ledger())


def test_more_than_any_symbol_is_refused() -> None:
    assert pack("YQ.YQ.YQ~" + "YQ" * 1_900 + "~", None)
    with pytest.raises(LimitExceededError, match=r"\d+ bytes when packed"):
        pack("YQ.YQ.YQ~" + "YQ" * 2_000 + "~", None)


def decode_part(text: str) -> bytes:
    """Decode a part of a JWS."""
    return decode_base64url(text)


def resigned(sample: Sample, changes: JsonObject | None = None, header: JsonObject | None = None) -> str:
    """Return the credential without disclosures, some claims changed or (None) removed, signed anew."""
    payload = decode_json_object(decode_part(sample.credential.split(".")[1])) | (changes or {})
    payload = {name: value for name, value in payload.items() if value is not None}
    return sign_jws({"kid": KEY_ID, "typ": "dc+sd-jwt", **(header or {})}, payload, sample.issuer) + "~"


def test_encoding_is_deterministic(health: Sample) -> None:
    packed = pack(health.show("match"), health.ledger)
    assert encode_cbor(items_of(packed)) == packed

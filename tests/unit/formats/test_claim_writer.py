# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The fast way to write a credential gives, byte for byte, what the plain one gives. ISS-12, 13, 16."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice
from secrets import token_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from tests.unit.formats.samples import CERTIFICATE, HEALTH, KEY_ID, draft, without
from vcred.codec.base64url import decode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.draft import CredentialDraft
from vcred.credential.type_definition import GroupDisclosure, shipped_type
from vcred.credential.type_schema import properties_of
from vcred.formats.sd_jwt_vc.claim_writer import claim_writer, value_writer
from vcred.formats.sd_jwt_vc.issue import UnsignedCredential, sign_credential, write_credentials
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.software import SoftwareSigner
from vcred.securing.sd_jwt.disclosure import SALT_BYTES, Disclosure, digest_of, make_disclosure
from vcred.securing.sd_jwt.salts import draw_salts

TEXTS = st.text(max_size=8)
SCALARS: st.SearchStrategy[JsonValue] = st.one_of(
    TEXTS, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none()
)
MODULES = st.lists(st.fixed_dictionaries({"title": TEXTS, "mark": SCALARS}), max_size=4)


def seeded(seed: bytes) -> Callable[[int], bytes]:
    return lambda size: hashlib.shake_128(seed).digest(size)


def plain_salts(seed: bytes) -> Iterator[bytes]:
    data = seeded(seed)(16 * SALT_BYTES)
    yield from (data[start : start + SALT_BYTES] for start in range(0, len(data), SALT_BYTES))


class PlainWriter:
    """A draft written as the specification tells it: a tree of values, and one disclosure after the other."""

    def __init__(self, seed: bytes) -> None:
        self._salts = plain_salts(seed)
        self.drawn = 0
        self.disclosures: list[str] = []

    def salt(self) -> bytes:
        self.drawn += 1
        return next(self._salts)

    def disclose(self, name: str | None, value: JsonValue) -> Disclosure:
        return make_disclosure(name, value, self.salt())

    def decoy(self) -> str:
        return make_decoy(self.salt())

    def group(self, draft: CredentialDraft, name: str, disclosure: GroupDisclosure) -> str:
        if name not in draft.claims:
            return self.decoy()
        value, below = draft.claims[name], list[Disclosure]()
        if disclosure is GroupDisclosure.MEMBERS:
            assert isinstance(value, dict)
            below = [self.disclose(member, value[member]) for member in sorted(value)]
            known = properties_of(properties_of(draft.type_definition.schema)[name])
            decoys = [self.decoy() for _ in range(len(known) - len(value))]
            value = {"_sd": [*sorted([*(item.digest for item in below), *decoys])]}
        elif disclosure is GroupDisclosure.ELEMENTS:
            assert isinstance(value, list)
            below = [self.disclose(None, inner) for inner in value]
            value = [{"...": item.digest} for item in below]
        top = self.disclose(name, value)
        self.disclosures += [top.encoded, *(item.encoded for item in below)]
        return top.digest

    def payload(self, draft: CredentialDraft) -> JsonObject:
        definition = draft.type_definition
        digests = [self.group(draft, group.name, group.disclosure) for group in definition.groups]
        claims: JsonObject = {
            "iss": draft.issuer,
            "vct": draft.vct,
            "iat": draft.issued_at,
            "exp": draft.expires_at,
            "_sd": [*sorted(digests)],
            "_sd_alg": "sha-256",
        }
        if draft.holder_key is not None:
            claims["cnf"] = {"jwk": draft.holder_key.to_jwk()}
        if draft.status is not None:
            claims["status"] = draft.status.to_json()
        return claims | {name: draft.claims[name] for name in definition.always_shown}


def make_decoy(salt: bytes) -> str:
    return digest_of(make_disclosure(None, "", salt).salt)


def assert_same(draft: CredentialDraft, seed: bytes) -> UnsignedCredential:
    texts = claim_writer(draft.type_definition).write(draft.claims)
    # Another beside it makes no difference.
    plain = PlainWriter(seed)
    payload = plain.payload(draft)
    salts = chain(islice(draw_salts(seeded(seed)), plain.drawn), draw_salts(token_bytes))
    written, other = write_credentials([(draft, texts)] * 2, ES256, salts)
    assert set(written.disclosures).isdisjoint(other.disclosures)
    header, text = map(decode_base64url, written.signing_input.split("."))
    assert header == encode_jcs({"alg": "ES256", "kid": KEY_ID, "typ": "dc+sd-jwt"})
    assert text == encode_jcs(payload)
    assert written.disclosures == tuple(plain.disclosures)
    assert claim_writer(draft.type_definition).write(draft.claims).whole() == encode_jcs(draft.claims)
    return written


@settings(deadline=None)
@given(
    identity=st.dictionaries(
        st.sampled_from(["birth_date", "id_number", "id_type", "name", "name_latin", "region"]), SCALARS
    ),
    lacking=st.sets(st.sampled_from(["identity", "match", "test", "vaccination"])),
    doses=SCALARS,
    seed=st.binary(min_size=4, max_size=4),
)
def test_a_health_code(identity: JsonObject, lacking: set[str], doses: JsonValue, seed: bytes) -> None:
    claims: JsonObject = {**HEALTH, "identity": identity, "vaccination": {"doses": doses, "last": "x"}}
    kept = {name: value for name, value in claims.items() if name not in lacking}
    assert_same(draft(claims=kept), seed)


@settings(deadline=None)
@given(modules=MODULES, title=TEXTS, seed=st.binary(min_size=4, max_size=4))
def test_a_certificate(modules: list[JsonValue], title: str, seed: bytes) -> None:
    claims: JsonObject = {**CERTIFICATE, "modules": modules, "title": title}
    assert_same(draft("professional-certificate", claims), seed)


@settings(deadline=None)
@given(value=JSON_VALUES)
def test_a_value_of_another_shape_is_written_the_long_way(value: JsonValue) -> None:
    schema = shipped_type("health-code").schema
    plain = encode_jcs(value)
    for node in (schema, *properties_of(schema).values()):
        try:
            assert value_writer(node)(value).encode() == plain
        except ValueError as error:
            assert "control name" in str(error)


def test_a_member_that_the_type_does_not_know_is_not_lost() -> None:
    claims: JsonObject = {**HEALTH, "test": {"lab": "x", "nickname": "y"}}
    assert claim_writer(shipped_type("health-code")).write(claims).whole() == encode_jcs(claims)


def test_no_holder_and_no_status() -> None:
    paper = replace(shipped_type("health-code"), paper=True)
    assert_same(replace(draft(status=None), type_definition=paper, holder_key=None), b"seed")
    assert_same(draft(claims=without(HEALTH, "vaccination")), b"seed")


def test_it_is_signed_by_a_key_of_its_algorithm_only() -> None:
    unsigned = assert_same(draft(), b"seed")
    assert sign_credential(unsigned, SoftwareSigner.generate(ES256)).startswith(unsigned.signing_input)
    with pytest.raises(ValueError, match="another algorithm"):
        sign_credential(unsigned, SoftwareSigner.generate(EDDSA))

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Any credential of any type comes back from its packing, in the short form."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.qr.samples import CERTIFICATE_CLAIMS, ISSUED_AT, Sample, make_sample, make_type
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.credential.type_definition import TypeDefinition, shipped_type
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.qr.packing import pack, unpack
from vcred.securing.sd_jwt.disclosure import digest_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(
    lambda name: (
        name not in {"iss", "iat", "nbf", "exp", "cnf", "vct", "status", "sub", "aud", "jti", "nonce"}
    )
)
TIMES = st.integers(-62_135_000_000, 253_402_000_000)

Pair = tuple[JsonObject, st.SearchStrategy[JsonValue]]


def _objects(members: dict[str, Pair]) -> Pair:
    node: JsonObject = {
        "type": "object",
        "additionalProperties": False,
        "required": [],
        "properties": {name: inner for name, (inner, _) in members.items()},
    }
    values = st.fixed_dictionaries({}, optional={name: value for name, (_, value) in members.items()})
    return node, values.map(dict)


def _choices(choices: list[str]) -> Pair:
    return {"enum": [*choices]}, st.sampled_from(choices)


def _arrays(element: Pair) -> Pair:
    return {"type": "array", "items": element[0]}, st.lists(element[1], max_size=4).map(list)


LEAVES: st.SearchStrategy[Pair] = st.one_of(
    st.just(({"type": "string"}, TEXTS)),
    st.just(({"type": "integer"}, st.integers(-(2**53) + 1, 2**53 - 1))),
    st.just(({"type": "boolean"}, st.booleans())),
    st.just(({"type": "string", "format": "date"}, st.dates().map(str) | TEXTS)),
    st.just(
        (
            {"type": "string", "format": "date-time"},
            st.builds(
                lambda moment, zone: moment.isoformat(timespec="seconds") + zone,
                st.datetimes(),
                st.sampled_from(["Z", "+08:00", "-05:00", "+00:00"]),
            ),
        )
    ),
    st.lists(TEXTS, min_size=1, max_size=4, unique=True).map(_choices),
)
OBJECTS = st.dictionaries(NAMES, LEAVES, min_size=1, max_size=3).map(_objects)
NODES = LEAVES | OBJECTS | (LEAVES | OBJECTS).map(_arrays)


@dataclass(frozen=True)
class Case:
    """A type and claims of it."""

    definition: TypeDefinition
    claims: JsonObject


@st.composite
def cases(draw: st.DrawFn) -> Case:
    members = draw(st.dictionaries(NAMES, NODES, min_size=1, max_size=5))
    groups: dict[str, str] = {}
    for name, (node, _) in members.items():
        ways = [
            "shown",
            "whole",
            {"object": "members", "array": "elements"}.get(str(node.get("type")), "whole"),
        ]
        if (way := draw(st.sampled_from(ways))) != "shown":
            groups[name] = way
    definition = make_type(
        {name: node for name, (node, _) in members.items()},
        groups,
        utc_offset=draw(st.sampled_from(["+08:00", "+00:00", "-03:30"])),
    )
    claims = {
        name: draw(values)
        for name, (_, values) in members.items()
        if name not in groups or draw(st.booleans())
    }
    return Case(definition, claims)


@settings(max_examples=150, deadline=None)
@given(case=cases(), data=st.data())
def test_every_credential_comes_back(case: Case, data: st.DataObject) -> None:
    paper = data.draw(st.booleans())
    not_before = data.draw(st.none() | st.integers(0, 2 * ISSUED_AT))
    sample = make_sample(case.definition, case.claims, not_before=not_before, paper=paper)
    text = sample.credential
    if not paper:
        paths = sorted(set(open_credential(sample.credential).paths))
        text = sample.show(
            *data.draw(st.lists(st.sampled_from(paths), unique=True) if paths else st.just([]))
        )
    packed = pack(text, sample.ledger)
    assert packed[1] == 1
    assert unpack(packed, sample.ledger) == text
    assert unpack(pack(text, None), None) == text
    assert len(packed) < len(pack(text, None))


JSON_VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**53 - 1) | st.floats(-1e15, 1e15) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["_sd", "...", "jwk", "status_list", "idx", "uri", "name"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
HEALTH = make_sample()
CERTIFICATE = make_sample(shipped_type("professional-certificate"), CERTIFICATE_CLAIMS)
MEMBERS = [
    "_sd",
    "_sd_alg",
    "cnf",
    "exp",
    "iat",
    "iss",
    "nbf",
    "status",
    "vct",
    "colour",
    "title",
    "expires",
    "other",
]


def _json(text: str) -> JsonObject:
    return decode_json_object(decode_base64url(text))


def _jwt(header: JsonObject, payload: JsonObject) -> str:
    return ".".join((encode_base64url(encode_jcs(header)), encode_base64url(encode_jcs(payload)), "c2ln"))


@settings(max_examples=300, deadline=None)
@given(data=st.data(), sample=st.sampled_from([HEALTH, CERTIFICATE]))
def test_whatever_a_credential_says_comes_back(data: st.DataObject, sample: Sample) -> None:
    """A strange credential has one mode or the other; packing never fails on it."""
    header, payload, _ = sample.credential.split("~")[0].split(".")
    disclosures = sample.credential.split("~")[1:-1]
    named = st.sampled_from(["match", "identity", "modules", "name", "unknown"])
    for _ in range(data.draw(st.integers(0, 2))):
        array: JsonValue = [
            encode_base64url(data.draw(st.binary(max_size=17))),
            data.draw(named),
            data.draw(JSON_VALUES),
        ]
        disclosures.insert(data.draw(st.integers(0, len(disclosures))), encode_base64url(encode_jcs(array)))
    shown = _json(payload) | data.draw(st.dictionaries(st.sampled_from(MEMBERS), JSON_VALUES, max_size=2))
    if data.draw(st.booleans()):
        shown["_sd"] = [digest_of(disclosure) for disclosure in disclosures]
    binding = data.draw(
        st.dictionaries(st.sampled_from(["aud", "iat", "nonce", "sd_hash"]), JSON_VALUES, max_size=4)
    )
    tail = data.draw(st.sampled_from(["", _jwt({"alg": "ES256", "typ": "kb+jwt"}, binding)]))
    text = "~".join((_jwt(_json(header), shown), *disclosures, tail))
    assert unpack(pack(text, sample.ledger), sample.ledger) == text

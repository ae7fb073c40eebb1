# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Any credential of any type comes back from its packing, in the short form."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.qr.samples import ISSUED_AT, make_sample, make_type
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.type_definition import TypeDefinition
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.qr.packing import pack, unpack

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

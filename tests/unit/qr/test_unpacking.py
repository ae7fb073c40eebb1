# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a hostile code can say: each item out of its form is refused, and nothing changed verifies."""

import copy
import random
from collections.abc import Callable
from typing import ClassVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.qr.samples import (
    CERTIFICATE_CLAIMS,
    ISSUER,
    KEY_ID,
    OLD_KEY_ID,
    VERIFIER,
    Sample,
    make_sample,
    make_type,
)
from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.type_definition import shipped_type
from vcred.errors import DecodeError, LimitExceededError, RefusedError, SignatureError, VcredError
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.keys.algorithms import ALGORITHMS, EDDSA, ES256
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.qr.claim_codes import ChoiceCode
from vcred.qr.items import REFERENCED
from vcred.qr.packing import pack, unpack
from vcred.reasons import Reason
from vcred.securing.jws import verify_jws
from vcred.securing.sd_jwt.key_binding import verify_key_binding
from vcred.securing.sd_jwt.process import process

Items = list[CborValue]


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample()


@pytest.fixture(scope="module")
def packed(sample: Sample) -> bytes:
    return pack(sample.show("match", "identity.name", "identity.region"), sample.ledger)


@pytest.fixture
def items(packed: bytes) -> Items:
    return cast(Items, decode_cbor(packed, max_bytes=2900))


def verify(text: str, sample: Sample) -> None:
    """Check all that is signed or hashed in a presentation."""
    presentation = parse_presentation(text)
    verify_jws(presentation.issuer_jws, sample.issuer.public_key)
    process(presentation.payload, presentation.disclosures)
    if presentation.key_binding is None or presentation.holder_key is None:
        raise SignatureError("no key binding")
    verify_key_binding(
        presentation.key_binding, presentation.sd_jwt, key=presentation.holder_key, allowed=ALGORITHMS
    )


def reason_of(items: Items, sample: Sample) -> Reason | str:
    """Unpack what must be refused; return the reason."""
    with pytest.raises((RefusedError, DecodeError)) as caught:
        unpack(encode_cbor(items), sample.ledger)
    return caught.value.reason if isinstance(caught.value, RefusedError) else caught.value.code


def test_no_changed_byte_verifies(sample: Sample, packed: bytes) -> None:
    text = unpack(packed, sample.ledger)
    verify(text, sample)
    chance = random.Random(45)
    for place in range(len(packed)):
        for change in (1, 0x80, chance.randrange(1, 256)):
            changed = packed[:place] + bytes((packed[place] ^ change,)) + packed[place + 1 :]
            try:
                other = unpack(changed, sample.ledger)
            except (DecodeError, RefusedError):
                continue
            assert other != text
            assert pack(other, sample.ledger) == changed
            with pytest.raises(VcredError):
                verify(other, sample)


def test_no_shortened_or_lengthened_code_is_read(sample: Sample, packed: bytes) -> None:
    assert unpack(packed, sample.ledger)
    for size in range(len(packed)):
        with pytest.raises(DecodeError):
            unpack(packed[:size], sample.ledger)
    with pytest.raises(DecodeError):
        unpack(packed + b"\x00", sample.ledger)


# By place in the array; see docs/spec/qr.md section 3.
MODE, NETWORK, DID, KEY, TYPE, IAT, EXP, NBF, SHOWN, CNF, STATUS, DIGESTS, NODES, SIGNATURE, BINDING = range(
    15
)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (MODE, 2),
        (MODE, -1),
        (MODE, True),
        (MODE, None),
        (MODE, "VC1"),
        (NETWORK, b""),
        (NETWORK, bytes(9)),
        (NETWORK, "network"),
        (DID, -1),
        (DID, None),
        (DID, 40),
        (DID, 60),
        (DID, 2**53),
        (KEY, -1),
        (KEY, True),
        (TYPE, 41),
        (TYPE, b"60"),
        (IAT, None),
        (IAT, 2**53),
        (IAT, "1795100280"),
        (EXP, True),
        (EXP, 1_795_373_880),
        (EXP, 2**53),
        (NBF, False),
        (NBF, 2**63),
        (SHOWN, None),
        (SHOWN, [0, 1_795_373_880, None]),
        (SHOWN, [0, 1_795_373_880, 0]),
        (SHOWN, [0, None]),
        (SHOWN, {}),
        (CNF, b""),
        (CNF, bytes(31)),
        (CNF, bytes(65)),
        (CNF, "did:key"),
        (STATUS, -1),
        (STATUS, True),
        (STATUS, []),
        (STATUS, [7]),
        (STATUS, [7, 0]),
        (STATUS, [7, 1, 0]),
        (STATUS, [7, 1, 1]),
        (STATUS, [7, -1]),
        (STATUS, [7, 1, 1, 1]),
        (STATUS, [7, "1"]),
        (DIGESTS, None),
        (DIGESTS, bytes(33)),
        (DIGESTS, "digests"),
        (DIGESTS, b"\xff" * 32 + bytes(32)),
        (NODES, None),
        (NODES, [[]]),
        (NODES, [[b"salt"]]),
        (NODES, [[b"salt", 0, 0]]),
        (NODES, [[b"salt", 6, 0]]),
        (NODES, [[b"salt", -1, 0]]),
        (NODES, [[b"salt", 2, []], None]),
        (NODES, [["salt", 2, []]]),
        (NODES, [[b"salt", 2]]),
        (NODES, [[b"salt", 2, [], []]]),
        (NODES, [[b"salt", 1, b""]]),
        (NODES, [[b"salt", 1, None, []]]),
        (NODES, [[b"salt", 1, bytes(31), []]]),
        (NODES, [[b"salt", 1, b"", [[b"salt", 6, 0]]]]),
        (NODES, [[b"salt", 1, b"", [[b"salt", -1, 0]]]]),
        (NODES, [[b"salt", 1, b"", [[b"salt", 0]]]]),
        (SIGNATURE, None),
        (SIGNATURE, "signature"),
        (BINDING, []),
        (BINDING, [0, b"nonce"]),
        (BINDING, [0, "AQ", b""]),
        (BINDING, [0, None, b""]),
        (BINDING, [None, b"nonce", b""]),
        (BINDING, [2**53, b"nonce", b""]),
        (BINDING, [0, b"nonce", ""]),
        (BINDING, [0, b"nonce", b"", "greater-bay#live"]),
        (BINDING, [0, b"nonce", b"", VERIFIER]),
        (BINDING, [0, b"nonce", b"", 60]),
        (BINDING, [0, b"nonce", b"", None]),
        (BINDING, [0, b"nonce", b"", "a", "b"]),
    ],
)
def test_malformed_items(sample: Sample, items: Items, place: int, value: CborValue) -> None:
    assert unpack(encode_cbor(items), sample.ledger)
    items[place] = value
    assert reason_of(items, sample) == "malformed"


@pytest.mark.parametrize(
    "change", [lambda items: items.pop(), lambda items: items.append(None), lambda items: items.clear()]
)
def test_wrong_number_of_items(sample: Sample, items: Items, change: Callable[[Items], object]) -> None:
    assert unpack(encode_cbor(items), sample.ledger)
    change(items)
    assert reason_of(items, sample) == "malformed"


def test_binding_without_a_holder(sample: Sample, items: Items) -> None:
    assert unpack(encode_cbor(items), sample.ledger)
    items[CNF] = None
    assert reason_of(items, sample) == "malformed"


def test_disclosures_without_digests(sample: Sample, items: Items) -> None:
    bare = copy.deepcopy(items)
    bare[DIGESTS], bare[NODES] = None, []
    assert unpack(encode_cbor(bare), sample.ledger)
    bare[NODES] = items[NODES]
    assert reason_of(bare, sample) == "malformed"


def test_holder_key_off_its_curve(sample: Sample, items: Items) -> None:
    assert unpack(encode_cbor(items), sample.ledger)
    items[CNF] = b"\x02" + b"\xff" * 32
    assert reason_of(items, sample) is Reason.KEY_UNUSABLE


@pytest.mark.parametrize("size", [1, 2, 3])
def test_runs_of_digests_have_one_form(size: int) -> None:
    certificate = make_sample(shipped_type("professional-certificate"), CERTIFICATE_CLAIMS)
    items = cast(Items, decode_cbor(pack(certificate.show("modules"), certificate.ledger), max_bytes=2900))
    (node,) = cast(list[Items], items[NODES])
    good: Items = [bytes(32), *cast(Items, node[2])]
    node[2] = cast(CborValue, good)
    assert unpack(encode_cbor(items), certificate.ledger)
    bad: Items = [b"" if size == 1 else bytes(16) if size == 2 else b"\x01" * 32, *good]
    node[2] = cast(CborValue, bad)
    assert reason_of(items, certificate) == "malformed"


class TestDigestTwice:
    """RFC 9901 section 7.1 step 4, before it could hide which of two places is disclosed."""

    def test_among_the_withheld(self, sample: Sample, items: Items) -> None:
        first = cast(bytes, items[DIGESTS])[:32]
        assert unpack(encode_cbor(items), sample.ledger)
        items[DIGESTS] = first + cast(bytes, items[DIGESTS])
        assert reason_of(items, sample) is Reason.DISCLOSURE_INVALID

    def test_at_two_levels(self, sample: Sample, items: Items) -> None:
        nodes = cast(list[Items], items[NODES])
        assert unpack(encode_cbor(items), sample.ledger)
        items[DIGESTS] = cast(bytes, nodes[1][2])[:32]
        assert reason_of(items, sample) is Reason.DISCLOSURE_INVALID

    def test_one_disclosure_twice(self, sample: Sample, items: Items) -> None:
        nodes = cast(Items, items[NODES])
        assert unpack(encode_cbor(items), sample.ledger)
        items[NODES] = [nodes[0], nodes[0]]
        assert reason_of(items, sample) is Reason.DISCLOSURE_INVALID


class TestReferences:
    """A number to nowhere: news, another network, or a lie."""

    def test_another_network(self, sample: Sample, items: Items) -> None:
        assert unpack(encode_cbor(items), sample.ledger)
        items[NETWORK] = bytes(8)
        assert reason_of(items, sample) is Reason.ISSUER_UNKNOWN

    @pytest.mark.parametrize(
        ("place", "value"), [(DID, 300), (TYPE, 2**53 - 1), (KEY, 2), (STATUS, [7, 1, 2])]
    )
    def test_beyond_what_is_known(self, sample: Sample, items: Items, place: int, value: CborValue) -> None:
        assert unpack(encode_cbor(items), sample.ledger)
        items[place] = value
        assert reason_of(items, sample) is Reason.REFERENCE_UNKNOWN

    def test_audience_beyond_what_is_known(self, sample: Sample, items: Items) -> None:
        binding = cast(Items, items[BINDING])
        binding.append(57)
        assert unpack(encode_cbor(items), sample.ledger)
        binding[3] = 300
        assert reason_of(items, sample) is Reason.REFERENCE_UNKNOWN

    def test_smaller_ledger(self, sample: Sample, packed: bytes) -> None:
        ledger = copy.copy(sample.ledger)
        assert unpack(packed, ledger)
        ledger.size = 60
        with pytest.raises(RefusedError) as caught:
            unpack(packed, ledger)
        assert caught.value.reason is Reason.REFERENCE_UNKNOWN

    def test_no_ledger(self, sample: Sample, packed: bytes) -> None:
        assert unpack(packed, sample.ledger)
        with pytest.raises(RefusedError) as caught:
            unpack(packed, None)
        assert caught.value.reason is Reason.REFERENCE_UNKNOWN

    def test_type_without_its_definition(self, sample: Sample, packed: bytes) -> None:
        ledger = copy.copy(sample.ledger)
        assert unpack(packed, ledger)
        ledger.definitions = {}
        with pytest.raises(RefusedError) as caught:
            unpack(packed, ledger)
        assert caught.value.reason is Reason.TYPE_UNKNOWN

    def test_second_number_of_one_thing(self, sample: Sample, packed: bytes, items: Items) -> None:
        ledger = copy.deepcopy(sample.ledger)
        assert unpack(packed, ledger)
        ledger.types[90] = ledger.types[60]
        items[TYPE] = 90
        with pytest.raises(DecodeError):
            unpack(encode_cbor(items), ledger)

    def test_second_number_of_one_key(self, sample: Sample, packed: bytes, items: Items) -> None:
        ledger = copy.deepcopy(sample.ledger)
        ledger.keys[ISSUER] = [(OLD_KEY_ID, EDDSA), (KEY_ID, ES256), (KEY_ID, ES256)]
        assert unpack(packed, ledger)
        items[KEY] = 2
        with pytest.raises(DecodeError):
            unpack(encode_cbor(items), ledger)


class TestPlainForm:
    """Mode 0."""

    GOOD: ClassVar[Items] = [0, b"h", b"p", b"s", [b"d"], [b"h", b"p", b"s"]]

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            (1, None),
            (2, "p"),
            (3, 1),
            (4, None),
            (4, [b""]),
            (4, ["d"]),
            (5, []),
            (5, [b"h", b"p"]),
            (5, b"hps"),
        ],
    )
    def test_malformed_items(self, place: int, value: CborValue) -> None:
        assert unpack(encode_cbor(self.GOOD), None) == "aA.cA.cw~ZA~aA.cA.cw"
        with pytest.raises(DecodeError):
            unpack(encode_cbor([*self.GOOD[:place], value, *self.GOOD[place + 1 :]]), None)

    def test_wrong_number_of_items(self) -> None:
        for items in (self.GOOD[:5], [*self.GOOD, None]):
            with pytest.raises(DecodeError):
                unpack(encode_cbor(items), None)


@pytest.mark.parametrize(
    ("case", "data", "error"),
    [
        ("nothing", "", DecodeError),
        ("CBR-01 duplicate key", "a2000000 00", DecodeError),
        ("CBR-02 depth 17", "81" * 17 + "00", LimitExceededError),
        ("CBR-02 depth 2000", "81" * 2000 + "00", LimitExceededError),
        ("CBR-03 array of 2**63 - 1", "9b7fffffffffffffff", LimitExceededError),
        ("CBR-03 bytes of 2**63 - 1", "5b7fffffffffffffff", LimitExceededError),
        ("CBR-05 long integer", "8618 00 4168 4170 4173 80 f6", DecodeError),
        ("CBR-06 tag", "86c000 4168 4170 4173 80 f6", DecodeError),
        ("CBR-06 shared reference", "d81c81d81d00", DecodeError),
        ("CBR-07 trailing byte", "8600 4168 4170 4173 80 f6 00", DecodeError),
        ("float", "86f90000 4168 4170 4173 80 f6", DecodeError),
        ("indefinite", "9f00 4168 4170 4173 80 f6 ff", DecodeError),
        ("undefined", "8600 4168 4170 4173 80 f7", DecodeError),
        ("too long", "00" * 2901, LimitExceededError),
        ("an integer", "00", DecodeError),
        ("a map", "a10000", DecodeError),
    ],
)
def test_no_deterministic_cbor(case: str, data: str, error: type[DecodeError]) -> None:
    assert unpack(bytes.fromhex("8600 4168 4170 4173 80 f6"), None) == "aA.cA.cw~"
    with pytest.raises(error):
        unpack(bytes.fromhex(data), None)


def test_messages_hold_no_claims(sample: Sample, items: Items) -> None:
    shown = cast(Items, items[SHOWN])
    shown[0] = "secret" * 3
    assert unpack(encode_cbor(items), sample.ledger)
    shown[0] = "secret\0"
    with pytest.raises(DecodeError) as caught:
        unpack(encode_cbor(items), sample.ledger)
    assert "secret" not in str(caught.value)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 70)
    | st.integers(-(2**64), 2**64 - 1)
    | st.text(max_size=4)
    | st.binary(max_size=4)
    | st.sampled_from(
        [bytes(32), b"null", b"[1]", b'"green"', bytes(range(64)), ISSUER, KEY_ID, "AQ", "1970-01-01"]
    )
)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=6)


def _change(items: Items, data: st.DataObject) -> None:
    """Put another item somewhere, take one away, double one, or swap two."""
    place = items
    while True:
        lists = [item for item in place if isinstance(item, list) and item]
        if not lists or data.draw(st.booleans()):
            break
        place = data.draw(st.sampled_from(lists))
    index = data.draw(st.integers(0, len(place) - 1))
    kind = data.draw(st.integers(0, 3))
    if kind == 0:
        place[index] = cast(CborValue, data.draw(TREES))
    elif kind == 1:
        place.pop(index)
    elif kind == 2:
        place.insert(index, copy.deepcopy(place[data.draw(st.integers(0, len(place) - 1))]))
    else:
        other = data.draw(st.integers(0, len(place) - 1))
        place[index], place[other] = place[other], place[index]


@settings(max_examples=400)
@given(st.data())
def test_one_form_for_each_text(data: st.DataObject) -> None:
    """Whatever is unpacked from a changed code packs to the same bytes again."""
    sample, packed = data.draw(st.sampled_from(CODES))
    items = cast(Items, decode_cbor(packed, max_bytes=2900))
    for _ in range(data.draw(st.integers(1, 3))):
        if items:
            _change(items, data)
    try:
        changed = encode_cbor(items)
        text = unpack(changed, sample.ledger)
    except (DecodeError, RefusedError, ValueError):
        return
    if changed[1] == 1:
        assert pack(text, sample.ledger) == changed
    else:
        assert pack(text, None) == changed


def _codes() -> list[tuple[Sample, bytes]]:
    health = make_sample()
    certificate = make_sample(shipped_type("professional-certificate"), CERTIFICATE_CLAIMS, algorithm=EDDSA)
    shown = [
        (health, health.show("match", "test")),
        (health, health.show("identity", audience=VERIFIER)),
        (certificate, certificate.show("modules.0", "modules.2", "award")),
    ]
    return [(sample, pack(text, sample.ledger)) for sample, text in shown] + [
        (health, pack(shown[0][1], None))
    ]


CODES = _codes()


@settings(max_examples=500)
@given(st.binary(max_size=64) | TREES.map(lambda item: _encoded(cast(CborValue, item))))
def test_noise_is_a_text_or_refused(data: bytes) -> None:
    try:
        assert isinstance(unpack(data, CODES[0][0].ledger), str)
    except (DecodeError, RefusedError):
        return


def _encoded(item: CborValue) -> bytes:
    try:
        return encode_cbor(item)
    except ValueError:
        return b""


# A code that stands for more than a presentation may be.

LONG = "x" * 256
LIST: JsonObject = {"type": "array", "items": {"const": LONG}}
PERSON: JsonObject = {
    "type": "object",
    "additionalProperties": False,
    "required": [],
    "properties": {f"p{n:02}": {"const": LONG} for n in range(64)},
}


@pytest.mark.parametrize(
    ("properties", "groups", "few", "many"),
    [
        ({"list": LIST}, {"list": "whole"}, [LONG] * 30, [0] * 1_500),
        ({"list": LIST}, {}, [LONG] * 30, [0] * 1_500),
        ({"list": {"type": "array", "items": LIST}}, {"list": "whole"}, [[LONG]] * 9, [[0] * 99] * 15),
        (
            {"list": {"type": "array", "items": PERSON}},
            {"list": "whole"},
            [{"p00": LONG}] * 2,
            [[0] * 64] * 20,
        ),
    ],
    ids=["withheld", "shown", "in lists", "in objects"],
)
def test_a_code_does_not_stand_for_more_than_a_presentation(
    properties: JsonObject,
    groups: dict[str, str],
    few: JsonValue,
    many: Items,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample = make_sample(make_type(properties, groups), {"list": few})
    text = sample.show(*groups)
    packed = pack(text, sample.ledger)
    items = cast(Items, decode_cbor(packed, max_bytes=2900))
    assert items[0] == REFERENCED
    assert unpack(packed, sample.ledger) == text

    if groups:
        node = cast(Items, cast(Items, items[12])[0])
        node[2] = [*many]
    else:
        items[8] = [[*many]]
    written: list[int] = []
    real = ChoiceCode.expand

    def counting(self: ChoiceCode, item: CborValue) -> str:
        choice = real(self, item)
        written.append(len(choice))
        return choice

    monkeypatch.setattr(ChoiceCode, "expand", counting)
    assert reason_of(items, sample) == "limit_exceeded"
    # 1,500 choices would be 387,000 characters: not even these were written.
    assert sum(written) <= 2 * MAX_PRESENTATION_BYTES


def test_many_disclosures_do_not_stand_for_more_than_a_presentation() -> None:
    list_of_lists: JsonObject = {"type": "array", "items": LIST}
    sample = make_sample(make_type({"list": list_of_lists}, {"list": "elements"}), {"list": [[LONG]] * 3})
    text = sample.show("list.0", "list.1", "list.2")
    packed = pack(text, sample.ledger)
    items = cast(Items, decode_cbor(packed, max_bytes=2900))
    assert items[0] == REFERENCED
    assert unpack(packed, sample.ledger) == text
    node = cast(Items, cast(Items, items[12])[0])
    elements = cast(list[Items], node[2])
    # One of 43,000 characters in base64url is below the limit, three are not.
    elements[0][1] = [0] * 125
    assert len(unpack(encode_cbor(items), sample.ledger)) > 43_000
    for element in elements:
        element[1] = [0] * 125
    assert reason_of(items, sample) == "limit_exceeded"

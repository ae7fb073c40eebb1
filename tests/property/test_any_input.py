# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Any text gives a report, never an exception; and what no issuer signed is never accepted."""

import string
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tools.verifier_vectors.editable import Editable

from tests.seeded_keys import SeededKeys
from tests.vectors_read import by_id
from tests.world import START, World, make_world
from vcred.codec.cbor import decode_cbor, encode_cbor
from vcred.codec.json_types import JsonObject
from vcred.credential.presentation import Binding
from vcred.did.operations import Purpose
from vcred.limits import MAX_JSON_INTEGER
from vcred.qr.frame import PREFIX, decode_text, encode_text
from vcred.verifier.policy import AnyOf, ClaimIn, HasClaims, Policy
from vcred.verifier.report import Axis, CheckStatus, Decision, VerificationReport

EXAMPLES = settings(max_examples=300, deadline=None)
GOOD = [v["presentation"] for v in by_id().values() if v["expect"] == "accepted"]
BASE45 = string.digits + string.ascii_uppercase + " $%*+-./:"

JSON_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_JSON_INTEGER, MAX_JSON_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False, width=16)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
)
NAMES = "_sd ... _sd_alg iss iat nbf exp vct cnf jwk status status_list idx uri match name colour kty crv x y"
JSON_NAMES = st.sampled_from([*NAMES.split(), *["aud", "nonce", "sd_hash", "alg", "typ", "kid"]]) | st.text(
    string.ascii_letters, max_size=3
)
JSON = st.recursive(
    JSON_SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JSON_NAMES, inner, max_size=4),
    max_leaves=12,
)
CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=16),
    max_leaves=40,
)


@cache
def world() -> World:
    return make_world(SeededKeys("any input"))


@cache
def shown() -> str:
    place = world()
    place.random_bytes = SeededKeys("any input").random_bytes("shown")
    return place.show()


def judge(text: str) -> VerificationReport:
    """Ask, and look at what every report must be."""
    place = world()
    rule = AnyOf((HasClaims(("match", "modules.0", "colour.x")), ClaimIn("colour", ("green",))))
    bindings = frozenset(Binding)
    policy: Policy = place.policy(rule=rule, bindings=bindings)
    report = place.evaluate(text, policy=policy)
    statuses = {check.status for check in report.checks}
    if report.decision is Decision.ACCEPTED:
        assert statuses == {CheckStatus.PASSED}
        assert {report.axes.authentic, report.axes.authorised, report.axes.current} == {Axis.YES}
        assert report.require().issuer
    else:
        assert report.reasons
    return report


@given(st.text())
@example("")
@example("~")
@example("VC1:")
@example("\ud800~")
@example("..~..")
@EXAMPLES
def test_any_text(text: str) -> None:
    assert judge(text).decision is not Decision.ACCEPTED


@given(st.text("~._-AZaz09{}\"':,[]\0\n", max_size=200))
@EXAMPLES
def test_text_of_the_right_characters(text: str) -> None:
    assert judge(text).decision is not Decision.ACCEPTED


@given(st.text(BASE45, max_size=200))
@EXAMPLES
def test_any_code(text: str) -> None:
    assert judge(PREFIX + text).decision is not Decision.ACCEPTED


@given(st.binary(max_size=300))
@EXAMPLES
def test_any_packed_bytes(data: bytes) -> None:
    assert judge(encode_text(data)).decision is not Decision.ACCEPTED


@given(st.lists(CBOR, max_size=16), st.sampled_from([0, 1, 2]))
@EXAMPLES
def test_any_packed_items(items: list[object], mode: int) -> None:
    assert judge(encode_text(encode_cbor([mode, *items]))).decision is not Decision.ACCEPTED


@given(st.data())
@EXAMPLES
def test_one_item_of_a_good_code_is_anything(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from([text for text in GOOD if text.startswith(PREFIX)]))
    items = decode_cbor(decode_text(good), max_bytes=10_000)
    assert isinstance(items, list)
    items[data.draw(st.integers(0, len(items) - 1))] = data.draw(CBOR)
    judge(encode_text(encode_cbor(items)))


@given(st.data())
@EXAMPLES
def test_pieces_of_good_presentations(data: st.DataObject) -> None:
    """Cut at the joints, and put together in any order."""
    parts = [part for text in GOOD if "~" in text for part in text.split("~")]
    chosen = data.draw(st.lists(st.sampled_from(parts), max_size=6))
    assert judge("~".join(chosen)).decision is not Decision.ACCEPTED


@given(
    header=st.dictionaries(JSON_NAMES, JSON, max_size=3),
    payload=st.dictionaries(JSON_NAMES, JSON, max_size=6),
)
@EXAMPLES
def test_whatever_an_issuer_signs(header: JsonObject, payload: JsonObject) -> None:
    """A mad issuer: any claims over the good ones, rightly signed, shown by the holder."""
    parts = _parts()
    parts.header.update({name: header[name] for name in header if name not in {"alg", "typ", "kid"}})
    parts.payload.update(payload)
    judge(parts.text())


@given(st.lists(JSON, max_size=4), st.booleans())
@EXAMPLES
def test_whatever_an_issuer_discloses(values: list[object], referred: bool) -> None:
    """Any JSON for a disclosure, which a digest refers to or not."""
    parts = _parts()
    for value in values:
        before = list(parts.payload["_sd"])  # type: ignore[arg-type,call-overload]
        parts.add_disclosure(value)  # type: ignore[arg-type]
        if not referred:
            parts.payload["_sd"] = before
    judge(parts.text())


@given(st.dictionaries(JSON_NAMES, JSON, max_size=5), st.dictionaries(JSON_NAMES, JSON, max_size=2))
@EXAMPLES
def test_whatever_a_holder_signs(binding: JsonObject, header: JsonObject) -> None:
    parts = _parts()
    assert parts.binding is not None
    parts.binding.update(binding)
    parts.binding_header.update(header)
    judge(parts.text())


@given(st.integers(0, 30_000), st.binary(min_size=1, max_size=12))
@EXAMPLES
def test_bytes_anywhere_in_the_signed_json(position: int, junk: bytes) -> None:
    """Junk in the issuer's JSON, rightly signed: what parsers of the same text disagree about."""
    parts = _parts()
    parts.rewrites["payload"] = lambda data: (
        data[: position % len(data)] + junk + data[position % len(data) :]
    )
    judge(parts.text())


@given(st.integers(0, 250_000_000_000) | st.integers(-90, 90).map(lambda age: int(START.timestamp()) + age))
@EXAMPLES
def test_any_time(seconds: int) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    report = world().evaluate(shown(), now=now)
    inside = START - timedelta(seconds=30) <= now < START + timedelta(seconds=61)
    assert (report.decision is Decision.ACCEPTED) == inside


def _parts() -> Editable:
    place = world()
    issuer = place.issuer.signer(Purpose.ASSERTION)
    return Editable.open(shown(), issuer=issuer, holder=place.holder)


def test_the_good_one_is_accepted() -> None:
    assert judge(shown()).decision is Decision.ACCEPTED
    assert judge(_parts().text()).decision is Decision.ACCEPTED

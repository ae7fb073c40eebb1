# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who asks, by the ledger: what wallets are told, and what a belief that knows less makes of it."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.organisation import Organisation
from tests.world import START, World, make_world
from vcred.codec.base45 import decode_base45, encode_base45
from vcred.credential.request import PresentationRequest
from vcred.did.operations import Purpose
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.keys.algorithms import ES256
from vcred.ledger.entries import Kind
from vcred.qr.request_text import encode_request
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.verifier.asking import AskedRequest, Standing, excess_claims, read_request
from vcred.verifier.request_token import parse_request, sign_request

PURPOSE = {"en": "Entry to the hospital", "pt": "Entrada no hospital"}
AT = int(START.timestamp())


def request(world: World, by: Organisation | None = None, **changes: object) -> PresentationRequest:
    members: dict[str, object] = {
        "audience": (by or world.mo_issuer).did,
        "nonce": "dGhlIG5vbmNlIG9mIHRoaXM",
        "type": world.vct,
        "claims": ("match",),
        "purpose": PURPOSE["en"],
        "issued_at": AT,
        "expires_at": AT + 300,
    }
    return PresentationRequest(**(members | changes))  # type: ignore[arg-type]


def signed(world: World, by: Organisation | None = None, **changes: object) -> str:
    asker = by or world.mo_issuer
    return sign_request(
        request(world, asker, **changes),
        network_id=world.state.require_network().id,
        key_id=asker.key_id(Purpose.AUTHENTICATION),
        signer=asker.signer(Purpose.AUTHENTICATION),
    )


def read(world: World, text: str, *, belief: Belief | None = None, now: datetime = START) -> AskedRequest:
    known = belief or world.belief()
    return read_request(text, belief=known, network_id=known.network_id, now=now)


@pytest.fixture
def world() -> World:
    """Where the hospital of Macao is registered for match and test."""
    world = make_world()
    until = AT + 86_400
    world.register(
        world.mo, world.mo_issuer, world.vct, claims=("match", "test"), purpose=PURPOSE, until=until
    )
    return world


def refusal(text: str, world: World, **more: object) -> tuple[Reason, str]:
    with pytest.raises(RefusedError) as caught:
        read(world, text, **more)  # type: ignore[arg-type]
    return caught.value.reason, str(caught.value)


def test_everything_that_a_wallet_shows(world: World) -> None:
    asked = read(world, signed(world))
    assert asked.request == request(world)
    assert (asked.standing, asked.is_signature_verified) == (Standing.REGISTERED, True)
    assert (asked.excess, asked.is_purpose_registered) == ((), True)
    assert asked.name == {"en": "Macao Health"}
    found = asked.registration
    assert found is not None
    assert (found.authority, found.authority_name) == (world.mo.did, {"en": "Macao Authority"})
    assert (found.jurisdiction, found.jurisdiction_name) == ("MO", {"en": "Macao", "zh-Hant": "澳門"})
    assert (found.claims, found.purpose, found.until) == (("match", "test"), PURPOSE, AT + 86_400)
    assert asked.trust_as_of == AT


def test_both_forms_are_the_same_request(world: World) -> None:
    text = signed(world)
    code = encode_request(text)
    assert read(world, code) == read(world, text) == read(world, f" {code}\r\n")
    assert read(world, code).text == text


def test_the_name_comes_from_the_ledger_and_only_of_the_registered(world: World) -> None:
    """WAL-09. An organisation that is on the ledger and may not ask is no more than unknown."""
    asked = read(world, signed(world, world.issuer))
    assert (asked.standing, asked.name, asked.registration) == (Standing.UNKNOWN, {}, None)
    assert (asked.is_signature_verified, asked.excess) == (True, ("match",))


def test_a_wallet_without_a_bundle_knows_nobody(world: World) -> None:
    text, network_id = signed(world), world.state.require_network().id
    asked = read_request(text, belief=None, network_id=network_id, now=START)
    assert (asked.standing, asked.is_signature_verified, asked.name) == (Standing.UNKNOWN, False, {})
    assert (asked.excess, asked.trust_as_of) == (("match",), None)
    assert read(world, text).standing is Standing.REGISTERED
    with pytest.raises(RefusedError) as caught:
        read_request(text, belief=None, network_id="9" * 44, now=START)
    assert caught.value.reason is Reason.REQUEST_INVALID


def test_what_cannot_be_judged_may_be_the_withdrawal(world: World) -> None:
    """An entry of a later version, or a floor above what is held: nobody is registered then."""
    text, belief = signed(world), world.belief()
    assert read(world, text, belief=belief).standing is Standing.REGISTERED
    for less in (
        replace(belief, state=replace(belief.state, unsupported=True)),
        replace(belief, is_below_floor=True),
    ):
        assert read(world, text, belief=less).standing is Standing.UNKNOWN


def test_a_registration_ends_with_its_withdrawal(world: World) -> None:
    (entry,) = world.state.registrations
    assert read(world, signed(world)).standing is Standing.REGISTERED
    world.withdraw(world.mo, Kind.VERIFIER_WITHDRAW, entry, "void")
    world.import_bundle()
    assert read(world, signed(world)).standing is Standing.UNKNOWN


def test_a_did_that_has_ended_does_not_ask(world: World) -> None:
    """VP-14. Nor does a key that was taken away."""
    hospital = world.mo_issuer
    text = signed(world, issued_at=AT + 60, expires_at=AT + 120)
    later = datetime.fromtimestamp(AT + 60, START.tzinfo)
    assert read(world, text, now=later).standing is Standing.REGISTERED
    world.later(seconds=30)
    world.deactivate(hospital)
    world.import_bundle()
    assert refusal(text, world, now=later)[0] is Reason.REQUEST_INVALID


@pytest.mark.parametrize(("seconds", "reason"), [(0, None), (299, None), (300, Reason.REQUEST_EXPIRED)])
def test_its_time(world: World, seconds: int, reason: Reason | None) -> None:
    now = datetime.fromtimestamp(AT + seconds, START.tzinfo)
    if reason is None:
        assert read(world, signed(world), now=now)
    else:
        assert refusal(signed(world), world, now=now)[0] is reason


def test_a_signature_that_is_wrong_is_not_merely_unknown(world: World) -> None:
    """A forger who takes a registered name is stopped, not shown."""
    good = signed(world)
    header, payload, _ = good.split(".")
    other = signed(world, purpose="Another")
    forged = f"{header}.{payload}.{other.rpartition('.')[2]}"
    assert read(world, good).standing is Standing.REGISTERED
    reason, words = refusal(forged, world)
    assert (reason, words) == (Reason.REQUEST_INVALID, "request: the asker's key did not sign it")


def test_what_no_wallet_would_read_is_not_signed(world: World) -> None:
    assert signed(world)
    for changes in ({"purpose": "two\nlines"}, {"claims": ("Match",)}, {"expires_at": AT + 301}):
        with pytest.raises(RefusedError) as caught:
            signed(world, **changes)
        assert caught.value.reason is Reason.REQUEST_INVALID
    with pytest.raises(LimitExceededError):
        signed(world, purpose="進" * 200, claims=tuple(f"identity.claim_{n:02}" for n in range(32)))


def test_a_stranger_is_read_and_unknown(world: World) -> None:
    stranger = world.fork().join("Stranger", {Purpose.AUTHENTICATION: ES256}, sponsor=world.mo)
    asked = read(world, signed(world, stranger))
    assert (asked.standing, asked.is_signature_verified) == (Standing.UNKNOWN, False)


def test_now_has_a_zone(world: World) -> None:
    with pytest.raises(ValueError, match="aware"):
        read(world, signed(world), now=START.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("asked", "registered", "excess"),
    [
        (("match",), ("match",), ()),
        (("match.name",), ("match",), ()),
        (("match",), ("match.name",), ("match",)),
        (("matching",), ("match",), ("matching",)),
        (("modules.0", "modules.10"), ("modules.1",), ("modules.0", "modules.10")),
        (("colour", "match"), (), ("match",)),
        (("match", "test"), ("test",), ("match",)),
    ],
)
def test_what_a_registration_covers(
    asked: tuple[str, ...], registered: tuple[str, ...], excess: tuple[str, ...]
) -> None:
    assert excess_claims(asked, registered, always_shown=("colour",)) == excess


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_one_byte_changed_is_never_a_registered_asker(data: st.DataObject) -> None:
    """VP-14. Refused, or of somebody whom nobody knows; the name of the registered is never shown."""
    good = decode_base45(_GOOD.removeprefix("VQ1:"))
    place = data.draw(st.integers(0, len(good) - 1))
    octet = data.draw(st.integers(0, 255).filter(lambda value: value != good[place]))
    changed = good[:place] + bytes((octet,)) + good[place + 1 :]
    assert read(_WORLD, _GOOD).standing is Standing.REGISTERED
    try:
        asked = read(_WORLD, "VQ1:" + encode_base45(changed))
    except (DecodeError, RefusedError):
        return
    assert (asked.standing, asked.name, asked.is_signature_verified) == (Standing.UNKNOWN, {}, False)


@given(st.text(max_size=80) | st.text("eyJ.-_VQ1:+ABCabc019", max_size=120))
@settings(max_examples=400, deadline=None)
def test_any_text_is_refused_in_a_typed_way(text: str) -> None:
    world = _WORLD
    with pytest.raises((DecodeError, RefusedError)):
        read_request(text, belief=None, network_id=world.state.require_network().id, now=START)
    with pytest.raises((LimitExceededError, RefusedError)):
        parse_request(text)


_WORLD = make_world()
_WORLD.register(_WORLD.mo, _WORLD.mo_issuer, _WORLD.vct, purpose=PURPOSE)
_GOOD = encode_request(signed(_WORLD))

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who asks, what for, and by what right: all that a wallet shows before anybody agrees.

    text -> JWS -> form -> signature, by the ledger -> network -> time -> standing

A request that is wrong is refused, and a wallet stops there. One that is only unknown is read and
says so: default No. The asker's name comes from the ledger and never from the request. Nothing here
asks the clock, and nothing decides for the holder.

Spec: docs/spec/requests.md sections 4 and 5; threats: VP-14, WAL-09, QR-09.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.credential.request import PresentationRequest
from vcred.did.operations import Purpose
from vcred.errors import RefusedError, SignatureError
from vcred.ledger.state import Registration
from vcred.limits import DEFAULT_CLOCK_SKEW
from vcred.reasons import Reason
from vcred.securing.jws import verify_jws
from vcred.trust.belief import Belief
from vcred.verifier.request_token import UnverifiedRequest, invalid, parse_request

_SKEW: Final = int(DEFAULT_CLOCK_SKEW.total_seconds())
_CODE_MARK: Final = ":"


class Standing(StrEnum):
    """What the ledger says of an asker."""

    REGISTERED = "registered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The registration that counts for a request: who vouches for the asker, for what, until when.

    Names and purpose are by language ("en", "zh-Hans", "zh-Hant", "pt"), at least one of them, as
    the ledger has them: shown sanitised. `until` is a NumericDate, None where no end is said.
    """

    authority: str
    authority_name: Mapping[str, str]
    jurisdiction: str
    jurisdiction_name: Mapping[str, str]
    claims: tuple[str, ...]
    purpose: Mapping[str, str]
    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRequest:
    """A request as a wallet shows it. It was not refused; that alone is no reason to agree.

    Attributes:
        request: What is asked; `type` is a `vct`, `purpose` the asker's own words.
        text: The compact JWS.
        is_signature_verified: Whether the key of the DID has signed it. False where the ledger that
            is held does not have the DID: then anybody may have written it.
        standing: What the ledger says of the asker, for this type.
        name: Of the organisation, by language; empty unless registered.
        registration: None unless registered.
        excess: Asked claims beyond the registration, as they are asked; of an unknown asker all.
            Claims that the type always shows are in no choice, and never among them.
        is_purpose_registered: Whether the asked purpose is, in some language, the registered one.
        trust_as_of: NumericDate as of which the ledger is known here; None without a bundle.
    """

    request: PresentationRequest
    text: str = field(repr=False)
    is_signature_verified: bool
    standing: Standing
    name: Mapping[str, str]
    registration: Registered | None
    excess: tuple[str, ...]
    is_purpose_registered: bool
    trust_as_of: int | None


def read_request(text: str, *, belief: Belief | None, network_id: str, now: datetime) -> AskedRequest:
    """Read what a gate shows, and say who asks.

    Args:
        text: "VQ1:..." as a code holds it, or the compact JWS; white space around it is ignored.
        belief: The ledger as it is known here; None if no bundle is held: everybody is unknown then.
        network_id: Of the wallet's own network.
        now: Timezone-aware.

    Raises:
        LimitExceededError: Longer than a request is.
        DecodeError: Neither a code of a request nor a JWS.
        RefusedError: REQUEST_INVALID: its form, its signature, a key that may not ask, another
            network, or dated in the future. REQUEST_EXPIRED: it is over.
        ValueError: `now` has no time zone. The caller's mistake.

    Spec: docs/spec/requests.md section 4.
    """
    if now.utcoffset() is None:
        raise ValueError("now must be timezone-aware")
    at = (now - _EPOCH) // timedelta(seconds=1)
    parsed = parse_request(open_text(text))
    is_verified = check_signature(parsed, belief, network_id=network_id)
    request = parsed.request
    if request.issued_at > at + _SKEW:
        raise invalid("it is dated in the future", hint="is the clock right, here and at the gate?")
    if at >= request.expires_at:
        raise RefusedError(
            Reason.REQUEST_EXPIRED, "the request has expired", hint="ask the verifier for a new one"
        )
    return _judge(parsed, belief if is_verified else None, trust=belief)


def open_text(text: str) -> str:
    """Return the compact JWS of a request in either of its forms.

    Raises:
        LimitExceededError: Longer than any code.
        DecodeError: It has a colon, as codes have, and is none of a request.
    """
    bare = text.strip()
    if _CODE_MARK not in bare:
        return bare
    # Here, because a gate that is handed a request as text reads no codes.
    from vcred.qr.request_text import decode_request

    return decode_request(bare)


def check_signature(parsed: UnverifiedRequest, belief: Belief | None, *, network_id: str) -> bool:
    """Verify a request by the key that the ledger has for its asker.

    Returns:
        False where the ledger does not have the asker, or none is held: then nothing is known.

    Raises:
        RefusedError: REQUEST_INVALID: another network; or the asker is on the ledger, and the key is
            not theirs for this, at that time, or has not signed this.

    Spec: docs/spec/requests.md section 4 steps 3 to 5.
    """
    if parsed.network != network_id:
        raise invalid("it is of another network")
    did, at = parsed.request.audience, parsed.request.issued_at
    if belief is None or belief.organisation(did) is None:
        return False
    method = belief.method(did, parsed.key_id)
    if method is None:
        raise invalid("the asker has no such key", hint="import a newer trust bundle, if the key is new")
    if method.purpose is not Purpose.AUTHENTICATION:
        raise invalid(f"the key is for {method.purpose} only")
    if not method.in_force(at) or method.is_distrusted(at):
        raise invalid("the key was not in force when it was signed, or is declared void")
    try:
        verify_jws(parsed.jws, method.key)
    except (RefusedError, SignatureError) as error:
        raise invalid("the asker's key did not sign it") from error
    return True


def _judge(parsed: UnverifiedRequest, known: Belief | None, *, trust: Belief | None) -> AskedRequest:
    """Say what the ledger says; `known` is None where the asker is not known to have signed."""
    request = parsed.request
    shown = _always_shown(trust, request.type)
    found = None if known is None else _best_registration(known, request, shown)
    registered = None if known is None or found is None else _registered(known, found)
    organisation = None if known is None or found is None else known.organisation(request.audience)
    return AskedRequest(
        request=request,
        text=parsed.text,
        is_signature_verified=known is not None,
        standing=Standing.UNKNOWN if registered is None else Standing.REGISTERED,
        name={} if organisation is None else _texts(organisation.name),
        registration=registered,
        excess=excess_claims(request.claims, () if found is None else found.claims, always_shown=shown),
        is_purpose_registered=found is not None and request.purpose in found.purpose.values(),
        trust_as_of=None if trust is None else trust.trust_as_of,
    )


def excess_claims(
    asked: tuple[str, ...], registered: tuple[str, ...], *, always_shown: tuple[str, ...]
) -> tuple[str, ...]:
    """Return which asked claims no registered one covers; a group covers its members, never the reverse."""
    covering = tuple(f"{path}." for path in (*registered, *always_shown))
    return tuple(path for path in asked if not f"{path}.".startswith(covering))


def _best_registration(
    belief: Belief, request: PresentationRequest, shown: tuple[str, ...]
) -> Registration | None:
    """Of those in force when it was asked: for this purpose, then with the least excess, then the newest."""
    if belief.state.unsupported or belief.is_below_floor:
        # What cannot be judged, or is known to be missing here, may be the withdrawal.
        return None
    registrations = belief.registrations(request.audience, request.type)
    covering = [item for item in registrations if item.covers(request.issued_at)]

    def rank(item: Registration) -> tuple[bool, int]:
        excess = excess_claims(request.claims, item.claims, always_shown=shown)
        return request.purpose in item.purpose.values(), -len(excess)

    # `max` keeps the first of equals: newest first.
    return max(reversed(covering), key=rank, default=None)


def _registered(belief: Belief, found: Registration) -> Registered:
    authority = belief.organisation(found.author)
    return Registered(
        authority=found.author,
        authority_name={} if authority is None else _texts(authority.name),
        jurisdiction=found.jurisdiction,
        jurisdiction_name=_texts(belief.ledger_network.jurisdictions.get(found.jurisdiction, {})),
        claims=found.claims,
        purpose=_texts(found.purpose),
        until=found.until,
    )


def _texts(by_language: JsonObject) -> dict[str, str]:
    return {language: text for language, text in by_language.items() if isinstance(text, str)}


def _always_shown(belief: Belief | None, vct: str) -> tuple[str, ...]:
    outline = None if belief is None else belief.type_outline(vct)
    return () if outline is None else outline.always_shown


_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

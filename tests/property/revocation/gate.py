# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A gate in virtual time, with the real rules: what an import may replace, what a list says, the decision.

Only signatures are left out: tokens come with the snapshot that verifying them would give, and the
presentation has passed every check but those on the axis *current*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from unittest.mock import patch

from tests.property.revocation.issuer import DID, SIZE, URIS, Place
from tests.world import make_world
from vcred.credential.status_reference import StatusReference
from vcred.errors import TrustBundleError
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation, parse_presentation
from vcred.ledger.state import State
from vcred.reasons import Reason
from vcred.trust import update
from vcred.trust.belief import Belief
from vcred.trust.bundle import Bundle
from vcred.trust.held import Held
from vcred.trust.statuses import BelievedStatus
from vcred.verifier.case import make_case
from vcred.verifier.current import check_status, check_trust_age
from vcred.verifier.policy import Policy
from vcred.verifier.report import VerificationReport

SKEW = 60
TYPE = "health-code"
_STATE = State()


@dataclass(frozen=True, slots=True)
class Carried:
    """A trust bundle on its way: when it was cosigned, and the status lists in it."""

    cosigned_at: int
    tokens: tuple[str, ...]


class Gate:
    """Holds what it was brought; its clock is `offset` seconds ahead of true time."""

    def __init__(self, opened: Mapping[str, BelievedStatus], policy: Policy) -> None:
        self.offset = 0
        self._opened = opened
        self._policy = policy
        self._held = Held()
        self._cosigned_at = 0
        self._belief: Belief | None = None
        self.snapshots: dict[str, BelievedStatus] = {}
        """The newest list held of each URI."""

    def take(self, carried: Carried, now: int) -> Reason | None:
        """Import at a true time, all or nothing; returns why not.

        Spec: docs/spec/trust-bundle.md, Import steps 7 and 8.
        """
        clock = now + self.offset
        if carried.cosigned_at < self._cosigned_at:
            return Reason.ROLLBACK
        try:
            self._held = self._with_lists(carried.tokens, clock)
        except TrustBundleError as error:
            return error.reason
        self._cosigned_at = carried.cosigned_at
        newest = self._held.newest_statuses()
        self.snapshots = {uri: self._opened[held.token] for uri, held in newest.items()}
        self._belief = None
        return None

    def verdict(self, place: Place, now: int) -> VerificationReport:
        """Judge a presentation of that credential at a true time."""
        case = make_case(self._believed(), self._policy, None, now=now + self.offset)
        _, base = accepted_before()
        status = check_status(case, presentation_of(place), TYPE).check
        return base.with_check(status).with_check(check_trust_age(case))

    def _with_lists(self, tokens: tuple[str, ...], clock: int) -> Held:
        bundle = Bundle(checkpoint=b"", first=0, leaves=(), pending=(), status_tokens=tokens, types={})
        with patch.object(update, "open_status_token", lambda text, _: self._opened[text]):
            added = update._statuses(self._held, bundle, _STATE, now=clock)
        return replace(self._held, statuses=self._held.statuses + added)

    def _believed(self) -> Belief:
        if self._belief is None:
            self._belief = Belief(
                state=_STATE,
                root=bytes(32),
                trust_as_of=self._cosigned_at,
                time_floor=self._cosigned_at,
                statuses=self._held.newest_statuses(),
                type_contents={},
                _snapshots={**self.snapshots},
            )
        return self._belief


class ForgetfulGate(Gate):
    """A bad one, for controls: it holds whatever it was brought last, be it older."""

    def _with_lists(self, tokens: tuple[str, ...], clock: int) -> Held:
        self._held, self.snapshots = Held(), {}
        return super()._with_lists(tokens, clock)

    def take(self, carried: Carried, now: int) -> Reason | None:
        """Import without asking what is held."""
        self._cosigned_at = 0
        return super().take(carried, now)


@cache
def policy_of(max_age: int) -> Policy:
    """A post that takes lists up to an age in seconds."""
    return make_world().policy(
        max_status_age={"default": timedelta(seconds=max_age)}, clock_skew=timedelta(seconds=SKEW)
    )


@cache
def accepted_before() -> tuple[UnverifiedPresentation, VerificationReport]:
    """A real presentation, and the report that accepts it."""
    world = make_world()
    text = world.show("match")
    report = world.evaluate(text)
    report.require()
    return parse_presentation(text), report


@cache
def presentation_of(place: Place) -> UnverifiedPresentation:
    """The same, of the credential at a place."""
    number, index = place
    assert index < SIZE
    reference = StatusReference(uri=URIS[number], index=index)
    return replace(accepted_before()[0], status=reference, issuer=DID)

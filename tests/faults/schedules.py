# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Days at a border in virtual time: issue, take back, publish, carry, verify, and clocks that jump.

One schedule is drawn from one seed, so that a failing one can be kept. The rules are the real ones,
signatures included; nothing of it touches a disk. (Many more schedules, without signatures, and clocks
that keep to the skew: tests/property/test_revocation_bound.py.)

    INV-7   what is revoked or suspended is accepted no longer than the age of lists that the policy allows
    INV-11  what the gate holds never becomes less or older
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.unit.trust.samples import fresh_world
from tests.world import HEALTH_CLAIMS, World
from vcred.errors import TrustBundleError
from vcred.issuer.status_lists import DEFAULT_INTERVAL, issue_tick
from vcred.limits import DEFAULT_CLOCK_SKEW
from vcred.status.values import StatusValue
from vcred.trust.bundle import Bundle
from vcred.verifier.policy import Policy
from vcred.verifier.report import Decision

MAX_STATUS_AGE: Final = timedelta(hours=24)
EVENTS: Final = 30
JUMPS: Final = (
    timedelta(),
    timedelta(),
    timedelta(minutes=-4),
    timedelta(minutes=4),
    timedelta(hours=-1),
    timedelta(days=-1),
    timedelta(days=1),
)
_WEIGHTS: Final = {"issue": 1, "change": 3, "publish": 4, "carry": 5, "verify": 8, "later": 7, "clock": 2}
_VALUES: Final = (StatusValue.REVOKED, StatusValue.REVOKED, StatusValue.SUSPENDED, StatusValue.VALID)


@dataclass
class Credential:
    """One credential, its place in the list, its status, and since when it has not been valid."""

    text: str
    index: int
    value: StatusValue = StatusValue.VALID
    taken_back_at: datetime | None = None


@dataclass
class Tally:
    """What happened, so that a run in which nothing did is noticed; and what must not have."""

    accepted: int = 0
    refused_revoked: int = 0
    accepted_revoked: int = 0
    imports: int = 0
    refused_imports: int = 0
    complaints: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take another schedule's into this one."""
        self.accepted += other.accepted
        self.refused_revoked += other.refused_revoked
        self.accepted_revoked += other.accepted_revoked
        self.imports += other.imports
        self.refused_imports += other.refused_imports
        self.complaints += other.complaints


class Schedule:
    """One run. `world.now` is the true time; the gate's clock is `offset` away from it."""

    def __init__(self, seed: int, *, status_age: timedelta = MAX_STATUS_AGE) -> None:
        self._seed = seed
        self._random = random.Random(seed)
        self._world: World = fresh_world()
        self._policy: Policy = self._world.policy(max_status_age={"default": status_age})
        self._offset = timedelta()
        self._credentials: list[Credential] = []
        self._bundles: list[Bundle] = []
        self._published_at = 0
        self._tally = Tally()

    def run(self) -> Tally:
        """Let all events happen."""
        self._issue()
        self._publish()
        self._carry()
        names, weights = [*_WEIGHTS], [*_WEIGHTS.values()]
        for name in self._random.choices(names, weights, k=EVENTS):
            getattr(self, f"_{name}")()
        return self._tally

    @property
    def _gate_time(self) -> datetime:
        return self._world.now + self._offset

    def _issue(self) -> None:
        until = (self._world.now + timedelta(days=3)).replace(microsecond=0).isoformat()
        index = len(self._credentials)
        text = self._world.issue(index=index, claims={**HEALTH_CLAIMS, "valid_until": until})
        self._credentials.append(Credential(text, index))

    def _change(self) -> None:
        """Revoke, suspend or reinstate; what is revoked stays so."""
        credential, value = self._random.choice(self._credentials), self._random.choice(_VALUES)
        if credential.value is StatusValue.REVOKED and value is not StatusValue.REVOKED:
            return
        if value is StatusValue.VALID:
            credential.taken_back_at = None
        elif credential.value is StatusValue.VALID:
            credential.taken_back_at = self._world.now
        credential.value = value
        self._world.revoke(credential.index, value=value)

    def _publish(self) -> None:
        """On the issuer's grid; it waits for the next interval if this one is published."""
        now = int(self._world.now.timestamp())
        tick = issue_tick(now=now, every=DEFAULT_INTERVAL, last_issued_at=self._published_at)
        self._world.later(seconds=max(0, tick - now))
        self._published_at = tick
        for issuer in self._world.listed:
            self._world.status_dates[self._world.status_uri(issuer)] = datetime.fromtimestamp(tick, UTC)
        self._bundles.append(self._world.bundle())

    def _carry(self) -> None:
        """Mostly the newest bundle; sometimes a stick that lay in a drawer."""
        newest = self._random.random() < 0.7
        bundle = self._bundles[-1] if newest else self._random.choice(self._bundles)
        before, true_time = self._held_marks(), self._world.now
        self._world.now = self._gate_time
        try:
            self._world.import_bundle(bundle)
            self._tally.imports += 1
        except TrustBundleError:
            self._tally.refused_imports += 1
        finally:
            self._world.now = true_time
        after = self._held_marks()
        if any(after.get(name, -1) < value for name, value in before.items()):
            self._complain("INV-11", f"{before} became {after}")

    def _verify(self) -> None:
        if not self._world.held.checkpoints:
            return
        credential, now = self._random.choice(self._credentials), self._gate_time
        shown = self._world.present(
            credential.text, "match", "test", issued_at=int(now.timestamp()), nonce="A" * 22
        )
        accepted = self._world.evaluate(shown, policy=self._policy, now=now).decision is Decision.ACCEPTED
        self._tally.accepted += accepted
        if credential.taken_back_at is None:
            return
        self._tally.refused_revoked += not accepted
        self._tally.accepted_revoked += accepted
        # By the gate's own clock: what a wrong clock may do is bounded by the time floor, and by skew.
        latest = credential.taken_back_at + MAX_STATUS_AGE + DEFAULT_CLOCK_SKEW
        if accepted and now > latest:
            self._complain("INV-7", f"accepted {now - latest} too late")

    def _later(self) -> None:
        self._world.later(minutes=self._random.choice((1, 10, 60, 180, 480)))

    def _clock(self) -> None:
        self._offset = self._random.choice(JUMPS)

    def _held_marks(self) -> dict[str, int]:
        held = self._world.held
        lists = {uri: status.issued_at for uri, status in held.newest_statuses().items()}
        return {"size": len(held.leaves), "floor": held.time_floor, **lists}

    def _complain(self, invariant: str, what: str) -> None:
        self._tally.complaints.append(f"{invariant}: seed {self._seed}: {what}")

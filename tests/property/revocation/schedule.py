# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One random schedule: change, publish, build, carry, let time pass, verify; and what must not happen.

    INV-6    every list shows what was acknowledged before its values were read
    INV-7    what is accepted was valid within publish interval + bundle age + skew
    INV-11   what a gate holds never becomes older
    FINAL    what a gate has once read as revoked it never accepts again
    LIFTED   no gate rejects for a suspension that was lifted longer ago than that bound
    RIGHT    with a fresh list, what was valid all the time is accepted, what was revoked rejected

Spec: docs/spec/verdict.md, The bound.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

from tests.property.revocation.gate import SKEW, Carried, ForgetfulGate, Gate, policy_of
from tests.property.revocation.issuer import SIZE, URIS, Grid, Place, VirtualIssuer
from vcred.reasons import Reason
from vcred.status.values import StatusValue
from vcred.verifier.report import Decision, VerificationReport

START = 1_795_000_000
HOUR = 3_600
EVENTS = 40
CREDENTIALS = 5
INTERVALS = (60, 60, 300, HOUR)
MAX_AGES = (HOUR, 6 * HOUR, 24 * HOUR)
STEPS = (1, 7, 45, 60, 60, 300, 300, 1_200)
_WEIGHTS = {
    "change": 6,
    "publish": 5,
    "build": 5,
    "carry": 6,
    "supply": 4,
    "verify": 12,
    "later": 6,
    "later_by_far": 1,
    "clock": 2,
    "edge": 1,
}
_CHANGES = (StatusValue.REVOKED, StatusValue.SUSPENDED, StatusValue.SUSPENDED, StatusValue.VALID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a schedule runs under. All but `grid` and `is_exact` are for controls that must fail.

    `is_exact` holds INV-7 to the bound of a grid that never dates a list ahead: bundle age + skew.
    """

    grid: Grid
    is_exact: bool = True
    is_skipping: bool = False
    is_ageless: bool = False
    is_forgetful: bool = False


@dataclass
class Tally:
    """What happened, so that a run in which nothing did is noticed; and what must not have."""

    counts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take another schedule's into this one."""
        self.counts += other.counts
        self.complaints += other.complaints


class Schedule:
    """One run, drawn from one seed: a failing one can be kept."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self._seed = seed
        self._random = pick = random.Random(seed)
        self._now = START + pick.randrange(HOUR)
        self._max_age = pick.choice(MAX_AGES)
        places = [(pick.randrange(len(URIS)), index) for index in pick.sample(range(SIZE), CREDENTIALS)]
        skips = frozenset(places) if rules.is_skipping else frozenset[Place]()
        self._issuer = VirtualIssuer(interval=pick.choice(INTERVALS), grid=rules.grid, skips=skips)
        self._bound = self._max_age + SKEW + (0 if rules.is_exact else self._issuer.interval)
        policy = policy_of(300 * 86_400 if rules.is_ageless else self._max_age)
        kind = ForgetfulGate if rules.is_forgetful else Gate
        self._gates = [kind(self._issuer.opened, policy) for _ in range(2)]
        self._bundles: list[Carried] = []
        self._read_as_revoked: set[tuple[int, Place]] = set()
        self._tally = Tally()
        for place in places:
            self._issuer.issue(place, self._now)

    def run(self) -> Tally:
        """Let all events happen."""
        for event in ("publish", "build", "carry"):
            getattr(self, f"_{event}")()
        for event in self._random.choices([*_WEIGHTS], [*_WEIGHTS.values()], k=EVENTS):
            getattr(self, f"_{event}")()
        return self._tally

    def _any_place(self) -> Place:
        return self._random.choice([*self._issuer.values])

    def _change(self) -> None:
        value = self._random.choice(_CHANGES)
        made = self._issuer.change(self._any_place(), value, self._now)
        self._tally.counts["changed" if made else "final"] += 1

    def _publish(self) -> None:
        before = len(self._issuer.published)
        self._now = self._issuer.publish(self._now)
        for published in self._issuer.published[before:]:
            self._check_lists(published.tokens)

    def _check_lists(self, tokens: tuple[str, ...]) -> None:
        """INV-6, of what has just been published."""
        for (number, index), value in self._issuer.values.items():
            listed = self._issuer.opened[tokens[number]].snapshot.list.get(index)
            if listed != value:
                self._complain("INV-6", f"{value!r} is published as {listed}")

    def _build(self) -> None:
        """Mostly of the newest lists; sometimes of those that the builder fetched long ago."""
        chosen = self._issuer.published
        lists = chosen[-1] if self._random.random() < 0.8 else self._random.choice(chosen)
        self._bundles.append(Carried(self._now, lists.tokens))

    def _carry(self) -> None:
        """Mostly the newest bundle; sometimes again, late, out of order, or from a drawer."""
        bundle = self._bundles[-1] if self._random.random() < 0.6 else self._random.choice(self._bundles)
        self._take(self._random.choice(self._gates), bundle)

    def _take(self, gate: Gate, bundle: Carried) -> None:
        before = {uri: held.snapshot.issued_at for uri, held in gate.snapshots.items()}
        refused = gate.take(bundle, self._now)
        self._tally.counts["imported" if refused is None else f"import {refused}"] += 1
        if refused is Reason.FORK:
            self._complain("FORK", "an honest issuer's lists contradict each other")
        after = {uri: held.snapshot.issued_at for uri, held in gate.snapshots.items()}
        if any(after.get(uri, -1) < issued_at for uri, issued_at in before.items()):
            self._complain("INV-11", f"{before} became {after}")

    def _supply(self) -> None:
        """All goes as it should: to every gate comes what is true now."""
        self._publish()
        newest = Carried(self._now, self._issuer.published[-1].tokens)
        self._bundles.append(newest)
        for gate in self._gates:
            self._take(gate, newest)

    def _later(self) -> None:
        self._now += self._random.choice(STEPS)

    def _later_by_far(self) -> None:
        self._now += self._random.choice((HOUR, self._max_age // 2, self._max_age))

    def _clock(self) -> None:
        self._random.choice(self._gates).offset = self._random.choice((-SKEW, 0, SKEW, 17, -31))

    def _edge(self) -> None:
        """Go to the last seconds of the bound of some change, at gates whose clocks are as slow as may be."""
        place = self._any_place()
        edge = self._issuer.history[place][-1][0] + self._bound + self._random.choice((-1, 0, 1))
        if edge < self._now:
            return
        self._now = edge
        for number, gate in enumerate(self._gates):
            gate.offset = -SKEW
            self._verify_at(number, place)

    def _verify(self) -> None:
        self._verify_at(self._random.randrange(len(self._gates)), self._any_place())

    def _verify_at(self, number: int, place: Place) -> None:
        gate = self._gates[number]
        report = gate.verdict(place, self._now)
        self._tally.counts[str(report.decision)] += 1
        possible = self._issuer.values_at(place, self._now - self._bound, self._now)
        accepted = report.decision is Decision.ACCEPTED
        if accepted and StatusValue.VALID not in possible:
            self._complain("INV-7", "accepted what has not been valid for longer than the bound")
        if accepted and self._issuer.values[place] is not StatusValue.VALID:
            since = self._now - self._issuer.history[place][-1][0]
            self._tally.counts["accepted before it was heard of"] += 1
            self._tally.counts["accepted in the last two seconds"] += since >= self._bound - 1
        if accepted and (number, place) in self._read_as_revoked:
            self._complain("FINAL", "accepted after it was read as revoked")
        if Reason.REVOKED in report.reasons:
            self._read_as_revoked.add((number, place))
        if report.reasons == (Reason.SUSPENDED,) and report.decision is Decision.REJECTED:
            self._tally.counts["suspended"] += 1
            if StatusValue.SUSPENDED not in possible:
                self._complain("LIFTED", "rejected for a suspension that was lifted")
        self._check_right(gate, place, report)

    def _check_right(self, gate: Gate, place: Place, report: VerificationReport) -> None:
        """RIGHT. What a list says while it is surely young enough, if nothing has changed since."""
        believed = gate.snapshots.get(URIS[place[0]])
        if believed is None or not 0 <= self._now - believed.snapshot.issued_at <= self._max_age - SKEW:
            return
        # Its values may have been read that much before its date.
        ahead = self._bound - self._max_age - SKEW
        since = self._issuer.values_at(place, believed.snapshot.issued_at - ahead, self._now)
        expected = Decision.ACCEPTED if since == {StatusValue.VALID} else Decision.REJECTED
        if len(since) == 1 and report.decision is not expected:
            self._complain("RIGHT", f"{report.decision} ({', '.join(report.reasons)}) instead of {expected}")

    def _complain(self, invariant: str, what: str) -> None:
        self._tally.complaints.append(f"{invariant}: seed {self._seed}: {what}")

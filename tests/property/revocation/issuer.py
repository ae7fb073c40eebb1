# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer in virtual time: it changes values, publishes on a grid, and remembers what was true when.

Its lists are real, but nobody has signed them: whoever asks gets the snapshot that a verified token
would have given. Times are whole seconds.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from vcred.issuer import journal
from vcred.issuer.status_lists import MAX_WAIT_SECONDS, TOKEN_LIFETIME
from vcred.status.bits import StatusList, compress_list
from vcred.status.snapshot import StatusSnapshot
from vcred.status.values import StatusValue
from vcred.trust.statuses import BelievedStatus

DID = "did:vcred:issuer"
URIS = tuple(f"https://issuer.example/status/{number}" for number in range(2))
SIZE = 32
LIFETIME = int(TOKEN_LIFETIME.total_seconds())

# From clock, interval and the newest `iat` so far: the `iat` of what is published next, and from when.
Grid = Callable[[int, int, int], tuple[int, int]]
Place = tuple[int, int]


def _word(value: StatusValue) -> journal.StatusValue:
    """As the issuer's journal calls what a list says by a number."""
    return journal.StatusValue(value.name.lower())


@dataclass(frozen=True, slots=True)
class Published:
    """All lists of the issuer as of one publication: the time in them, and the tokens' texts."""

    issued_at: int
    tokens: tuple[str, ...]


@dataclass
class VirtualIssuer:
    """Credentials are places (list, index); `grid` gives the `iat` of a list, and when it may be signed.

    `skips` are places whose changes this issuer forgets to publish: a bad one, for controls.
    """

    interval: int
    grid: Grid
    skips: frozenset[Place] = frozenset()
    values: dict[Place, StatusValue] = field(default_factory=dict)
    history: dict[Place, list[tuple[int, StatusValue]]] = field(default_factory=dict)
    published: list[Published] = field(default_factory=list)
    opened: dict[str, BelievedStatus] = field(default_factory=dict)
    _changed: bool = False

    def issue(self, place: Place, at: int) -> None:
        """A new credential."""
        self.values[place] = StatusValue.VALID
        self.history[place] = [(at, StatusValue.VALID)]

    def change(self, place: Place, value: StatusValue, at: int) -> bool:
        """Change a status by the real rule; False where it refuses."""
        if not journal.may_become(_word(self.values[place]), _word(value)):
            return False
        if value is not self.values[place]:
            self.values[place] = value
            self.history[place].append((at, value))
            self._changed = True
        return True

    def publish(self, now: int) -> int:
        """Publish all lists; returns the time when it is done.

        Same tick and nothing changed: the kept tokens. Same tick and something changed: wait for the
        next tick if it is near, else publish nothing now.
        """
        last = self.published[-1].issued_at if self.published else 0
        issued_at, begins = self.grid(now, self.interval, last)
        if begins > now and (not self._changed or begins - now > MAX_WAIT_SECONDS):
            return now
        now = max(now, begins)
        tokens = tuple(self._token(number, issued_at) for number in range(len(URIS)))
        self.published.append(Published(issued_at=issued_at, tokens=tokens))
        self._changed = False
        return now

    def values_at(self, place: Place, start: int, end: int) -> set[StatusValue]:
        """Every value that a credential had between two times, both included.

        What was changed in the second `start` was still as before at its beginning.
        """
        history = self.history[place]
        first = max(0, bisect_left(history, start, key=lambda item: item[0]) - 1)
        return {value for at, value in history[first:] if at <= end}

    def _token(self, number: int, issued_at: int) -> str:
        shown = {
            place[1]: int(value)
            for place, value in self.values.items()
            if place[0] == number and place not in self.skips
        }
        lst = compress_list(StatusList.empty(bits=2, size=SIZE).changed(shown))
        uri = URIS[number]
        token = f"{uri} {issued_at} {lst}.signature"
        snapshot = StatusSnapshot(
            uri=uri,
            issued_at=issued_at,
            expires_at=issued_at + LIFETIME,
            ttl=None,
            token_digest=sha256(token.encode()).digest(),
            bits=2,
            lst=lst,
        )
        self.opened[token] = BelievedStatus(did=DID, snapshot=snapshot)
        return token

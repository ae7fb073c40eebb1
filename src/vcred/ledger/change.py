# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What one entry changes, and a state in the making.

The rules read a state and say what changes; they never build the next state themselves. So
one entry gives a new value, and a million entries are written into one private copy: a
replay costs as much as the entries, not as their square.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vcred.ledger.entries import Entry
from vcred.ledger.state import (
    Accreditation,
    Network,
    Organisation,
    PublishedType,
    Recognition,
    State,
    VoidEntry,
)
from vcred.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Rows that an entry puts into the tables of the state, in the place of what stood there.

    Nothing is ever taken out. `network` is that of genesis, `unsupported` of an entry that this
    version cannot judge.
    """

    network: Network | None = None
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    types: Mapping[str, PublishedType] = field(default_factory=dict)
    accreditations: Mapping[str, Accreditation] = field(default_factory=dict)
    recognitions: Mapping[str, Recognition] = field(default_factory=dict)
    list_places: Mapping[str, str] = field(default_factory=dict)
    unsupported: bool = False


class Draft:
    """A private copy of a state, written in place until `finish`.

    `state` reads it as it is now: only for the rules, which keep nothing of it.
    """

    __slots__ = (
        "_accreditations",
        "_indices",
        "_list_places",
        "_organisations",
        "_recognitions",
        "_types",
        "_void",
        "state",
    )

    def __init__(self, state: State) -> None:
        self._organisations = dict(state.organisations)
        self._types = dict(state.types)
        self._accreditations = dict(state.accreditations)
        self._recognitions = dict(state.recognitions)
        self._indices = dict(state.indices)
        self._list_places = dict(state.list_places)
        self._void = list(state.void)
        self.state = replace(
            state,
            organisations=self._organisations,
            types=self._types,
            accreditations=self._accreditations,
            recognitions=self._recognitions,
            indices=self._indices,
            list_places=self._list_places,
        )

    def add(self, entry: Entry, change: Change) -> None:
        """Write what the next entry changes."""
        state = self.state
        self._organisations.update(change.organisations)
        self._types.update(change.types)
        self._accreditations.update(change.accreditations)
        self._recognitions.update(change.recognitions)
        self._list_places.update(change.list_places)
        self._indices[entry.hash] = state.size
        self.state = replace(
            state,
            network=change.network or state.network,
            size=state.size + 1,
            logged_at=entry.logged_at,
            unsupported=state.unsupported or change.unsupported,
        )

    def add_void(self, reason: Reason) -> None:
        """Count the next entry, which the rules refuse."""
        self._void.append(VoidEntry(index=self.state.size, reason=reason))
        self.state = replace(self.state, size=self.state.size + 1)

    def finish(self) -> State:
        """Return the state. The draft is not to be used after."""
        return replace(self.state, void=tuple(self._void))

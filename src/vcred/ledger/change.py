# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What one entry changes, and the writing of it.

The rules read a state and say what changes; they never build the next state themselves. The
tables are persistent maps: a new state shares with the former one all that is the same, so an
entry costs as much in a ledger of a million as in an empty one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vcred.ledger.entries import Entry
from vcred.ledger.state import (
    Accreditation,
    EvidenceRecord,
    Network,
    Organisation,
    PublishedType,
    Recognition,
    Registration,
    State,
    VoidEntry,
)
from vcred.reasons import Reason

_TABLES = (
    "organisations",
    "types",
    "accreditations",
    "recognitions",
    "registrations",
    "evidence",
    "accredited",
    "list_places",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Rows that an entry puts into the tables of the state, in the place of what stood there.

    Nothing is ever taken out. `network` is what takes the place of the one in force, `unsupported`
    says that this version cannot judge the entry.
    """

    network: Network | None = None
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    types: Mapping[str, PublishedType] = field(default_factory=dict)
    accreditations: Mapping[str, Accreditation] = field(default_factory=dict)
    recognitions: Mapping[str, Recognition] = field(default_factory=dict)
    registrations: Mapping[str, Registration] = field(default_factory=dict)
    evidence: Mapping[str, EvidenceRecord] = field(default_factory=dict)
    accredited: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    list_places: Mapping[str, str] = field(default_factory=dict)
    unsupported: bool = False


class Draft:
    """A state that entries are written into, one after the other, until `finish`.

    Its tables share what does not change with those of the state that it began from. `state` reads
    it as it is now: only for the rules, which keep nothing of it.
    """

    __slots__ = ("_void", "state")

    def __init__(self, state: State) -> None:
        self._void = list(state.void)
        self.state = replace(state)

    def add(self, entry: Entry, change: Change) -> None:
        """Write what the next entry changes."""
        self.put(change)
        size = self.state.size + 1
        self._write("indices", self.state.indices.set(entry.hash, self.state.size))
        self._write("size", size)
        self._write("logged_at", entry.logged_at)
        if change.network is not None:
            self._write("network", change.network)
            self._write("networks", (*self.state.networks, (size, change.network)))
        if change.unsupported:
            self._write("unsupported", True)

    def put(self, change: Change) -> None:
        """Write rows that no entry brings: what is known beside the log."""
        for name in _TABLES:
            if rows := getattr(change, name):
                self._write(name, getattr(self.state, name).update(rows))

    def add_void(self, reason: Reason) -> None:
        """Count the next entry, which the rules refuse."""
        self._void.append(VoidEntry(index=self.state.size, reason=reason))
        self._write("size", self.state.size + 1)

    @property
    def void_size(self) -> int:
        """How many entries are void so far."""
        return len(self._void)

    def finish(self) -> State:
        """Return the state. The draft is not to be used after."""
        return replace(self.state, void=tuple(self._void))

    def _write(self, name: str, value: object) -> None:
        # The state is this draft's own until it is finished; a new one for each entry would cost a
        # tenth of a replay.
        object.__setattr__(self.state, name, value)

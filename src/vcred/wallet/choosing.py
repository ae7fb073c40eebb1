# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a person chooses among, and what a choice shows: claims by group, with their labels.

    always shown     in every code of the credential; no choice
    group            "identity", with its units
    unit             the least that can be shown by itself: "identity.name", or all of "match"
    along            what a group shows of itself as soon as one unit of it is shown (threats: WAL-06)

Everything here is computed from the credential that is sent, never from what its type promises.
Labels and values are as they came: whoever draws them sanitises them.

Spec: RFC 9901 section 7.2 step 2; threats: WAL-05, WAL-06, H3.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from vcred.credential.type_definition import TypeDefinition
from vcred.formats.sd_jwt_vc.present import StoredCredential, select
from vcred.wallet.cost import unit_paths
from vcred.wallet.detail import ClaimRow, claim_label, sections_of
from vcred.wallet.holding import HeldCredential


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The least that can be shown by itself.

    Attributes:
        path: What `Wallet.show` is asked for.
        label: Of the claim, or of the group that is one whole; of an element with its number.
        claims: What it shows, without what its group shows along.
    """

    path: str
    label: str
    claims: tuple[ClaimRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceGroup:
    """A group and its units. `is_whole` says that the group is the one unit it has.

    `along` is shown as soon as any unit is.
    """

    path: str
    label: str
    units: tuple[Unit, ...]
    along: tuple[ClaimRow, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All that a credential can show: `always` in any case, the rest by choice."""

    always: tuple[ClaimRow, ...]
    groups: tuple[ChoiceGroup, ...]

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units of all groups, in their order."""
        return tuple([unit for group in self.groups for unit in group.units])


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """A group of which something is shown: the labels of what; none where the group is one claim."""

    label: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What a choice shows, and what it keeps back, by label; `always` is part of what is shown."""

    always: tuple[str, ...]
    shown: tuple[Portion, ...]
    withheld: tuple[Portion, ...]


def offer_choices(held: HeldCredential, language: str) -> Choices:
    """List what a person can choose to show of a credential.

    Args:
        held: The whole credential.
        language: One of `vcred.text.languages.LANGUAGES`.
    """
    stored, lines = held.stored, _Lines(held, language)
    units = unit_paths(stored)
    names = dict.fromkeys([path.partition(".")[0] for path in units])
    return Choices(
        always=lines.always(),
        groups=tuple([lines.group(name, units) for name in _ordered(names, held.definition)]),
    )


def describe_choice(held: HeldCredential, paths: Iterable[str], language: str) -> Disclosure:
    """Say what a choice shows and keeps back, parents and all.

    Args:
        held: The whole credential.
        paths: The choice.
        language: One of `vcred.text.languages.LANGUAGES`.

    Raises:
        SchemaError: The choice names a claim that the credential does not have.
    """
    choices = offer_choices(held, language)
    selection = select(held.stored, paths)
    return Disclosure(
        always=tuple([line.label for line in choices.always]),
        shown=_portions(choices, frozenset(selection.revealed)),
        withheld=_portions(choices, frozenset(selection.withheld)),
    )


def _portions(choices: Choices, leaves: frozenset[str]) -> tuple[Portion, ...]:
    found = []
    for group in choices.groups:
        along = [line.label for line in group.along if line.path in leaves]
        units = [unit for unit in group.units if any(line.path in leaves for line in unit.claims)]
        if group.is_whole and units:
            labels = [line.label for line in units[0].claims]
        else:
            labels = along + [unit.label for unit in units]
        if labels:
            is_plain = group.is_whole and len(labels) == 1
            found.append(Portion(label=group.label, claims=() if is_plain else tuple(labels)))
    return tuple(found)


def _ordered(names: Iterable[str], definition: TypeDefinition | None) -> list[str]:
    """In the order of the type, where it is known: the credential's own is shuffled by its issuer."""
    if definition is None:
        return list(names)
    place = {group.name: number for number, group in enumerate(definition.groups)}
    return sorted(names, key=lambda name: place.get(name, len(place)))


class _Lines:
    """The claims of one credential in one language."""

    def __init__(self, held: HeldCredential, language: str) -> None:
        self._stored: StoredCredential = held.stored
        self._definition = held.definition
        self._language = language
        self._owners = dict(held.stored.leaves)
        rows = [row for section in sections_of(held, language) for row in section.rows]
        # Sorted: in the credential its issuer has shuffled them.
        self._rows = sorted(rows, key=lambda row: _by_place(row.path))

    def always(self) -> tuple[ClaimRow, ...]:
        order = () if self._definition is None else self._definition.always_shown
        place = {name: number for number, name in enumerate(order)}
        rows = [row for row in self._rows if row.path not in self._owners]
        return tuple(sorted(rows, key=lambda row: place.get(row.path.partition(".")[0], len(place))))

    def group(self, name: str, units: tuple[str, ...]) -> ChoiceGroup:
        own = self._stored.index_at.get((name,))
        inside = [path for path in units if path.partition(".")[0] == name]
        is_whole = inside == [name]
        return ChoiceGroup(
            path=name,
            label=self._label(name),
            units=tuple(map(self._unit, sorted(inside, key=_by_place))),
            along=() if own is None or is_whole else self._owned_by(own),
            is_whole=is_whole,
        )

    def _unit(self, path: str) -> Unit:
        place = tuple(path.split("."))
        label, last = self._label(path), place[-1]
        # Elements of a list share a label.
        shown = f"{label} {int(last) + 1}" if last.isdecimal() else label
        return Unit(path=path, label=shown, claims=self._owned_by(self._stored.index_at[place]))

    def _owned_by(self, index: int) -> tuple[ClaimRow, ...]:
        return tuple([row for row in self._rows if self._owners.get(row.path) == index])

    def _label(self, path: str) -> str:
        return claim_label(self._definition, path, self._language)


def _by_place(path: str) -> list[tuple[int, str]]:
    """By name, and elements of a list by number."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in path.split(".")]

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's side: turn claims into digests in the payload and disclosures beside it.

    whole(name, value)          one disclosure for the whole value
    members(name, members)      one for the object, and one below it for each member
    elements(name, values)      one for the array, and one below it for each element
    decoy()                     a digest of nothing, so that an absent claim leaves no gap

Every digest array is sorted, so that the order of claims tells nothing; every salt is new.
Values come as JCS text, which `encode_claim` writes, and payload and disclosures are put
together of these texts: a million credentials are made without a tree of values for each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vcred.codec.base64url import encode_all_base64url
from vcred.codec.jcs import encode_jcs_text, encode_utf8
from vcred.codec.json_types import JsonValue
from vcred.securing.sd_jwt.disclosure import (
    CONTROL_NAMES,
    DIGEST_ALGORITHM,
    DIGESTS,
    ELEMENT_DIGEST,
    HASH_ALGORITHM,
    digests_of,
    quoted_name,
    write_disclosure,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concealed:
    """The payload to sign, in its JCS form, and the disclosures as text.

    These are as they were added, parents before children.
    """

    payload: bytes
    disclosures: tuple[str, ...]


class Concealer:
    """Collects the claims of one credential that a holder may withhold.

    Args:
        salts: As `draw_salts` draws them.

    Names are ASCII, values in their JCS form and without control names, as `encode_claim`
    writes them. Every method raises ValueError for a control name of SD-JWT as a claim's name, and
    what `salts` raises: then nothing is issued.

    Spec: RFC 9901 sections 4.2.3 to 4.2.6, 9.3, 10.4.
    """

    def __init__(self, salts: Iterator[str]) -> None:
        self._salts = salts
        self._groups: list[_Group] = []
        # JSON of what stands below the groups, and salts of decoys: there, and at the top.
        self._below: list[str] = []
        self._decoys_below: list[str] = []
        self._decoys: list[str] = []

    def whole(self, name: str, value: str) -> None:
        """Add a claim that is shown or withheld as one."""
        none = len(self._below)
        self._groups.append(_Group(name, next(self._salts), value, none, none))

    def members(self, name: str, members: Mapping[str, str], *, absent: int = 0) -> None:
        """Add an object whose members are each selectable; `absent` more get decoys."""
        if not CONTROL_NAMES.isdisjoint(members):
            raise ValueError("a claim bears a control name of SD-JWT")
        salts, first, first_decoy = self._salts, len(self._below), len(self._decoys_below)
        self._below += [write_disclosure(member, members[member], next(salts)) for member in sorted(members)]
        self._decoys_below += [next(salts) for _ in range(absent)]
        decoys = slice(first_decoy, first_decoy + absent)
        self._groups.append(_Group(name, next(salts), decoys, first, len(self._below)))

    def elements(self, name: str, values: Sequence[str]) -> None:
        """Add an array whose elements are each selectable."""
        salts, first = self._salts, len(self._below)
        self._below += [write_disclosure(None, value, next(salts)) for value in values]
        self._groups.append(_Group(name, next(salts), None, first, len(self._below)))

    def decoy(self) -> None:
        """Add a digest that stands for an absent claim."""
        self._decoys.append(next(self._salts))

    def _check_names(self, shown: Mapping[str, str]) -> None:
        names = {*shown, *CONTROL_NAMES, *[group.name for group in self._groups]}
        if len(names) != len(self._groups) + len(shown) + len(CONTROL_NAMES):
            raise ValueError("a claim stands twice, or bears a control name of SD-JWT")


def finish_all(items: Sequence[tuple[Concealer, Mapping[str, str]]]) -> list[Concealed]:
    """Return the payloads of credentials: the claims in the clear, and the digests of all that was added.

    Each step over all of them, so that many cost no more calls than one.

    Args:
        items: Each with its claims in the clear, each value in its JCS form.

    Raises:
        ValueError: A claim of one was added twice, or is also shown, or bears a control name, or its
            name is not ASCII, or a lone surrogate is in a value.
    """
    for concealer, shown in items:
        concealer._check_names(shown)
    # Twice over all: a parent's value holds the digests of what is below it.
    below = _encode([text for concealer, _ in items for text in concealer._below])
    digests = digests_of(below)
    hidden = digests_of([salt for concealer, _ in items for salt in concealer._decoys_below])
    values: list[str] = []
    first = first_hidden = 0
    for concealer, _ in items:
        for group in concealer._groups:
            value = group.value_over(digests, hidden, first, first_hidden)
            values.append(write_disclosure(group.name, value, group.salt))
        first += len(concealer._below)
        first_hidden += len(concealer._decoys_below)
    parents = _encode(values)
    tops = digests_of(parents)
    decoys = digests_of([salt for concealer, _ in items for salt in concealer._decoys])
    return list(_put_together(items, below, parents, tops, decoys))


def _put_together(
    items: Sequence[tuple[Concealer, Mapping[str, str]]],
    below: Sequence[str],
    parents: Sequence[str],
    tops: Sequence[str],
    decoys: Sequence[str],
) -> Iterator[Concealed]:
    """Share out what was made of all credentials, each its own.

    Args:
        below: Disclosures below the groups.
        parents: Disclosures of the groups.
        tops: Digests of those.
        decoys: Digests that stand for absent groups.
    """
    first = group_at = decoy_at = 0
    for concealer, shown in items:
        groups = concealer._groups
        after, decoys_after = group_at + len(groups), decoy_at + len(concealer._decoys)
        disclosures: list[str] = []
        for group, parent in zip(groups, parents[group_at:after], strict=True):
            disclosures.append(parent)
            disclosures += below[first + group.first : first + group.last]
        array = _digest_array([*tops[group_at:after], *decoys[decoy_at:decoys_after]])
        members = {**shown, DIGESTS: array, DIGEST_ALGORITHM: f'"{HASH_ALGORITHM}"'}
        yield Concealed(payload=_encode_object(members), disclosures=tuple(disclosures))
        first += len(concealer._below)
        group_at, decoy_at = after, decoys_after


class _Group(NamedTuple):
    """A claim at the top.

    Attributes:
        value: Its JCS form if it is shown as one; which decoys stand among its members' digests;
            None for an array of elements.
        first, last: What is below it.
    """

    name: str
    salt: str
    value: str | slice | None
    first: int
    last: int

    def value_over(self, digests: Sequence[str], decoys: Sequence[str], first: int, decoy: int) -> str:
        """Return its value in the JCS form, with the digests of what is below it.

        Args:
            digests: Of what is below the groups of many credentials; `first` is this one's first.
            decoys: Of the decoys there; `decoy` is this one's first.
        """
        if isinstance(self.value, str):
            return self.value
        its = digests[first + self.first : first + self.last]
        if self.value is None:
            return "[" + ",".join([f'{{"{ELEMENT_DIGEST}":"{digest}"}}' for digest in its]) + "]"
        hidden = decoys[decoy + self.value.start : decoy + self.value.stop]
        return f'{{"{DIGESTS}":{_digest_array([*its, *hidden])}}}'


def encode_claim(value: JsonValue) -> str:
    """Write a claim's value in its JCS form.

    Raises:
        ValueError: It has no such form, or brings control names along: they would be read as ours.
    """
    if type(value) is not str and isinstance(value, _CONTAINERS):
        _refuse_control_names(value)
    return encode_jcs_text(value)


def _digest_array(digests: Sequence[str]) -> str:
    # Digests need no JSON escapes.
    return '["' + '","'.join(sorted(digests)) + '"]' if digests else "[]"


def _encode(disclosures: Sequence[str]) -> list[str]:
    return encode_all_base64url([encode_utf8(text) for text in disclosures])


def _encode_object(members: Mapping[str, str]) -> bytes:
    names = sorted(members)
    # Beyond ASCII the order of JCS may be another one.
    if not "".join(names).isascii():
        raise ValueError("a claim's name is not ASCII")
    return encode_utf8("{" + ",".join([f"{quoted_name(name)}:{members[name]}" for name in names]) + "}")


def _refuse_control_names(value: JsonValue) -> None:
    if isinstance(value, dict):
        if not CONTROL_NAMES.isdisjoint(value):
            raise ValueError("a claim's value bears a control name of SD-JWT")
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            if isinstance(inner, _CONTAINERS):
                _refuse_control_names(inner)


_CONTAINERS = (dict, list)

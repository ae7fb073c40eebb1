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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vcred.codec.jcs import encode_jcs_text, encode_utf8
from vcred.codec.json_types import JsonValue
from vcred.securing.sd_jwt.disclosure import (
    CONTROL_NAMES,
    DIGEST_ALGORITHM,
    DIGESTS,
    ELEMENT_DIGEST,
    HASH_ALGORITHM,
    digest_of,
    encode_disclosure,
    quoted_name,
)
from vcred.securing.sd_jwt.salts import draw_salts


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
        random_bytes: A source of unpredictable bytes.

    Names are ASCII, values in their JCS form and without control names, as `encode_claim`
    writes them. Every method raises ValueError for a control name of SD-JWT as a claim's name, and
    RuntimeError if the source gives too few bytes or repeats itself: then nothing is issued.

    Spec: RFC 9901 sections 4.2.3 to 4.2.6, 9.3, 10.4.
    """

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._salts = draw_salts(random_bytes)
        self._names: list[str] = []
        self._digests: list[str] = []
        self._disclosures: list[str] = []

    def whole(self, name: str, value: str) -> None:
        """Add a claim that is shown or withheld as one."""
        self._add(name, value)

    def members(self, name: str, members: Mapping[str, str], *, absent: int = 0) -> None:
        """Add an object whose members are each selectable; `absent` more get decoys."""
        if not CONTROL_NAMES.isdisjoint(members):
            raise ValueError("a claim bears a control name of SD-JWT")
        position = len(self._disclosures)
        digests = [self._disclose(member, members[member]) for member in sorted(members)]
        digests += [self._decoy() for _ in range(absent)]
        self._add(name, f'{{"{DIGESTS}":{_digest_array(digests)}}}', position)

    def elements(self, name: str, values: Sequence[str]) -> None:
        """Add an array whose elements are each selectable."""
        position = len(self._disclosures)
        digests = [self._disclose(None, value) for value in values]
        quoted = ",".join([f'{{"{ELEMENT_DIGEST}":"{digest}"}}' for digest in digests])
        self._add(name, f"[{quoted}]", position)

    def decoy(self) -> None:
        """Add a digest that stands for an absent claim."""
        self._digests.append(self._decoy())

    def finish(self, shown: Mapping[str, str]) -> Concealed:
        """Return the payload: the claims in the clear, and the digests of all that was added.

        Args:
            shown: Claims in the clear, each value in its JCS form.

        Raises:
            ValueError: A claim was added twice, or is also shown, or bears a control name, or
                its name is not ASCII, or a lone surrogate is in a value.
        """
        names = {*self._names, *shown, *CONTROL_NAMES}
        if len(names) != len(self._names) + len(shown) + len(CONTROL_NAMES):
            raise ValueError("a claim stands twice, or bears a control name of SD-JWT")
        members = {
            **shown,
            DIGESTS: _digest_array(self._digests),
            DIGEST_ALGORITHM: f'"{HASH_ALGORITHM}"',
        }
        return Concealed(payload=_encode_object(members), disclosures=tuple(self._disclosures))

    def _add(self, name: str, value: str, position: int | None = None) -> None:
        self._names.append(name)
        self._digests.append(self._disclose(name, value))
        # A parent's value holds its children's digests, yet its disclosure stands before theirs.
        if position is not None:
            self._disclosures.insert(position, self._disclosures.pop())

    def _disclose(self, name: str | None, value: str) -> str:
        encoded = encode_disclosure(name, value, next(self._salts))
        self._disclosures.append(encoded)
        return digest_of(encoded)

    def _decoy(self) -> str:
        return digest_of(next(self._salts))


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

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's side: turn claims into digests in the payload and disclosures beside it.

    whole(name, value)          one disclosure for the whole value
    members(name, members)      one for the object, and one below it for each member
    elements(name, values)      one for the array, and one below it for each element
    decoy()                     a digest of nothing, so that an absent claim leaves no gap

Every digest array is sorted, so that the order of claims tells nothing; every salt is new.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs_text
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.securing.sd_jwt.disclosure import (
    CONTROL_NAMES,
    DIGEST_ALGORITHM,
    DIGESTS,
    ELEMENT_DIGEST,
    HASH_ALGORITHM,
    SALT_BYTES,
    digest_of,
    encode_disclosure,
)

_SALTS_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Concealed:
    """The payload to sign, and the disclosures as text: as they were added, parents before children."""

    payload: JsonObject
    disclosures: tuple[str, ...]


class Concealer:
    """Collects the claims of one credential that a holder may withhold.

    Args:
        random_bytes: A source of unpredictable bytes.

    Every method raises ValueError for a control name of SD-JWT at any depth, and RuntimeError
    if the source gives too few bytes or repeats itself: then nothing is issued.

    Spec: RFC 9901 sections 4.2.3 to 4.2.6, 9.3, 10.4.
    """

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._salts = _draw_salts(random_bytes)
        self._names: list[str] = []
        self._digests: list[str] = []
        self._disclosures: list[str] = []

    def whole(self, name: str, value: JsonValue) -> None:
        """Add a claim that is shown or withheld as one."""
        self._add(name, _encode(value))

    def members(self, name: str, members: Mapping[str, JsonValue], *, absent: int = 0) -> None:
        """Add an object whose members are each selectable; `absent` more get decoys."""
        if not CONTROL_NAMES.isdisjoint(members):
            raise ValueError("a claim bears a control name of SD-JWT")
        position = len(self._disclosures)
        digests = [self._disclose(member, _encode(members[member])) for member in sorted(members)]
        digests += [self._decoy() for _ in range(absent)]
        # Put together as JCS has it: digests need no JSON escapes.
        quoted = ",".join([f'"{digest}"' for digest in sorted(digests)])
        self._add(name, f'{{"{DIGESTS}":[{quoted}]}}', position)

    def elements(self, name: str, values: Sequence[JsonValue]) -> None:
        """Add an array whose elements are each selectable."""
        position = len(self._disclosures)
        digests = [self._disclose(None, _encode(value)) for value in values]
        quoted = ",".join([f'{{"{ELEMENT_DIGEST}":"{digest}"}}' for digest in digests])
        self._add(name, f"[{quoted}]", position)

    def decoy(self) -> None:
        """Add a digest that stands for an absent claim."""
        self._digests.append(self._decoy())

    def finish(self, shown: JsonObject) -> Concealed:
        """Return the payload: the claims in the clear, and the digests of all that was added.

        Args:
            shown: Claims in the clear; not changed.

        Raises:
            ValueError: A claim was added twice, or is also shown, or bears a control name.
        """
        names = {*self._names, *shown, *CONTROL_NAMES}
        if len(names) != len(self._names) + len(shown) + len(CONTROL_NAMES):
            raise ValueError("a claim stands twice, or bears a control name of SD-JWT")
        digests: list[JsonValue] = [*sorted(self._digests)]
        payload: JsonObject = {**shown, DIGEST_ALGORITHM: HASH_ALGORITHM, DIGESTS: digests}
        return Concealed(payload=payload, disclosures=tuple(self._disclosures))

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


def _draw_salts(random_bytes: Callable[[int], bytes]) -> Iterator[str]:
    """Draw salts, several at once. A broken source must never issue."""
    drawn: set[bytes] = set()
    size = _SALTS_AT_ONCE * SALT_BYTES
    while True:
        known = len(drawn)
        data = random_bytes(size)
        salts = [data[start : start + SALT_BYTES] for start in range(0, size, SALT_BYTES)]
        drawn.update(salts)
        if len(data) != size or len(drawn) != known + _SALTS_AT_ONCE:
            raise RuntimeError("the source of random bytes is broken: too few, or repeating itself")
        yield from map(encode_base64url, salts)


def _encode(value: JsonValue) -> str:
    """Encode a claim's value, unless it brings control names along: they would be read as ours."""
    if isinstance(value, _CONTAINERS):
        _refuse_control_names(value)
    return encode_jcs_text(value)


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

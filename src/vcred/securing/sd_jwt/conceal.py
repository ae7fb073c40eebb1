# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's side: turn claims into digests in the payload and disclosures beside it.

    Whole(name, value)          one disclosure for the whole value
    Members(name, members)      one for the object, and one below it for each member
    Elements(name, values)      one for the array, and one below it for each element
    Decoy()                     a digest of nothing, so that an absent claim leaves no gap

Every digest array is sorted, so that the order of claims tells nothing; every salt is new.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A claim that is shown or withheld as one."""

    name: str
    value: JsonValue

    @property
    def salts(self) -> int:
        """How many salts it takes."""
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """An object whose members are each selectable; `absent` of them are missing and get decoys."""

    name: str
    members: Mapping[str, JsonValue]
    absent: int = 0

    @property
    def salts(self) -> int:
        """How many salts it takes."""
        return 1 + len(self.members) + self.absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """An array whose elements are each selectable."""

    name: str
    values: Sequence[JsonValue]

    @property
    def salts(self) -> int:
        """How many salts it takes."""
        return 1 + len(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoy:
    """Stands where a claim is absent."""

    @property
    def salts(self) -> int:
        """How many salts it takes."""
        return 1


Concealable: TypeAlias = Whole | Members | Elements | Decoy


@dataclass(frozen=True, slots=True, kw_only=True)
class Concealed:
    """The payload to sign, and the disclosures as text: as `hidden` was given, parents before children."""

    payload: JsonObject
    disclosures: tuple[str, ...]


def conceal(
    shown: JsonObject, hidden: Sequence[Concealable], *, random_bytes: Callable[[int], bytes]
) -> Concealed:
    """Make the payload of an issuer's JWT.

    Args:
        shown: Claims in the clear; not changed.
        hidden: Claims to conceal, at the top level of the payload.
        random_bytes: A source of unpredictable bytes, asked once.

    Raises:
        ValueError: A control name at any depth, or a name twice, or both shown and concealed.
        RuntimeError: The source gave too few bytes or repeats itself; nothing is issued.

    Spec: RFC 9901 sections 4.2.3 to 4.2.6, 9.3, 10.4.
    """
    names = [claim.name for claim in hidden if not isinstance(claim, Decoy)]
    if len({*names, *shown, *CONTROL_NAMES}) != len(names) + len(shown) + len(CONTROL_NAMES):
        raise ValueError("a claim stands twice, or bears a control name of SD-JWT")
    salts = _draw_salts(sum(claim.salts for claim in hidden), random_bytes)
    work = _Concealment(salts=salts)
    digests = sorted(work.conceal(claim) for claim in hidden)
    payload: JsonObject = {**shown, DIGEST_ALGORITHM: HASH_ALGORITHM, DIGESTS: [*digests]}
    return Concealed(payload=payload, disclosures=tuple(work.disclosures))


def _draw_salts(size: int, random_bytes: Callable[[int], bytes]) -> Iterator[str]:
    """Draw all salts of one credential at once. A broken source must never issue."""
    drawn = random_bytes(size * SALT_BYTES)
    salts = [drawn[start : start + SALT_BYTES] for start in range(0, len(drawn), SALT_BYTES)]
    if len(drawn) != size * SALT_BYTES or len(set(salts)) != size:
        raise RuntimeError("the source of random bytes is broken: too few, or repeating itself")
    return map(encode_base64url, salts)


@dataclass(slots=True, kw_only=True)
class _Concealment:
    """The work on one credential: salts to take, disclosures made so far, in order."""

    salts: Iterator[str]
    disclosures: list[str] = field(default_factory=list)

    def conceal(self, claim: Concealable) -> str:
        """Make a claim's disclosures, and return the digest that stands for it."""
        if isinstance(claim, Decoy):
            return self._decoy()
        if isinstance(claim, Whole):
            return self._disclose(claim.name, _encode(claim.value))
        # The parent's value holds its children's digests, yet its disclosure stands before theirs.
        position = len(self.disclosures)
        value = self._members(claim) if isinstance(claim, Members) else self._elements(claim)
        digest = self._disclose(claim.name, value)
        self.disclosures.insert(position, self.disclosures.pop())
        return digest

    def _members(self, claim: Members) -> bytes:
        if not CONTROL_NAMES.isdisjoint(claim.members):
            raise ValueError("a claim bears a control name of SD-JWT")
        digests = [self._disclose(name, _encode(claim.members[name])) for name in sorted(claim.members)]
        digests += [self._decoy() for _ in range(claim.absent)]
        # Put together as JCS has it: digests need no JSON escapes.
        quoted = ",".join([f'"{digest}"' for digest in sorted(digests)])
        return f'{{"{DIGESTS}":[{quoted}]}}'.encode("ascii")

    def _elements(self, claim: Elements) -> bytes:
        return encode_jcs([{ELEMENT_DIGEST: self._disclose(None, _encode(value))} for value in claim.values])

    def _disclose(self, name: str | None, value: bytes) -> str:
        encoded = encode_disclosure(name, value, next(self.salts))
        self.disclosures.append(encoded)
        return digest_of(encoded)

    def _decoy(self) -> str:
        return digest_of(next(self.salts))


def _encode(value: JsonValue) -> bytes:
    """Encode a claim's value, unless it brings control names along: they would be read as ours."""
    if isinstance(value, dict | list):
        _refuse_control_names(value)
    return encode_jcs(value)


def _refuse_control_names(value: dict[str, JsonValue] | list[JsonValue]) -> None:
    if isinstance(value, dict) and not CONTROL_NAMES.isdisjoint(value):
        raise ValueError("a claim's value bears a control name of SD-JWT")
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            _refuse_control_names(inner)

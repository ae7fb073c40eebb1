# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Put the disclosed claims back where their digests stand (RFC 9901 section 7.1, steps 3 to 5).

The digests of the issuer's payload decide what is read: a disclosure is only ever looked up
by a digest found on the way down, and what it reveals is walked in turn. Refused, because
each gives one presentation two meanings or lets a holder smuggle claims:

* a digest that occurs twice anywhere, disclosed or not
* a disclosure that no digest refers to, or that is sent twice
* a claim that already stands at its level, or under a control name
* `_sd`, `...` or `_sd_alg` where or as what they may not be
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import RefusedError
from vcred.limits import MAX_DIGESTS, MAX_DISCLOSURE_DEPTH, MAX_DISCLOSURES
from vcred.reasons import Reason
from vcred.securing.sd_jwt.disclosure import (
    CONTROL_NAMES,
    DIGEST_ALGORITHM,
    DIGESTS,
    ELEMENT_DIGEST,
    HASH_ALGORITHM,
    Disclosure,
)

Place: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """The claims with every disclosure in place and every digest gone.

    `places[i]` says where in `claims` the claim of the i-th disclosure stands: names, and
    for array elements the index after processing.
    """

    claims: JsonObject
    places: tuple[Place, ...]


def process(payload: JsonObject, disclosures: Sequence[Disclosure]) -> Processed:
    """Process the payload of an issuer's JWT. Verify its signature first: nothing here does.

    Args:
        payload: The decoded payload; not changed.
        disclosures: At most 256, in the order they were sent.

    Raises:
        RefusedError: ALGORITHM_NOT_ALLOWED: `_sd_alg` is not "sha-256". DISCLOSURE_INVALID:
            the rules above. LIMIT_EXCEEDED: more than 256 disclosures, 2048 digests, or
            disclosures within disclosures deeper than 8.

    Spec: RFC 9901 section 7.1 steps 2e, 3, 4, 5.
    """
    # Step 2e. Absent means SHA-256; a weaker or unknown hash is never obeyed.
    if payload.get(DIGEST_ALGORITHM, HASH_ALGORITHM) != HASH_ALGORITHM:
        raise RefusedError(Reason.ALGORITHM_NOT_ALLOWED, "digests are not made with sha-256")
    if len(disclosures) > MAX_DISCLOSURES:
        raise RefusedError(Reason.LIMIT_EXCEEDED, f"more than {MAX_DISCLOSURES} disclosures")
    walk = _Walk(disclosures)
    claims = walk.open_object(payload, (), 0)
    # Step 5. A disclosure nobody refers to is refused: it would let the holder smuggle claims.
    places = tuple([place for place in walk.places if place is not None])
    if len(places) != len(disclosures):
        raise _refused("a disclosure that no digest refers to")
    return Processed(claims=claims, places=places)


class _Walk:
    """One pass over a payload: which digests were met, and where each disclosure went."""

    __slots__ = ("_by_digest", "_disclosures", "_seen", "places")

    def __init__(self, disclosures: Sequence[Disclosure]) -> None:
        self._disclosures = disclosures
        self._by_digest = {disclosure.digest: index for index, disclosure in enumerate(disclosures)}
        self._seen: set[str] = set()
        self.places: list[Place | None] = [None] * len(disclosures)
        if len(self._by_digest) != len(disclosures):
            raise _refused("a disclosure is sent twice")

    def open_object(self, source: JsonObject, place: Place, depth: int) -> JsonObject:
        """Open an object, of which `place` says where it stands: () is the payload itself."""
        claims: JsonObject = {}
        for name, value in source.items():
            if name in CONTROL_NAMES:
                # The hash algorithm is the payload's alone.
                if name != DIGESTS and (place or name != DIGEST_ALGORITHM):
                    raise _refused("a control name of SD-JWT where it cannot stand")
            elif isinstance(value, dict):
                claims[name] = self.open_object(value, (*place, name), depth)
            elif isinstance(value, list):
                claims[name] = self._open_array(value, (*place, name), depth)
            else:
                claims[name] = value
        if DIGESTS in source:
            self._open_digests(source[DIGESTS], claims, place, depth)
        return claims

    def _open(self, value: JsonValue, place: Place, depth: int) -> JsonValue:
        if isinstance(value, dict):
            return self.open_object(value, place, depth)
        return self._open_array(value, place, depth) if isinstance(value, list) else value

    def _open_array(self, source: list[JsonValue], place: Place, depth: int) -> list[JsonValue]:
        elements: list[JsonValue] = []
        for element in source:
            here = (*place, len(elements))
            if not isinstance(element, dict) or ELEMENT_DIGEST not in element:
                elements.append(self._open(element, here, depth))
                continue
            # Step 3b. Beside the digest nothing else may stand, or the element has two meanings.
            if len(element) != 1:
                raise _refused("an array element holds a digest and something else")
            # Step 3d. An element whose digest has no disclosure is left out.
            index = self._find(element[ELEMENT_DIGEST])
            if index is not None:
                if self._disclosures[index].name is not None:
                    raise _refused("an object's disclosure stands for an array element")
                elements.append(self._reveal(index, here, depth))
        return elements

    def _open_digests(self, digests: JsonValue, claims: JsonObject, place: Place, depth: int) -> None:
        if not isinstance(digests, list):
            raise _refused("_sd is not an array")
        for digest in digests:
            index = self._find(digest)
            if index is None:
                continue
            # Step 3c. The name decides the place; nothing that stands there may be replaced.
            name = self._disclosures[index].name
            if name is None:
                raise _refused("an array element's disclosure stands in an object")
            if name in claims:
                raise _refused("a disclosed claim already stands at its level")
            claims[name] = self._reveal(index, (*place, name), depth)

    def _find(self, digest: JsonValue) -> int | None:
        """Note a digest, and return which disclosure it stands for, if that was sent."""
        if not isinstance(digest, str):
            raise _refused("a digest is not text")
        # Step 4. Also for digests without a disclosure: a decoy twice is refused too.
        if digest in self._seen:
            raise _refused("a digest occurs twice")
        self._seen.add(digest)
        if len(self._seen) > MAX_DIGESTS:
            raise RefusedError(Reason.LIMIT_EXCEEDED, f"more than {MAX_DIGESTS} digests")
        return self._by_digest.get(digest)

    def _reveal(self, index: int, place: Place, depth: int) -> JsonValue:
        if depth >= MAX_DISCLOSURE_DEPTH:
            raise RefusedError(
                Reason.LIMIT_EXCEEDED, f"disclosures within disclosures beyond {MAX_DISCLOSURE_DEPTH}"
            )
        self.places[index] = place
        value = self._disclosures[index].value
        return self._open(value, place, depth + 1)


def _refused(message: str) -> RefusedError:
    return RefusedError(Reason.DISCLOSURE_INVALID, message)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Write the disclosures anew, and with them the digests that the issuer signed.

    [salt, number, value]                       a group shown or withheld as one
    [salt, number, digests, [[salt, number, value] ...]]     a group disclosed member by member
    [salt, number, [digests | [salt, value] ...]]            an array disclosed element by element

The digest of what is disclosed is not carried but computed, and merged with those carried.

Spec: docs/spec/qr.md section 6; RFC 9901 section 4.2.
"""

from hashlib import sha256

from vcred.codec.base64url import encode_base64url
from vcred.codec.cbor import CborValue
from vcred.credential.type_definition import GroupDisclosure
from vcred.errors import LimitExceededError, RefusedError
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.qr.claim_codes import TOO_LONG, ClaimCode
from vcred.qr.dictionary import GroupCode, TypeDictionary
from vcred.qr.items import as_array, as_bytes, malformed, split_digests
from vcred.reasons import Reason


class RestoredDisclosures:
    """The disclosures written so far, in the order in which they travel, and every digest met."""

    __slots__ = ("_digests", "_groups", "_room", "texts")

    def __init__(self, dictionary: TypeDictionary) -> None:
        self.texts: list[str] = []
        self._digests: list[str] = []
        self._groups = dictionary.groups
        self._room = MAX_PRESENTATION_BYTES

    def restore(self, undisclosed: CborValue, nodes: list[CborValue]) -> tuple[str, ...]:
        """Write all disclosures; return the members that they give the payload.

        Args:
            undisclosed: The digests at the top of the payload that no disclosure here has; None
                for a payload without digests.
            nodes: The disclosures at the top, each with those below it.

        Raises:
            DecodeError: A node that is malformed, or not in its one form.
            LimitExceededError: The disclosures would be longer than a presentation may be.
            RefusedError: DISCLOSURE_INVALID: a digest stands twice.
        """
        if undisclosed is None:
            if nodes:
                raise malformed("disclosures in a credential without digests")
            return ()
        found = [self._restore_group(as_array(node)) for node in nodes]
        text = self._digest_array(as_bytes(undisclosed), found)
        # RFC 9901 section 7.1 step 4. Also: it would leave open which of the two is disclosed.
        if len(set(self._digests)) != len(self._digests):
            raise RefusedError(Reason.DISCLOSURE_INVALID, "a digest stands twice in the credential")
        return f'"_sd":{text}', '"_sd_alg":"sha-256"'

    def _restore_group(self, node: list[CborValue]) -> str:
        """Write a disclosure at the top and those below it; return its digest."""
        group = self._group(node)
        place = len(self.texts)
        if group.disclosure is GroupDisclosure.WHOLE:
            value = group.code.expand(_only(node, 3)[2])
        elif group.disclosure is GroupDisclosure.MEMBERS:
            children = as_array(_only(node, 4)[3])
            found = [self._restore_member(as_array(child), group) for child in children]
            value = f'{{"_sd":{self._digest_array(as_bytes(node[2]), found)}}}'
        else:
            value = self._element_array(as_array(_only(node, 3)[2]), group.code)
        return self._disclose(f"[{_salt(node[0])},{group.head}{value}]", place)

    def _group(self, node: list[CborValue]) -> GroupCode:
        number = node[1] if len(node) > 1 else None
        if type(number) is not int or not 0 <= number < len(self._groups):
            raise malformed("a number beyond the claims of the type")
        group = self._groups[number]
        if group is None:
            raise malformed("a disclosure of a claim that is always shown")
        return group

    def _restore_member(self, node: list[CborValue], group: GroupCode) -> str:
        salt, number, item = _only(node, 3)
        if type(number) is not int or not 0 <= number < len(group.members):
            raise malformed("a number beyond the members of a group")
        head, code = group.members[number]
        return self._disclose(f"[{_salt(salt)},{head}{code.expand(item)}]", len(self.texts))

    def _element_array(self, items: list[CborValue], code: ClaimCode) -> str:
        """Write an array of digests: runs of withheld ones, and those of disclosed elements between."""
        digests: list[str] = []
        after_run = False
        for item in items:
            if type(item) is bytes:
                run = split_digests(item)
                # Runs that touch, and empty ones, would be a second form of the same array.
                if after_run or not run:
                    raise malformed("a run of digests that is empty or not whole")
                self._digests += run
                digests += run
            else:
                salt, value = _only(as_array(item), 2)
                digests.append(self._disclose(f"[{_salt(salt)},{code.expand(value)}]", len(self.texts)))
            after_run = type(item) is bytes
        return "[" + ",".join([f'{{"...":"{digest}"}}' for digest in digests]) + "]"

    def _digest_array(self, undisclosed: bytes, disclosed: list[str]) -> str:
        """Merge the digests of what is withheld and of what is disclosed, sorted as by the issuer."""
        digests = split_digests(undisclosed)
        if sorted(digests) != digests:
            raise malformed("digests out of order")
        self._digests += digests
        digests += disclosed
        digests.sort()
        return '["' + '","'.join(digests) + '"]' if digests else "[]"

    def _disclose(self, text: str, place: int) -> str:
        """Put a disclosure at its place among the texts, a parent before its children; return its digest."""
        encoded = encode_base64url(text.encode())
        if (room := self._room - len(encoded)) < 0:
            raise LimitExceededError(TOO_LONG)
        self._room = room
        self.texts.insert(place, encoded)
        digest = encode_base64url(sha256(encoded.encode()).digest())
        self._digests.append(digest)
        return digest


def _salt(item: CborValue) -> str:
    return f'"{encode_base64url(as_bytes(item))}"'


def _only(items: list[CborValue], size: int) -> list[CborValue]:
    if len(items) != size:
        raise malformed("a disclosure with too few or too many items")
    return items

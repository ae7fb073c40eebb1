# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The disclosures in short form; see `vcred.qr.restore_disclosures` for the forms.

Disclosures are taken in the order in which they travel, each parent followed by its own
children. Any other order has no short form.

Spec: docs/spec/qr.md section 6.
"""

from collections import deque

from vcred.codec.base64url import decode_base64url
from vcred.codec.cbor import CborValue
from vcred.codec.fields import get_text, get_texts
from vcred.codec.json_types import JsonValue
from vcred.credential.type_definition import GroupDisclosure
from vcred.errors import DecodeError
from vcred.qr.claim_codes import ClaimCode
from vcred.qr.dictionary import GroupCode, TypeDictionary
from vcred.securing.sd_jwt.disclosure import DIGESTS, ELEMENT_DIGEST, Disclosure, parse_disclosure


def shorten_disclosures(
    digests: list[str], encoded: tuple[str, ...], dictionary: TypeDictionary
) -> tuple[bytes, list[CborValue]]:
    """Return the digests at the top that are not disclosed, and the nodes of those that are.

    Args:
        digests: The payload's array of digests.
        encoded: The disclosures as they travel.
        dictionary: That of the credential's type.

    Raises:
        DecodeError: A disclosure that no digest asks for at its place, or of another shape than
            that of its group.
        RefusedError: A disclosure that is none.
    """
    queue = deque(map(parse_disclosure, encoded))
    disclosed: set[str] = set()
    nodes: list[CborValue] = []
    while queue:
        disclosure = queue.popleft()
        if disclosure.digest not in digests:
            raise DecodeError("a disclosure whose digest is not where its place is")
        disclosed.add(disclosure.digest)
        nodes.append(_group_node(disclosure, queue, dictionary))
    return _withheld(digests, disclosed), nodes


def _group_node(disclosure: Disclosure, queue: deque[Disclosure], dictionary: TypeDictionary) -> CborValue:
    """Return the node of a disclosure at the top; take those below it from the queue."""
    number = dictionary.numbers.get(disclosure.name or "")
    group = None if number is None else dictionary.groups[number]
    if number is None or group is None:
        raise DecodeError("a disclosure of a claim that the type does not withhold")
    node: list[CborValue] = [decode_base64url(disclosure.salt), number]
    if group.disclosure is GroupDisclosure.WHOLE:
        return [*node, group.code.shorten(disclosure.value)]
    if group.disclosure is GroupDisclosure.MEMBERS:
        return [*node, *_members(disclosure.value, queue, group)]
    return [*node, _elements(disclosure.value, queue, group.code)]


def _members(value: JsonValue, queue: deque[Disclosure], group: GroupCode) -> tuple[bytes, list[CborValue]]:
    """Return the withheld digests of a group's members, and the nodes of the disclosed ones."""
    if type(value) is not dict:
        raise DecodeError("a group that is disclosed by members and is no object")
    digests = get_texts(value, DIGESTS)
    disclosed: set[str] = set()
    nodes: list[CborValue] = []
    while queue and queue[0].digest in digests:
        child = queue.popleft()
        number = group.member_numbers.get(child.name or "")
        if number is None:
            raise DecodeError("a member that its group does not have")
        disclosed.add(child.digest)
        _, code = group.members[number]
        nodes.append([decode_base64url(child.salt), number, code.shorten(child.value)])
    return _withheld(digests, disclosed), nodes


def _elements(value: JsonValue, queue: deque[Disclosure], code: ClaimCode) -> list[CborValue]:
    """Return runs of withheld digests, and the disclosed elements between them."""
    items: list[CborValue] = []
    run = b""
    for digest in _element_digests(value):
        if not queue or queue[0].digest != digest:
            run += decode_base64url(digest)
            continue
        if run:
            items.append(run)
            run = b""
        child = queue.popleft()
        items.append([decode_base64url(child.salt), code.shorten(child.value)])
    return [*items, run] if run else items


def _element_digests(value: JsonValue) -> list[str]:
    if type(value) is not list:
        raise DecodeError("a group that is disclosed by elements and is no array")
    digests: list[str] = []
    for element in value:
        if type(element) is not dict:
            raise DecodeError("an array that is disclosed by elements and holds one in the clear")
        digests.append(get_text(element, ELEMENT_DIGEST))
    return digests


def _withheld(digests: list[str], disclosed: set[str]) -> bytes:
    return b"".join(decode_base64url(digest) for digest in digests if digest not in disclosed)

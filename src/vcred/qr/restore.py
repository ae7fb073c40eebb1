# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Unpack mode 1: write the presentation anew from numbers, values and the ledger.

What is written is the exact text that was packed: the issuer's header and payload in JCS,
each disclosure, each digest of what is disclosed, the holder's key with both coordinates,
the key binding with its `sd_hash`. Nothing is trusted: if a number lies, the issuer's
signature fails on the text that comes out.

Each item has one form only, checked here piece by piece; so packing the result again gives
the same bytes, as the specification demands and tests hold.

Spec: docs/spec/qr.md sections 3 to 7.
"""

from functools import lru_cache
from typing import Final

from vcred.codec.base64url import encode_base64url
from vcred.codec.cbor import CborValue
from vcred.errors import KeyMaterialError, LimitExceededError, RefusedError
from vcred.keys.algorithms import ALGORITHMS
from vcred.keys.public import PublicKey
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.qr.claim_codes import TOO_LONG, quote, write_integer
from vcred.qr.dictionary import dictionary_of
from vcred.qr.items import as_array, as_bytes, as_integer, encode_json, malformed
from vcred.qr.lookup import check_network, find_did, find_key, find_status_list, find_type
from vcred.qr.references import References
from vcred.qr.restore_binding import restore_key_binding
from vcred.qr.restore_disclosures import RestoredDisclosures
from vcred.reasons import Reason

_ITEMS: Final = 15


def restore_presentation(items: list[CborValue], references: References) -> str:
    """Return the text of the SD-JWT or SD-JWT+KB that `items` stand for.

    Args:
        items: The decoded array, mode number first.
        references: The ledger as the reader knows it.

    Raises:
        LimitExceededError: They stand for more than `MAX_PRESENTATION_BYTES`.
        DecodeError: An item of the wrong type, out of range, or not in its one form.
        RefusedError: ISSUER_UNKNOWN, REFERENCE_UNKNOWN, TYPE_UNKNOWN: see `vcred.qr.lookup`.
            KEY_UNUSABLE: the holder's key is no point of its curve. DISCLOSURE_INVALID: a
            digest stands twice.
    """
    if len(items) != _ITEMS:
        raise malformed("not as many items as its mode has")
    _, network, issuer_index, key_ordinal, type_index, issued_at, expires, not_before, *rest = items
    shown, holder, status, undisclosed, disclosed, signature, binding = rest
    check_network(network, references)
    issuer = find_did(issuer_index, references)
    key_id, algorithm = find_key(issuer, key_ordinal, references)
    vct, definition = find_type(type_index, references)
    dictionary = dictionary_of(definition)
    shown, issued_at = as_array(shown), as_integer(issued_at)

    members = dictionary.shown.expand_members(shown)
    members += (f'"iss":{quote(issuer)}', f'"iat":{write_integer(issued_at)}', f'"vct":{quote(vct)}')
    if (expiry := _expiry(expires, dictionary.expires_at(shown))) is not None:
        members.append(f'"exp":{write_integer(expiry)}')
    if not_before is not None:
        members.append(f'"nbf":{write_integer(issued_at + as_integer(not_before))}')
    holder_algorithm = None
    if holder is not None:
        holder_algorithm, confirmation = _confirmation(as_bytes(holder))
        members.append(confirmation)
    if status is not None:
        members.append(_status(status, issuer, references))
    disclosures = RestoredDisclosures(dictionary)
    members += disclosures.restore(undisclosed, as_array(disclosed))

    signed = f"{_header(algorithm.jose, key_id)}.{_payload(members)}"
    sd_jwt = "~".join((f"{signed}.{encode_base64url(as_bytes(signature))}", *disclosures.texts, ""))
    if binding is not None:
        sd_jwt += restore_key_binding(
            binding, sd_jwt, algorithm=holder_algorithm, issued_at=issued_at, references=references
        )
    if len(sd_jwt) > MAX_PRESENTATION_BYTES:
        raise LimitExceededError(TOO_LONG)
    return sd_jwt


def _payload(members: list[str]) -> str:
    """Return the base64url form of the object with these members."""
    # To sort the texts is to sort the names: the quotation mark after a name is below any letter of one.
    members.sort()
    return encode_json("{" + ",".join(members) + "}")


@lru_cache(maxsize=256)
def _header(algorithm: str, key_id: str) -> str:
    return encode_json(f'{{"alg":"{algorithm}","kid":{quote(key_id)},"typ":"dc+sd-jwt"}}')


def _expiry(item: CborValue, derived: int | None) -> int | None:
    """Return `exp`: null is what the type's rule gives, false is none in spite of the rule."""
    if item is None:
        return derived
    if item is False and derived is not None:
        return None
    if type(item) is not int or item == derived:
        raise malformed("an expiry that is not in its one form")
    return item


# A camera sees one code in many frames, and the point costs more than all the rest.
@lru_cache(maxsize=64)
def _confirmation(raw: bytes) -> tuple[str, str]:
    """Return the JOSE algorithm of the holder's key, and the member `cnf` that names it."""
    for algorithm in ALGORITHMS:
        if len(raw) == algorithm.key_bytes:
            try:
                jwk = PublicKey.from_raw(algorithm, raw).to_jwk()
            except KeyMaterialError as error:
                raise RefusedError(
                    Reason.KEY_UNUSABLE, "the holder's key is no point of its curve"
                ) from error
            members = ",".join([f'"{name}":"{value}"' for name, value in jwk.items()])
            return algorithm.jose, f'"cnf":{{"jwk":{{{members}}}}}'
    raise malformed("not a holder's key of a known length")


def _status(item: CborValue, issuer: str, references: References) -> str:
    """Return the member `status`: an index into list 0 of base 0, [index, list], or [index, list, base]."""
    place = item if type(item) is list else [item, 0]
    # In an array the last is never 0: that would be a second form of the shorter one.
    if not 2 <= len(place) <= 3 or (place is item and place[-1] == 0):
        raise malformed("a status reference that is not in its one form")
    index, number, base = (*place, 0)[:3]
    uri = find_status_list(issuer, base, number, references)
    if (checked := as_integer(index)) < 0:
        raise malformed("a negative status index")
    return f'"status":{{"status_list":{{"idx":{write_integer(checked)},"uri":{quote(uri)}}}}}'

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Pack in mode 1: replace by numbers what the ledger and the type say, leave out what can be computed.

Nothing is checked that unpacking shows anyway: a header with another member, JSON that is
not JCS, digests in another order all come back as another text, and `vcred.qr.packing`
compares before it uses the result.

Spec: docs/spec/qr.md sections 3 to 7.
"""

from collections.abc import Sequence

from vcred.codec.base64url import decode_base64url
from vcred.codec.cbor import CborValue
from vcred.codec.fields import get_int, get_object, get_text, get_texts, optional_int
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError
from vcred.keys.public import PublicKey
from vcred.qr.dictionary import TypeDictionary, dictionary_of
from vcred.qr.items import REFERENCED, is_base64url, split_jwt
from vcred.qr.lookup import status_list_number
from vcred.qr.references import References
from vcred.qr.restore_binding import LIVE
from vcred.qr.shorten_disclosures import shorten_disclosures
from vcred.securing.sd_jwt.combined import SdJwt
from vcred.securing.sd_jwt.disclosure import DIGESTS


def shorten_presentation(sd_jwt: SdJwt, references: References) -> list[CborValue]:
    """Return the items that stand for a presentation, mode number first.

    Args:
        sd_jwt: The presentation, split at its tildes.
        references: The ledger as the holder knows it.

    Raises:
        DecodeError: It has no form in this mode: something is not on the ledger here, or the
            credential is of another shape than ours.
        KeyMaterialError: The holder's key is not one of ours.
    """
    header, payload, signature = split_jwt(sd_jwt.issuer_jwt)
    claims = decode_json_object(payload)
    issuer, vct = get_text(claims, "iss"), get_text(claims, "vct")
    issued_at = get_int(claims, "iat")
    key_id = get_text(decode_json_object(header), "kid")
    definition = references.type_definition(vct)
    if definition is None:
        raise DecodeError("the credential's type is not on the ledger as known here")
    dictionary = dictionary_of(definition)
    shown = _shown(claims, dictionary)
    undisclosed: bytes | None = None
    disclosed: list[CborValue] = []
    if DIGESTS in claims:
        undisclosed, disclosed = shorten_disclosures(
            get_texts(claims, DIGESTS), sd_jwt.disclosures, dictionary
        )
    return [
        REFERENCED,
        references.network,
        _known(references.did_index(issuer)),
        _known(references.key_ordinal(issuer, key_id)),
        _known(references.type_index(vct)),
        issued_at,
        _expiry(optional_int(claims, "exp"), dictionary.expires_at(shown)),
        None if "nbf" not in claims else get_int(claims, "nbf") - issued_at,
        [*shown],
        PublicKey.from_jwk(get_object(get_object(claims, "cnf"), "jwk")).raw if "cnf" in claims else None,
        _status(claims, references.status_bases(issuer)),
        undisclosed,
        disclosed,
        signature,
        _key_binding(sd_jwt.key_binding, issued_at, references),
    ]


def _known(reference: int | None) -> int:
    if reference is None:
        raise DecodeError("the credential names something that is not on the ledger as known here")
    return reference


def _shown(claims: JsonObject, dictionary: TypeDictionary) -> list[CborValue]:
    """Return the forms of the claims that are always shown; of the rest of the payload, nothing."""
    shown = dictionary.shown.shorten(
        {name: claims[name] for name in dictionary.shown_names if name in claims}
    )
    assert isinstance(shown, list)
    return shown


def _expiry(expires: int | None, derived: int | None) -> CborValue:
    if expires == derived:
        return None
    return False if expires is None else expires


def _status(claims: JsonObject, bases: Sequence[str]) -> CborValue:
    if "status" not in claims:
        return None
    reference = get_object(get_object(claims, "status"), "status_list")
    found = status_list_number(get_text(reference, "uri"), bases)
    if found is None:
        raise DecodeError("the status list is none of the issuer's as known here")
    base, number = found
    index = get_int(reference, "idx")
    if base:
        return [index, number, base]
    return [index, number] if number else index


def _key_binding(text: str | None, issued_at: int, references: References) -> CborValue:
    if text is None:
        return None
    _, payload, signature = split_jwt(text)
    claims = decode_json_object(payload)
    nonce, audience = get_text(claims, "nonce"), get_text(claims, "aud")
    items: list[CborValue] = [
        get_int(claims, "iat") - issued_at,
        decode_base64url(nonce) if is_base64url(nonce) else nonce,
        signature,
    ]
    if audience != references.network_id + LIVE:
        index = references.did_index(audience)
        items.append(audience if index is None else index)
    return items

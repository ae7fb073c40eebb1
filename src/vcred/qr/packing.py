# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The packing of a presentation, whole: what goes into the code, and out again.

`unpack(pack(text)) == text`, whatever the text. And `pack(unpack(data)) == data` in the
mode of `data`: a byte changed in a code is another text or no text, never the same one.
The packing is no protection and needs no trust: unpacked text is verified like any other.

Spec: docs/spec/qr.md sections 2 and 3.
"""

from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.errors import LimitExceededError, RefusedError, VcredError
from vcred.limits import MAX_QR_PACKED_BYTES
from vcred.qr.items import PLAIN, REFERENCED, malformed
from vcred.qr.plain import restore_plainly, shorten_plainly
from vcred.qr.references import References
from vcred.qr.restore import restore_presentation
from vcred.qr.shorten import shorten_presentation
from vcred.reasons import Reason
from vcred.securing.sd_jwt.combined import SdJwt, split_sd_jwt


def pack(text: str, references: References | None) -> bytes:
    """Pack an SD-JWT or SD-JWT+KB without losing a character.

    Args:
        text: The presentation, ASCII.
        references: The ledger as the holder knows it. None, or a credential that does not come
            back from the short form as it was, gives the plain form.

    Raises:
        LimitExceededError: More bytes than any QR code holds.
        DecodeError: Not an SD-JWT, or a part that is not in its one base64url form.
    """
    sd_jwt = split_sd_jwt(text)
    packed = None if references is None else _pack_referenced(text, sd_jwt, references)
    if packed is None:
        packed = encode_cbor(shorten_plainly(sd_jwt))
    if len(packed) > MAX_QR_PACKED_BYTES:
        raise LimitExceededError(
            f"the presentation is {len(packed)} bytes when packed, and no QR code holds more than "
            f"{MAX_QR_PACKED_BYTES}",
            hint="disclose less, or hand over the SD-JWT text itself",
        )
    return packed


def unpack(data: bytes, references: References | None) -> str:
    """Return the text that was packed. Says nothing about who signed it.

    Args:
        data: At most `MAX_QR_PACKED_BYTES`.
        references: The ledger as the reader knows it; None reads only the plain form.

    Raises:
        LimitExceededError: Too long, too deep, or a length declared beyond the limit.
        DecodeError: Not deterministic CBOR, not a packed presentation, or one in another form
            than packing its text gives.
        RefusedError: ISSUER_UNKNOWN: it refers to another network. REFERENCE_UNKNOWN: to an
            entry not known here yet, or to any without `references`. TYPE_UNKNOWN: the type's
            definition is not held. KEY_UNUSABLE, DISCLOSURE_INVALID: see `restore`.
    """
    items = decode_cbor(data, max_bytes=MAX_QR_PACKED_BYTES)
    mode = items[0] if type(items) is list and items else None
    if type(items) is not list or type(mode) is not int:
        raise malformed("not an array that begins with a mode")
    if mode == PLAIN:
        return restore_plainly(items)
    if mode != REFERENCED:
        raise malformed("an unknown mode")
    if references is None:
        raise RefusedError(
            Reason.REFERENCE_UNKNOWN,
            "the code refers to a ledger, and none is held here",
            hint="import a trust bundle",
        )
    return restore_presentation(items, references)


def _pack_referenced(text: str, sd_jwt: SdJwt, references: References) -> bytes | None:
    """Pack in the short form; None if the text has none, or does not come back exactly."""
    try:
        items: CborValue = shorten_presentation(sd_jwt, references)
        packed = encode_cbor(items)
        if len(packed) > MAX_QR_PACKED_BYTES or unpack(packed, references) == text:
            return packed
    except (VcredError, ValueError):
        # ValueError: a value that deterministic CBOR does not hold, such as one too deep.
        return None
    return None

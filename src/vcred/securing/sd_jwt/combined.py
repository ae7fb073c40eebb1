# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The combined text: what stands between the tildes.

    <issuer's JWT>~<disclosure>~...~<disclosure>~               SD-JWT
    <issuer's JWT>~<disclosure>~...~<disclosure>~<KB-JWT>       SD-JWT+KB

Splitting decides the shape alone; the parts are opened by `jws`, `disclosure` and `key_binding`.
"""

from dataclasses import dataclass

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_DISCLOSURES, MAX_PRESENTATION_BYTES
from vcred.securing.sd_jwt.disclosure import digest_of

_SEPARATOR = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class SdJwt:
    """The parts as text; `key_binding` is None in an SD-JWT without key binding."""

    issuer_jwt: str
    disclosures: tuple[str, ...]
    key_binding: str | None = None

    def sd_hash_input(self) -> str:
        """Return what a key binding covers: everything up to and with the last tilde.

        Spec: RFC 9901 section 4.3.1.
        """
        return _SEPARATOR.join((self.issuer_jwt, *self.disclosures, ""))

    def sd_hash(self) -> str:
        """Return the digest a key binding of exactly this issuer JWT and these disclosures carries."""
        return digest_of(self.sd_hash_input())


def split_sd_jwt(text: str) -> SdJwt:
    """Split the combined text; at most 64 KiB and 256 disclosures.

    Raises:
        LimitExceededError: Too long, or too many disclosures.
        DecodeError: Not ASCII, no tilde at all, or an empty part where a disclosure belongs.

    Spec: RFC 9901 section 4; section 7.1 step 1.
    """
    if len(text) > MAX_PRESENTATION_BYTES:
        raise LimitExceededError(f"presentation longer than {MAX_PRESENTATION_BYTES} bytes")
    if not text.isascii():
        raise DecodeError("not an SD-JWT: characters outside ASCII")
    issuer_jwt, *disclosures = text.split(_SEPARATOR)
    if not disclosures:
        raise DecodeError("not an SD-JWT: no tilde", hint="an SD-JWT ends with ~ or with a key binding")
    key_binding = disclosures.pop()
    if len(disclosures) > MAX_DISCLOSURES:
        raise LimitExceededError(f"more than {MAX_DISCLOSURES} disclosures")
    if not issuer_jwt or "" in disclosures:
        raise DecodeError("not an SD-JWT: an empty part between tildes")
    return SdJwt(issuer_jwt=issuer_jwt, disclosures=tuple(disclosures), key_binding=key_binding or None)


def join_sd_jwt(sd_jwt: SdJwt) -> str:
    """Write the parts as one text; the inverse of `split_sd_jwt`."""
    return sd_jwt.sd_hash_input() + (sd_jwt.key_binding or "")

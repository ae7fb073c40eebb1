# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One disclosure: a salt, a claim's name and its value, and the digest that stands in for them.

    [salt, name, value]   a member of an object
    [salt, value]         an element of an array

The text is base64url of the JSON array; the digest is SHA-256 over that *text*, so two
spellings of one JSON array are two disclosures. Only SHA-256 exists here.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from vcred.codec.base64url import decode_base64url, encode_all_base64url, encode_base64url
from vcred.codec.jcs import encode_jcs_text, encode_utf8
from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json
from vcred.errors import RefusedError
from vcred.reasons import Reason

HASH_ALGORITHM: Final = "sha-256"
DIGESTS: Final = "_sd"
ELEMENT_DIGEST: Final = "..."
DIGEST_ALGORITHM: Final = "_sd_alg"
CONTROL_NAMES: Final = frozenset({DIGESTS, ELEMENT_DIGEST, DIGEST_ALGORITHM})
SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One disclosure, parsed.

    `encoded` is the base64url text as it travels, `digest` base64url of SHA-256 over it
    (43 characters). `name` is None for an array element.
    """

    encoded: str
    salt: str
    name: str | None
    value: JsonValue
    digest: str


def digest_of(text: str) -> str:
    """Hash ASCII text as RFC 9901 does: base64url of SHA-256 over its bytes.

    Spec: RFC 9901 section 4.2.3.
    """
    return encode_base64url(hashlib.sha256(text.encode("ascii")).digest())


def digests_of(texts: Iterable[str]) -> list[str]:
    """Hash each of many texts as `digest_of` does."""
    sha256 = hashlib.sha256
    return encode_all_base64url([sha256(text.encode("ascii")).digest() for text in texts])


def write_disclosure(name: str | None, value: str, salt: str) -> str:
    """Write the JSON of a disclosure, in the JCS form, from parts that are encoded already.

    Nothing is checked: the fast way for `conceal` and `make_disclosure`, which have.

    Args:
        name: Claim name; None for an element of an array.
        value: The JCS form of the value.
        salt: base64url text.

    Spec: RFC 9901 sections 4.2.1, 4.2.2.
    """
    # A base64url text needs no JSON escapes, so the array can be put together as JCS has it.
    return f'["{salt}",{value}]' if name is None else f'["{salt}",{quoted_name(name)},{value}]'


@lru_cache(maxsize=1024)
def quoted_name(name: str) -> str:
    """A claim name as JSON; a type has a few dozen, and issuing meets them again and again."""
    return encode_jcs_text(name)


def make_disclosure(name: str | None, value: JsonValue, salt: bytes) -> Disclosure:
    """Make the disclosure of one claim, in the JCS form.

    Args:
        name: Claim name; None for an element of an array.
        value: Any JSON value; an object may itself hold digests.
        salt: 16 random bytes, never used before.

    Raises:
        ValueError: Salt of another length, or a name that RFC 9901 keeps for itself.

    Spec: RFC 9901 sections 4.2.1, 4.2.2, 9.3.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt is 16 random bytes")
    if name in CONTROL_NAMES:
        raise ValueError("a claim cannot bear a control name of SD-JWT")
    salt_text = encode_base64url(salt)
    encoded = encode_base64url(encode_utf8(write_disclosure(name, encode_jcs_text(value), salt_text)))
    return Disclosure(encoded=encoded, salt=salt_text, name=name, value=value, digest=digest_of(encoded))


def parse_disclosure(encoded: str) -> Disclosure:
    """Read one disclosure. Says nothing about whether an issuer's digest refers to it.

    Raises:
        DecodeError: Not base64url, or not strict JSON.
        RefusedError: DISCLOSURE_INVALID: not an array of two or three, salt or name not
            text, or a control name as the name.

    Spec: RFC 9901 section 7.1 step 3c.
    """
    array = decode_json(decode_base64url(encoded))
    # A string of two characters has a length too: the type is asked first.
    if not isinstance(array, list) or not 2 <= len(array) <= 3:
        raise _refused("a disclosure is not an array of two or three")
    salt, value = array[0], array[-1]
    if not isinstance(salt, str):
        raise _refused("a disclosure's salt is not text")
    name = _claim_name(array[1]) if len(array) == 3 else None
    return Disclosure(encoded=encoded, salt=salt, name=name, value=value, digest=digest_of(encoded))


def _claim_name(name: JsonValue) -> str:
    if not isinstance(name, str):
        raise _refused("a disclosure's claim name is not text")
    if name in CONTROL_NAMES:
        raise _refused("a disclosure bears a control name of SD-JWT")
    return name


def _refused(message: str) -> RefusedError:
    return RefusedError(Reason.DISCLOSURE_INVALID, message)

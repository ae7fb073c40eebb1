# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keys in `cnf` that must not be used: JOS-17 and JOS-18."""

from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import Change, Editable, edit

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.json_types import JsonObject

_P = 2**255 - 19
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_ORDER_8_TOO = _P - _ORDER_8


def add_holder_keys(book: Book) -> None:
    """All of them."""
    _add_small_order(book)
    _add_jwks(book)


def _small_order() -> dict[str, bytes]:
    """The points whose order divides 8, and spellings of them that are not canonical."""
    values = {
        "identity": 1,
        "order-2": _P - 1,
        "order-4": 0,
        "order-4-negative": 0 | 1 << 255,
        "order-8": _ORDER_8,
        "order-8-negative": _ORDER_8 | 1 << 255,
        "order-8-other": _ORDER_8_TOO,
        "order-8-other-negative": _ORDER_8_TOO | 1 << 255,
        "identity-not-canonical": _P + 1,
        "order-4-not-canonical": _P,
        "identity-with-sign": 1 | 1 << 255,
        "order-2-with-sign": _P - 1 | 1 << 255,
    }
    return {name: value.to_bytes(32, "little") for name, value in values.items()}


def _add_small_order(book: Book) -> None:
    for name, point in _small_order().items():
        key: JsonObject = {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(point)}
        book.refuse(
            "eddsa-holder",
            f"jos-17-holder-key-{name}",
            f"An Ed25519 key of small order: {name.replace('-', ' ')}. One signature fits every message.",
            "key_unusable",
            change=edit("payload", cnf={"jwk": key}),
            spec="RFC 8032 section 5.1.3",
            covers="JOS-17",
        )


def _with_jwk(**members: object) -> Change:
    def apply(parts: Editable) -> None:
        jwk = {**parts.holder.public_key.to_jwk(), **members}
        parts.payload["cnf"] = {"jwk": {name: value for name, value in jwk.items() if value is not None}}  # type: ignore[misc]

    return apply


def _add_jwks(book: Book) -> None:
    own = book.editable("valid/live").holder.public_key.to_jwk()
    x, y = (decode_base64url(str(own[name])) for name in ("x", "y"))
    cases: dict[str, Change] = {
        "off-curve": _with_jwk(y=encode_base64url(y[:-1] + bytes((y[-1] ^ 1,)))),
        "short-x": _with_jwk(x=encode_base64url(x[1:])),
        "long-x": _with_jwk(x=encode_base64url(b"\0" + x)),
        "padded-x": _with_jwk(x=f"{own['x']}="),
        "x-is-a-number": _with_jwk(x=5),
        "no-y": _with_jwk(y=None),
        "private": _with_jwk(d=encode_base64url(bytes(31) + b"\1")),
        "oct": edit("payload", cnf={"jwk": {"kty": "oct", "k": "c2VjcmV0"}}),
        "rsa": edit("payload", cnf={"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}),
        "p-384": _with_jwk(crv="P-384"),
        "x25519": edit("payload", cnf={"jwk": {"kty": "OKP", "crv": "X25519", "x": encode_base64url(x)}}),
        "use-enc": _with_jwk(use="enc"),
        "key-ops-sign": _with_jwk(key_ops=["sign"]),
        "other-alg": _with_jwk(alg="ES384"),
        "no-kty": _with_jwk(kty=None),
    }
    for name, change in cases.items():
        book.refuse(
            "live",
            f"jos-18-holder-key-{name}",
            f"A key in cnf that cannot be used: {name.replace('-', ' ')}.",
            "key_unusable",
            change=change,
            spec="RFC 7517 section 4; RFC 7518 section 6.2.1; RFC 7800 section 3.2",
            covers="JOS-18",
        )

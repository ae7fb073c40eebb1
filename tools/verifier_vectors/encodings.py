# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Text, JSON and sizes that must not be read: JOS-13, 14, 19 to 25 and 31."""

import json
from collections.abc import Callable

from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import DROP, SALT, Change, Editable, edit, rewrite, segment

from vcred.codec.json_types import JsonValue
from vcred.limits import MAX_PRESENTATION_BYTES

JSON_SPEC = "RFC 8259; RFC 7493"
# The signed JSON of a presentation, and a disclosure: where a defect of JSON can sit.
PARTS = ("header", "payload", "binding_header", "binding")


def add_encodings(book: Book) -> None:
    """All of them."""
    _add_serialisations(book)
    _add_base64url(book)
    _add_json(book)
    _add_deep(book)
    _add_times(book)
    _add_large(book)


def _add_serialisations(book: Book) -> None:
    def general(signatures: int, **unprotected: JsonValue) -> Callable[[str], str]:
        def after(text: str) -> str:
            issuer_jwt, *rest = text.split("~")
            protected, payload, signature = issuer_jwt.split(".")
            good = {"protected": protected, "signature": signature, **unprotected}
            bad = {"protected": protected, "signature": "AAAA"}
            wrapped = {"payload": payload, "signatures": [good, bad][:signatures]}
            return "~".join((json.dumps(wrapped), *rest))

        return after

    def flattened(text: str) -> str:
        issuer_jwt, *rest = text.split("~")
        protected, payload, signature = issuer_jwt.split(".")
        wrapped = {"payload": payload, "protected": protected, "signature": signature}
        wrapped |= {"header": {"disclosures": rest[:-1], "kb_jwt": rest[-1]}}  # type: ignore[dict-item]
        return json.dumps(wrapped)

    cases = {
        "no-signature": general(0),
        "one-signature": general(1),
        "two-signatures": general(2),
        "unprotected-alg": general(1, header={"alg": "none"}),
        "flattened": flattened,
    }
    for name, after in cases.items():
        book.refuse(
            "live",
            f"jos-13-{name}",
            "The JSON serialisation of a JWS where the compact one belongs.",
            "malformed",
            after=after,
            spec="RFC 7515 section 7.2; RFC 9901 section 8",
            covers="JOS-13",
        )


def _slack(text: str) -> str:
    """The same bytes, spelt with an unused bit set in the last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if len(text) % 4 == 0:
        raise ValueError("no unused bits")
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]


def _add_base64url(book: Book) -> None:
    cases = {
        "padded": lambda text: text + "=",
        "standard-alphabet": lambda text: text[:-1] + "+",
        "slash": lambda text: text[:-1] + "/",
        "space": lambda text: text[:8] + " " + text[8:],
        "newline": lambda text: text[:8] + "\n" + text[8:],
        "line-end": lambda text: text + "\n",
        "not-ascii": lambda text: text[:8] + "ａ" + text[9:],
        "empty": lambda _: "",
    }
    for name, damage in cases.items():
        for part in ("header", "payload", "binding_header", "binding"):
            _refuse_base64url(book, f"{part.replace('_', '-')}-{name}", change=_segment(part, damage))
        _refuse_base64url(book, f"signature-{name}", after=_in_signature(damage))
        _refuse_base64url(book, f"disclosure-{name}", after=_in_disclosure(damage))
        if name != "empty":
            _refuse_base64url(book, f"binding-signature-{name}", after=_in_binding_signature(damage))
    _refuse_base64url(book, "signature-unused-bits", after=_in_signature(_slack))
    _refuse_base64url(book, "disclosure-unused-bits", after=_in_disclosure(_slack))
    _refuse_base64url(book, "binding-signature-unused-bits", after=_in_binding_signature(_slack))


def _segment(part: str, damage: Callable[[str], str]) -> Change:
    """Sign over the damaged text: the signature is right, and only the text is wrong."""
    ascii_only = damage("A" * 16).isascii()
    # What is not ASCII can be in no signing input; it is damaged after signing.
    return segment(part, damage) if ascii_only else segment(part, lambda text: text[:8] + "*" + text[9:])


def _refuse_base64url(book: Book, name: str, **how: object) -> None:
    book.refuse(
        "live",
        f"jos-14-{name}",
        f"Base64url in a spelling that is not its own: {name.replace('-', ' ')}.",
        "malformed",
        spec="RFC 4648 section 5; RFC 7515 section 2",
        covers="JOS-14",
        **how,
    )


def _in_signature(damage: Callable[[str], str]) -> Callable[[str], str]:
    def after(text: str) -> str:
        jwt, _, rest = text.partition("~")
        signed, _, signature = jwt.rpartition(".")
        return f"{signed}.{damage(signature)}~{rest}"

    return after


def _in_binding_signature(damage: Callable[[str], str]) -> Callable[[str], str]:
    def after(text: str) -> str:
        signed, _, signature = text.rpartition(".")
        return f"{signed}.{damage(signature)}"

    return after


def _in_disclosure(damage: Callable[[str], str]) -> Callable[[str], str]:
    def after(text: str) -> str:
        jwt, first, *rest = text.split("~")
        # The length of a disclosure decides whether its last character has unused bits.
        if damage is _slack and len(first) % 4 == 0:
            return "~".join((jwt, first, damage(rest[0]), *rest[1:]))
        return "~".join((jwt, damage(first), *rest))

    return after


def _in_disclosed(damage: Callable[[bytes], bytes]) -> Change:
    return lambda parts: parts.replace_disclosure("match", damage)


def _append(member: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data[:-1] + b"," + member + b"}"


def _add_json(book: Book) -> None:
    nested = b'{"a":1,"a":1}'
    deep = b'[[[[{"b":{"a":1,"a":1}}]]]]'
    members = {
        "duplicate-deeper": (b'"x":' + nested, "JOS-19"),
        "duplicate-at-5": (b'"x":' + deep, "JOS-19"),
        "integer-of-5000-digits": (b'"x":' + b"9" * 5_000, "JOS-22"),
        "integer-beyond-a-double": (b'"x":9007199254740993', "JOS-22"),
        "not-a-number": (b'"x":NaN', "JOS-22"),
        "infinity": (b'"x":-Infinity', "JOS-22"),
        "lone-surrogate": (b'"x":"\\ud800"', "JOS-23"),
        "nul": (b'"x":"\\u0000"', "JOS-23"),
        "overlong": (b'"x":"\xc0\xaf"', "JOS-23"),
        "not-utf-8": (b'"x":"\xff"', "JOS-23"),
    }
    whole: dict[str, tuple[Callable[[bytes], bytes], str]] = {
        "byte-order-mark": (lambda data: b"\xef\xbb\xbf" + data, "JOS-23"),
        "utf-16": (lambda data: data.decode().encode("utf-16-le"), "JOS-23"),
        "utf-32": (lambda data: data.decode().encode("utf-32-be"), "JOS-23"),
        "trailing": (lambda data: data + b"{}", "JOS-23"),
        "cut": (lambda data: data[:-1], "JOS-23"),
    }
    for part in PARTS:
        cases = {name: (_append(member), covers) for name, (member, covers) in members.items()} | whole
        first = {"header": b'"typ"', "payload": b'"iss"', "binding_header": b'"typ"', "binding": b'"aud"'}
        cases["duplicate"] = (_append(first[part] + b':"x"'), "JOS-19")
        for name, (damage, covers) in cases.items():
            _refuse_json(book, f"{part.replace('_', '-')}-{name}", rewrite(part, damage), covers)
    for name, (member, covers) in members.items():
        value = member.removeprefix(b'"x":')
        damage = _wrapped_value(value)
        _refuse_json(book, f"disclosure-{name}", _in_disclosed(damage), covers)
    _refuse_json(book, "disclosure-duplicate", _in_disclosed(_wrapped_value(nested)), "JOS-19")
    for name, (damage, covers) in whole.items():
        _refuse_json(book, f"disclosure-{name}", _in_disclosed(damage), covers)


def _wrapped_value(value: bytes) -> Callable[[bytes], bytes]:
    return lambda _: b'["' + SALT.encode() + b'","match",' + value + b"]"


def _refuse_json(book: Book, name: str, change: Change, covers: str) -> None:
    book.refuse(
        "live",
        f"jos-{covers[4:6]}-json-{name}",
        f"Signed JSON that two parsers would read differently: {name.replace('-', ' ')}.",
        "malformed",
        change=change,
        spec=JSON_SPEC,
        covers=covers,
    )


def _add_deep(book: Book) -> None:
    for depth in (33, 20_000):
        value = b"[" * depth + b"]" * depth
        nested = value[1:-1]
        for part in ("header", "payload", "binding"):
            _refuse_deep(book, f"{part}-{depth}", rewrite(part, _append(b'"x":' + nested)))
        _refuse_deep(book, f"disclosure-{depth}", _in_disclosed(_wrapped_value(nested)))


def _refuse_deep(book: Book, name: str, change: Change) -> None:
    book.refuse(
        "live",
        f"jos-21-nesting-{name}",
        "JSON nested deeper than 32.",
        "limit_exceeded",
        change=change,
        spec="RFC 8259 section 9",
        covers="JOS-21",
    )


def _add_times(book: Book) -> None:
    values: dict[str, bytes] = {
        "string": b'"1795136400"',
        "bool": b"true",
        "null": b"null",
        "float": b"1795136400.5",
        "whole-float": b"1795136400.0",
        "negative": b"-1",
        "1e23": b"1e23",
        "23-digits": b"1" + b"0" * 23,
        "list": b"[1795136400]",
    }
    for part, names in (("payload", ("exp", "nbf", "iat")), ("binding", ("iat",))):
        for name in names:
            for kind, value in values.items():
                book.refuse(
                    "live",
                    f"jos-25-{part}-{name}-{kind}",
                    f"{name} of the {part} is no whole number of seconds: {kind}.",
                    "malformed",
                    change=_set_raw(part, name, value),
                    spec="RFC 7519 sections 2 and 4.1",
                    covers="JOS-25 V10",
                )


def _set_raw(part: str, name: str, value: bytes) -> Change:
    def apply(parts: Editable) -> None:
        edit(part, **{name: DROP})(parts)
        rewrite(part, _append(f'"{name}":'.encode() + value))(parts)

    return apply


def _add_large(book: Book) -> None:
    def long(parts: Editable) -> None:
        parts.payload["filler"] = "x" * 49_152

    def many(count: int) -> Change:
        def apply(parts: Editable) -> None:
            # Digests of so many do not fit: the limit must not wait for them to be looked up.
            parts.disclosures += ["WyJzIiwxXQ"] * count

        return apply

    def stretched(text: str) -> str:
        return text + "A" * (MAX_PRESENTATION_BYTES + 1 - len(text))

    cases: dict[str, tuple[Change | None, Callable[[str], str] | None]] = {
        "64-kib-and-one": (None, stretched),
        "payload": (long, None),
        "257-disclosures": (many(255), None),
        "1001-disclosures": (many(999), None),
    }
    for name, (change, after) in cases.items():
        book.refuse(
            "live",
            f"jos-31-{name}",
            "Larger than the limits, which come before parsing.",
            "limit_exceeded",
            change=change,
            after=after,
            spec="docs/spec/verdict.md, step 0",
            covers="JOS-31 SDJ-22",
        )

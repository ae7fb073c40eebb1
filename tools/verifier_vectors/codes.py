# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Codes that must not be read, or not be believed: QR and CBR."""

from collections.abc import Callable

from tools.verifier_vectors.book import BASIC, Book, Vector
from tools.verifier_vectors.positives import request

from vcred.codec.base45 import encode_base45
from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.limits import MAX_QR_PACKED_BYTES
from vcred.qr.frame import PREFIX, decode_text

TEXT = "docs/spec/qr.md section 2; RFC 9285 section 4"
PACKING = "docs/spec/qr.md section 3; RFC 8949 section 4.2.1"
REFERENCES = "docs/spec/qr.md section 4"

# Positions in a code with references (docs/spec/qr.md section 3).
(MODE, NETWORK, ISSUER, KEY, TYPE, ISSUED, EXPIRES, NOT_BEFORE) = range(8)
(SHOWN, HOLDER, STATUS_AT, UNDISCLOSED, DISCLOSED, SIGNATURE, BINDING_AT) = range(8, 15)


def add_codes(book: Book) -> None:
    """All of them."""
    _add_texts(book)
    _add_cbor(book)
    _add_items(book)
    _add_references(book)
    _add_forgeries(book)
    _add_second_forms(book)
    _add_challenges(book)


def _add_texts(book: Book) -> None:
    text = book.vectors["valid/code-live"].presentation
    other = book.vectors["valid/code-plain"].presentation
    body = text.removeprefix(PREFIX)
    cases: dict[str, tuple[str, str]] = {
        "qr-01-lower-case": (PREFIX + body.lower(), "QR-01"),
        "qr-01-foreign-character": (f"{PREFIX}{body[:9]}_{body[10:]}", "QR-01"),
        "qr-01-not-ascii": (f"{PREFIX}{body[:9]}é{body[10:]}", "QR-01"),
        "qr-01-above-65535": (PREFIX + body[:-3] + ":::", "QR-01"),
        "qr-01-odd-length": (PREFIX + body + "0" * (1 + (3 - len(body)) % 3), "QR-01"),
        "qr-01-cut": (text[:-3], "QR-01"),
        "qr-01-empty": (PREFIX, "QR-01"),
        "qr-03-health-certificate": ("HC1:" + body, "QR-03"),
        "qr-03-other-version": ("VC2:" + body, "QR-03"),
        "qr-03-version-9": ("VC9:" + body, "QR-03"),
        "qr-03-lower-case-prefix": ("vc1:" + body, "QR-03"),
        "qr-03-space-before": (" " + text, "QR-03"),
        "qr-03-space-in-the-prefix": ("VC1 :" + body, "QR-03"),
        "qr-03-no-prefix": (body, "QR-03"),
        "qr-03-request": ("VQ1:" + body, "QR-03"),
        "qr-11-script": ("javascript:alert(1)", "QR-11"),
        "qr-11-file": ("file:///etc/passwd", "QR-11"),
        "qr-11-shell": ("$(reboot)", "QR-11"),
        "qr-11-control-characters": ("\x1b[2J\x07accepted", "QR-11"),
        "qr-11-empty": ("", "QR-11"),
        "qr-14-two-codes-on-two-lines": (f"{text}\n{other}", "QR-14"),
        "qr-14-two-codes-joined": (text + other, "QR-14"),
        "qr-14-code-and-text": (text + "\n" + book.vectors["valid/live"].presentation, "QR-14"),
    }
    for name, (presentation, covers) in cases.items():
        comment = f"Not one code of this kind: {name[6:].replace('-', ' ')}."
        _refuse(book, name, comment, "malformed", presentation, covers=covers, spec=TEXT)
    long = PREFIX + "0" * 4_293
    comment = "More characters than any QR code holds."
    _refuse(book, "qr-11-long", comment, "limit_exceeded", long, covers="QR-11", spec=TEXT)


def _refuse(
    book: Book,
    name: str,
    comment: str,
    reasons: str,
    presentation: str,
    *,
    covers: str,
    spec: str,
    of: str = "code-live",
) -> Vector:
    return book.refuse(of, name, comment, reasons, after=lambda _: presentation, covers=covers, spec=spec)


def _text_of(data: bytes) -> str:
    return PREFIX + encode_base45(data)


def _add_cbor(book: Book) -> None:
    data = decode_text(book.vectors["valid/code-live"].presentation)
    # 0x8f is an array of 15; after it the mode, 0x01. What is put in the mode's place is decoded first.
    assert data[:2] == b"\x8f\x01"
    head, tail = data[:1], data[2:]

    def inside(item: bytes) -> bytes:
        return head + item + tail

    huge = (2**63 - 1).to_bytes(8, "big")
    malformed: dict[str, tuple[bytes, str]] = {
        "cbr-01-duplicate-key": (inside(b"\xa2\x01\x00\x01\x00"), "CBR-01"),
        "cbr-01-duplicate-text-key": (inside(b"\xa2\x61a\x00\x61a\x00"), "CBR-01"),
        "cbr-01-duplicate-nested": (inside(b"\xa1\x00\xa2\x01\x00\x01\x00"), "CBR-01"),
        "cbr-01-same-key-spelt-longer": (inside(b"\xa2\x01\x00\x18\x01\x00"), "CBR-01"),
        "cbr-05-long-integer": (inside(b"\x18\x01"), "CBR-05"),
        "cbr-05-longer-integer": (inside(b"\x1b" + bytes(7) + b"\x01"), "CBR-05"),
        "cbr-05-long-array": (b"\x98\x0f" + data[1:], "CBR-05"),
        "cbr-05-unsorted-keys": (inside(b"\xa2\x02\x00\x01\x00"), "CBR-05"),
        "cbr-05-indefinite-array": (b"\x9f" + data[1:] + b"\xff", "CBR-05"),
        "cbr-05-indefinite-text": (inside(b"\x7f\x61a\xff"), "CBR-05"),
        "cbr-05-half-float": (inside(b"\xf9\x3c\x00"), "CBR-05"),
        "cbr-05-float": (inside(b"\xfb" + bytes(8)), "CBR-05"),
        "cbr-05-undefined": (inside(b"\xf7"), "CBR-05"),
        "cbr-05-simple-value": (inside(b"\xf8\x20"), "CBR-05"),
        "cbr-05-not-utf-8": (inside(b"\x61\xff"), "CBR-05"),
        "cbr-06-shared-reference": (inside(b"\xd8\x1c\x81\xd8\x1d\x00"), "CBR-06"),
        "cbr-06-string-reference": (inside(b"\xd9\x01\x00\xd8\x19\x00"), "CBR-06"),
        "cbr-06-regular-expression": (inside(b"\xd8\x23\x62a+"), "CBR-06"),
        "cbr-06-mime": (inside(b"\xd8\x24\x62a:"), "CBR-06"),
        "cbr-06-decimal": (inside(b"\xc4\x82\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00\x01"), "CBR-06"),
        "cbr-06-bignum": (inside(b"\xc2\x49\x01" + bytes(8)), "CBR-06"),
        "cbr-06-bignum-of-a-kilobyte": (inside(b"\xc2\x59\x04\x00" + b"\xff" * 1_024), "CBR-06"),
        "cbr-06-set": (inside(b"\xd9\x01\x02\x81\x00"), "CBR-06"),
        "cbr-06-uuid": (inside(b"\xd8\x25\x50" + bytes(16)), "CBR-06"),
        "cbr-06-address": (inside(b"\xd9\x01\x04\x44\x7f\x00\x00\x01"), "CBR-06"),
        "cbr-06-self-described": (b"\xd9\xd9\xf7" + data, "CBR-06"),
        "cbr-07-trailing": (data + b"\x00", "CBR-07"),
        "cbr-07-twice": (data + data, "CBR-07"),
        "cbr-07-cut": (data[:-1], "CBR-07"),
        "cbr-07-empty": (b"", "CBR-07"),
        "cbr-09-bytes-for-the-mode": (inside(b"\x41\x01"), "CBR-09"),
        "cbr-09-text-for-the-mode": (inside(b"\x611"), "CBR-09"),
        "cbr-09-true-for-the-mode": (inside(b"\xf5"), "CBR-09"),
        "cbr-09-negative-mode": (inside(b"\x20"), "CBR-09"),
    }
    for name, (changed, covers) in malformed.items():
        comment = f"Not CBOR in its one form: {name[7:].replace('-', ' ')}."
        _refuse(book, name, comment, "malformed", _text_of(changed), covers=covers, spec=PACKING)
    limits = {
        "cbr-02-depth-17": inside(b"\x81" * 16 + b"\x00"),
        "cbr-02-depth-401": inside(b"\x81" * 400 + b"\x00"),
        "cbr-02-depth-2500": inside(b"\x81" * 2_000 + b"\x00"),
        "cbr-03-array": inside(b"\x9b" + huge),
        "cbr-03-map": inside(b"\xbb" + huge),
        "cbr-03-bytes": inside(b"\x5b" + huge),
        "cbr-03-text": inside(b"\x7b" + huge),
    }
    for name, changed in limits.items():
        comment = f"More than a code can hold is announced: {name[7:].replace('-', ' ')}."
        _refuse(
            book, name, comment, "limit_exceeded", _text_of(changed), covers=name[:6].upper(), spec=PACKING
        )
    assert len(limits["cbr-02-depth-2500"]) <= MAX_QR_PACKED_BYTES


def _changed(book: Book, base: str, change: Callable[[list[CborValue]], None]) -> str:
    items = decode_cbor(
        decode_text(book.vectors[f"valid/{base}"].presentation), max_bytes=MAX_QR_PACKED_BYTES
    )
    assert isinstance(items, list)
    change(items)
    return _text_of(encode_cbor(items))


def _put(position: int, value: CborValue) -> Callable[[list[CborValue]], None]:
    def change(items: list[CborValue]) -> None:
        items[position] = value

    return change


def _add_items(book: Book) -> None:
    cases: dict[str, Callable[[list[CborValue]], None]] = {
        "unknown-mode": _put(MODE, 2),
        "one-item-more": lambda items: items.append(None),
        "one-item-less": lambda items: items.pop() and None,
        "network-missing-its-place": lambda items: items.insert(1, None),
        "issued-at-is-text": _put(ISSUED, "now"),
        "issued-at-beyond-json": _put(ISSUED, 2**53),
        "expires-is-true": _put(EXPIRES, True),
        "not-before-is-text": _put(NOT_BEFORE, ""),
        "shown-is-null": _put(SHOWN, None),
        "shown-with-more": lambda items: items[SHOWN].append(0),  # type: ignore[union-attr]
        "colour-without-a-number": lambda items: items[SHOWN].__setitem__(0, 3),  # type: ignore[union-attr]
        "holder-of-31-bytes": _put(HOLDER, bytes(31)),
        "status-is-text": _put(STATUS_AT, "7"),
        "status-negative": _put(STATUS_AT, -1),
        "digests-cut": lambda items: items.__setitem__(UNDISCLOSED, items[UNDISCLOSED][:-1]),  # type: ignore[index]
        "digests-out-of-order": lambda items: items.__setitem__(UNDISCLOSED, _swapped(items[UNDISCLOSED])),
        "disclosure-of-a-shown-claim": lambda items: items[DISCLOSED][0].__setitem__(1, 0),  # type: ignore[index,union-attr]
        "disclosure-beyond-the-type": lambda items: items[DISCLOSED][0].__setitem__(1, 99),  # type: ignore[index,union-attr]
        "disclosure-with-more": lambda items: items[DISCLOSED][0].append(0),  # type: ignore[index,union-attr]
        "salt-is-text": lambda items: items[DISCLOSED][0].__setitem__(0, "salt"),  # type: ignore[index,union-attr]
        "signature-is-null": _put(SIGNATURE, None),
        "binding-is-empty": _put(BINDING_AT, []),
        "binding-with-more": lambda items: items[BINDING_AT].extend((0, 0)),  # type: ignore[union-attr]
        "binding-without-a-key": _put(HOLDER, None),
    }
    for name, change in cases.items():
        comment = f"An item that its place does not take: {name.replace('-', ' ')}."
        text = _changed(book, "code-live", change)
        _refuse(book, f"qr-20-{name}", comment, "malformed", text, covers="CBR-09 QR-03", spec=PACKING)
    text = _changed(book, "code-live", _put(HOLDER, b"\x02" + b"\xff" * 32))
    comment = "The holder's key is no point of its curve."
    _refuse(book, "qr-20-holder-off-curve", comment, "key_unusable", text, covers="JOS-18", spec=PACKING)
    text = _changed(book, "code-live", _double_digest)
    comment = "A withheld digest is that of a disclosure."
    _refuse(book, "qr-20-digest-twice", comment, "disclosure_invalid", text, covers="SDJ-05", spec=PACKING)


def _swapped(digests: CborValue) -> bytes:
    assert isinstance(digests, bytes)
    return digests[32:64] + digests[:32] + digests[64:]


def _double_digest(items: list[CborValue]) -> None:
    digests = items[UNDISCLOSED]
    assert isinstance(digests, bytes)
    items[UNDISCLOSED] = digests[:32] + digests


def _add_references(book: Book) -> None:
    size = book.scene.world.state.size
    open_cases = {
        "issuer": _put(ISSUER, size),
        "issuer-far-beyond": _put(ISSUER, 2**50),
        "type": _put(TYPE, size),
        "key": _put(KEY, 3),
        "status-service": _put(STATUS_AT, [7, 0, 1]),
        "audience": lambda items: items[BINDING_AT].append(size),  # type: ignore[union-attr]
    }
    for name, change in open_cases.items():
        text = _changed(book, "code-live", change)
        book.leave_open(
            "code-live",
            f"qr-18-beyond-the-ledger-{name}",
            f"The code refers to something that the bundle does not have yet: {name.replace('-', ' ')}.",
            "reference_unknown",
            after=lambda _, to=text: to,  # type: ignore[misc]
            spec=REFERENCES,
            covers="QR-18",
        )
    other_network = _changed(book, "code-live", _put(NETWORK, bytes(8)))
    comment = "The code refers to another network."
    _refuse(
        book,
        "bnd-05-code-of-another-network",
        comment,
        "issuer_unknown",
        other_network,
        covers="BND-05 V3",
        spec=REFERENCES,
    )
    for name, change in {
        "issuer-is-a-type": _put(
            ISSUER, book.scene.world.belief().type_index(book.scene.types["health-code"])
        ),
        "type-is-genesis": _put(TYPE, 0),
        "issuer-negative": _put(ISSUER, -1),
        "issuer-is-true": _put(ISSUER, True),
    }.items():
        text = _changed(book, "code-live", change)
        comment = f"A reference to an entry of another kind: {name.replace('-', ' ')}."
        _refuse(book, f"qr-18-{name}", comment, "malformed", text, covers="QR-18", spec=REFERENCES)


def _add_forgeries(book: Book) -> None:
    """A number that lies gives another text, which the issuer has not signed."""
    belief = book.scene.world.belief()
    other_type = belief.type_index(book.scene.types["local-certificate"])
    other_issuer = belief.did_index(book.scene.unaccredited.did)
    assert other_type is not None and other_issuer is not None
    cases: dict[str, tuple[Callable[[list[CborValue]], None], str]] = {
        "colour": (lambda items: items[SHOWN].__setitem__(0, 1), "SDJ-01"),  # type: ignore[union-attr]
        "expiry": (_put(EXPIRES, 1_900_000_000), "SDJ-01"),
        "no-expiry": (_put(EXPIRES, False), "SDJ-01"),
        "not-before": (_put(NOT_BEFORE, 0), "SDJ-01"),
        "holder": (_put(HOLDER, book.signers["valid/eddsa-holder"][1].public_key.raw), "SDJ-25"),
        "status": (_put(STATUS_AT, 8), "STA-05"),
        "no-status": (_put(STATUS_AT, None), "STA-11"),
        "other-issuer": (_put(ISSUER, other_issuer), "V3"),
        "claim-value": (_rename, "SDJ-01"),
        "digest-left-out": (
            lambda items: items.__setitem__(UNDISCLOSED, items[UNDISCLOSED][32:]),  # type: ignore[index]
            "SDJ-01",
        ),
        "disclosure-left-out": (lambda items: items[DISCLOSED].pop() and None, "SDJ-30"),  # type: ignore[union-attr]
        "no-digests": (_without_digests, "SDJ-01"),
        "signature": (_put(SIGNATURE, bytes(range(64))), "SDJ-01"),
    }
    for name, (change, covers) in cases.items():
        text = _changed(book, "code-live", change)
        comment = (
            f"Something in the code is changed; the issuer has not signed that: {name.replace('-', ' ')}."
        )
        reason = "signature_invalid"
        _refuse(book, f"sdj-01-code-{name}", comment, reason, text, covers=f"{covers} V2", spec=PACKING)
    bound: dict[str, tuple[Callable[[list[CborValue]], None], str]] = {
        "age": (lambda items: items[BINDING_AT].__setitem__(0, 1), "key_binding_invalid"),  # type: ignore[union-attr]
        "nonce": (lambda items: items[BINDING_AT].__setitem__(1, bytes(15) + b"\1"), "key_binding_invalid"),  # type: ignore[union-attr]
        "signature": (
            lambda items: items[BINDING_AT].__setitem__(2, bytes(range(64))),
            "key_binding_invalid",
        ),  # type: ignore[union-attr]
        "removed": (_put(BINDING_AT, None), "key_binding_invalid"),
    }
    for name, (change, reason) in bound.items():
        text = _changed(book, "code-live", change)
        comment = f"The key binding in the code is changed: {name}."
        _refuse(
            book,
            f"sdj-25-code-binding-{name}",
            comment,
            reason,
            text,
            covers="SDJ-25 SDJ-23 V12",
            spec=PACKING,
        )


def _rename(items: list[CborValue]) -> None:
    value = items[DISCLOSED][0][2]  # type: ignore[index]
    assert isinstance(value, list)
    value[-1] = "李小明"


def _without_digests(items: list[CborValue]) -> None:
    items[UNDISCLOSED] = None
    items[DISCLOSED] = []


def _add_second_forms(book: Book) -> None:
    """The same text by another code: refused, or one code could be shown twice as two."""
    issued = book.editable("valid/live").payload
    cases: dict[str, Callable[[list[CborValue]], None]] = {
        "expiry-written-out": _put(EXPIRES, issued["exp"]),  # type: ignore[arg-type]
        "status-as-array": _put(STATUS_AT, [7, 0]),
        "status-as-long-array": _put(STATUS_AT, [7, 0, 0]),
        "colour-as-text": lambda items: items[SHOWN].__setitem__(0, "green"),  # type: ignore[union-attr]
        "colour-as-json": lambda items: items[SHOWN].__setitem__(0, b'"green"'),  # type: ignore[union-attr]
        "time-with-its-own-zone": lambda items: items[SHOWN].__setitem__(1, [items[SHOWN][1], 480]),  # type: ignore[index,union-attr]
        "time-as-text": lambda items: items[SHOWN].__setitem__(1, "2026-11-23T02:58:00+08:00"),  # type: ignore[union-attr]
        "nonce-as-text": lambda items: items[BINDING_AT].__setitem__(1, "A" * 22),  # type: ignore[union-attr]
        "audience-written-out": lambda items: items[BINDING_AT].append(  # type: ignore[union-attr]
            book.scene.world.state.require_network().id + "#live"
        ),
        "object-with-a-null-at-its-end": lambda items: items[SHOWN].append(None),  # type: ignore[union-attr]
    }
    for name, change in cases.items():
        text = _changed(book, "code-live", change)
        comment = f"A second code for the same text: {name.replace('-', ' ')}."
        _refuse(book, f"qr-21-{name}", comment, "malformed", text, covers="QR-07", spec=PACKING)


def _add_challenges(book: Book) -> None:
    asked = request(book.scene.world)
    book.refuse(
        "code-live",
        "qr-09-code-live-for-a-request",
        "A live code where this gate has asked.",
        "audience_wrong",
        request=asked,
        spec="docs/spec/verdict.md, Binding",
        covers="QR-09 V16",
    )
    book.refuse(
        "code-challenge",
        "qr-09-code-without-a-request",
        "An answer, as a code, where this gate has asked nothing.",
        "nonce_wrong",
        request=None,
        spec="docs/spec/verdict.md, Binding",
        covers="QR-09 V16",
    )
    book.refuse(
        "code-paper",
        "qr-09-code-on-paper-not-taken",
        "A code on paper at a post that asks for the holder.",
        "binding_not_accepted",
        policy={},
        bundles=BASIC,
        spec="docs/spec/verdict.md, Binding",
        covers="SDJ-23 V11",
    )

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Requests at which a wallet stops: each differs from the good one in one thing."""

from dataclasses import replace
from datetime import timedelta

from tools.request_vectors.book import NOW, Book, Draft, draft

from vcred.codec.base45 import decode_base45, encode_base45
from vcred.codec.base64url import encode_base64url
from vcred.codec.cbor import encode_cbor
from vcred.codec.jcs import encode_jcs
from vcred.did.operations import Purpose
from vcred.qr.items import split_jwt
from vcred.qr.request_text import decode_request, encode_request

PREFIX = "VQ1:"
AT = int(NOW.timestamp())


def add_invalid(book: Book) -> None:
    """Add every request that is refused."""
    _texts(book)
    _headers(book)
    _keys(book)
    _payloads(book)
    _times(book)


def _texts(book: Book) -> None:
    good = draft(book.town).text()
    header, payload, signature = split_jwt(decode_request(good))
    parts = [header, payload, signature]

    def packed(data: bytes) -> str:
        return PREFIX + encode_base45(data)

    whole = decode_base45(good.removeprefix(PREFIX))
    texts = {
        "prefix-vq2": good.replace("VQ1:", "VQ2:"),
        "prefix-of-a-presentation": good.replace("VQ1:", "VC1:"),
        "prefix-lower-case": good.replace("VQ1:", "vq1:"),
        "base45-lower-case": PREFIX + good.removeprefix(PREFIX).lower(),
        "trailing-byte": packed(whole + b"\0"),
        "long-head": packed(b"\x98\x03" + whole[1:]),
        "two-parts": packed(encode_cbor([*parts[:2]])),
        "four-parts": packed(encode_cbor([*parts, b"x"])),
        "signature-empty": packed(encode_cbor([*parts[:2], b""])),
        "signature-text": packed(encode_cbor([*parts[:2], "x" * 64])),
        "map": packed(encode_cbor({0: header, 1: payload, 2: signature})),
        "nested": packed(encode_cbor([header, payload, [signature]])),
        "nothing": PREFIX,
    }
    for name, text in texts.items():
        book.add(name, "Not the one text of three byte strings.", text, section=2, reason="malformed")
    long = packed(encode_cbor([header, payload + b" " * 970, signature]))
    book.add("too-long", "More than a symbol of version 22.", long, section=2, reason="limit_exceeded")


def _refuse(
    book: Book, name: str, comment: str, changed: Draft, *, section: int, covers: str = "VP-14"
) -> None:
    book.add(name, comment, changed.text(), section=section, covers=covers, reason="request_invalid")


def _headers(book: Book) -> None:
    good = draft(book.town)
    unsigned = [{"alg": alg} | good.header for alg in ("none", "None", "HS256")]
    for header in unsigned:
        jws = ".".join(
            encode_base64url(part) for part in (encode_jcs(header), encode_jcs(good.payload), b"\0" * 64)
        )
        book.add(
            f"alg-{header['alg']}",
            "Nobody has signed it.",
            encode_request(jws),
            section=3,
            covers="JOS-01 VP-14",
            reason="request_invalid",
        )
    own = good.signer.public_key
    for name, header in (
        ("typ-kb-jwt", good.header | {"typ": "kb+jwt"}),
        ("typ-missing", {"kid": good.header["kid"]}),
        ("kid-missing", {"typ": good.header["typ"]}),
        ("kid-relative", good.header | {"kid": f"{good.header['kid']}".partition("#")[2]}),
        ("kid-of-another-did", good.header | {"kid": book.town.nobody.key_id(Purpose.AUTHENTICATION)}),
        ("jwk", good.header | {"jwk": {**own.to_jwk()}}),
        ("crit", good.header | {"crit": ["exp"]}),
    ):
        _refuse(
            book, name, "A header that is not the one of a request.", replace(good, header=header), section=3
        )


def _keys(book: Book) -> None:
    town, good = book.town, draft(book.town)
    hospital = town.hospital
    for name, comment, signer, kid in (
        ("another-key", "Signed by somebody else.", town.nobody.signer(Purpose.AUTHENTICATION), None),
        (
            "issuing-key",
            "Signed by a key of the asker that is for credentials.",
            hospital.signer(Purpose.ASSERTION),
            hospital.key_id(Purpose.ASSERTION),
        ),
        ("former-key", "The key was retired before.", town.old_key, _kid(good, town.old_key)),
        ("void-key", "The key was declared void.", town.stolen, _kid(good, town.stolen)),
        (
            "unheard-key",
            "A key that the ledger does not have.",
            town.stranger.signer(Purpose.AUTHENTICATION),
            _kid(good, town.stranger.signer(Purpose.AUTHENTICATION)),
        ),
    ):
        header = good.header if kid is None else good.header | {"kid": kid}
        _refuse(book, name, comment, replace(good, signer=signer, header=header), section=4)
    header, payload, signature = split_jwt(decode_request(good.text()))
    changed = payload.replace(b'["match"]', b'["colour"]')
    jws = ".".join(map(encode_base64url, (header, changed, signature)))
    text = encode_request(jws)
    book.add(
        "claims-changed",
        "Changed after it was signed.",
        text,
        section=4,
        covers="VP-14",
        reason="request_invalid",
    )
    other = draft(town, network="9" * 44)
    _refuse(book, "another-network", "Of another network.", other, section=4)


def _kid(good: Draft, signer: object) -> str:
    return f"{good.by.did}#{signer.public_key.thumbprint()}"  # type: ignore[attr-defined]


def _payloads(book: Book) -> None:
    for name, changes in {
        "nonce-15-bytes": {"nonce": "A" * 20},
        "nonce-65-bytes": {"nonce": "A" * 87},
        "nonce-unused-bits": {"nonce": "A" * 21 + "B"},
        "nonce-missing": {"nonce": None},
        "claims-none": {"claims": []},
        "claims-twice": {"claims": ["match", "match"]},
        "claims-33": {"claims": [f"a{n}" for n in range(33)]},
        "claims-no-path": {"claims": ["Match!"]},
        "claims-any-element": {"claims": ["modules.*"]},
        "claims-text": {"claims": "match"},
        "purpose-missing": {"purpose": None},
        "purpose-empty": {"purpose": ""},
        "purpose-blank": {"purpose": "   "},
        "purpose-201-characters": {"purpose": "a" * 201},
        "purpose-two-lines": {"purpose": "Entry\nVerified by the government"},
        "purpose-escape": {"purpose": "Entry\x1b[2J"},
        "type-missing": {"type": None},
        "network-missing": {"network": None},
        "iss-no-did": {"iss": "gate.example"},
        "iss-another": {"iss": book.town.nobody.did},
        "aud-too": {"aud": "did:web:holder.example"},
        "exp-text": {"exp": str(AT + 300)},
    }.items():
        # The header and the signer stay those of the hospital, whatever the payload says.
        good, changed = draft(book.town), draft(book.town, **changes)
        text = replace(good, payload=changed.payload)
        _refuse(book, name, "A member that is missing, unknown or out of its range.", text, section=3)


def _times(book: Book) -> None:
    town = book.town
    for name, iat, exp in (
        ("valid-for-301-s", AT, AT + 301),
        ("valid-for-no-time", AT, AT),
        ("exp-before-iat", AT, AT - 1),
    ):
        _refuse(book, name, "exp is not 1 to 300 s after iat.", draft(town, iat=iat, exp=exp), section=3)
    ahead = draft(town, iat=AT + 61, exp=AT + 361)
    _refuse(book, "dated-61-s-ahead", "Dated in the future.", ahead, section=4)
    late = NOW + timedelta(seconds=300)
    book.add(
        "over",
        "It is over.",
        draft(town).text(),
        section=4,
        covers="VP-14",
        now=late,
        reason="request_expired",
    )

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Key bindings that must not be believed: SDJ-23 to SDJ-31, QR-09, and who may be bound to nobody."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256, sha512

from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import DROP, Change, Editable, edit
from tools.verifier_vectors.scene import KEYS

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.did.operations import Purpose
from vcred.keys.algorithms import ES256
from vcred.securing.sd_jwt.combined import SdJwt, split_sd_jwt

STEP_5 = "RFC 9901 section 7.3 step 5"
BINDING = "docs/spec/verdict.md, Binding"


def add_binding(book: Book) -> None:
    """All of them."""
    _add_missing(book)
    _add_signers(book)
    _add_hashes(book)
    _add_audiences(book)
    _add_nonces(book)


def _stripped(text: str) -> str:
    return text.rpartition("~")[0] + "~"


def _add_missing(book: Book) -> None:
    book.refuse(
        "live",
        "sdj-23-stripped",
        "The key binding is stripped; the post asks for one.",
        "key_binding_invalid",
        after=_stripped,
        spec="RFC 9901 section 7.3 step 1",
        covers="SDJ-23 V11",
    )

    def with_cnf(parts: Editable) -> None:
        parts.payload["cnf"] = {"jwk": parts.holder.public_key.to_jwk()}

    def with_unknown_cnf(parts: Editable) -> None:
        parts.payload["cnf"] = {"kid": "did:key:zDnae"}

    for name, change in (("cnf", with_cnf), ("unknown-cnf", with_unknown_cnf)):
        book.refuse(
            "paper",
            f"sdj-23-{name}-without-binding",
            "Bound to a key, and shown without a key binding, at a post that takes paper.",
            "key_binding_invalid",
            change=change,
            spec="RFC 9901 sections 7.3 step 1 and 9.5",
            covers="SDJ-23 V11",
        )
    book.refuse(
        "live",
        "sdj-23-cnf-without-a-key",
        "The holder's key is named in a way not known here: no key binding can hold.",
        "key_binding_invalid",
        change=edit("payload", cnf={"kid": "did:key:zDnae"}),
        spec="RFC 9901 section 7.3 step 3; RFC 7800 section 3",
        covers="SDJ-23 V12",
    )
    book.refuse(
        "live",
        "sdj-23-no-cnf",
        "The credential is bound to no key, and its type is not for paper.",
        "key_binding_invalid",
        change=edit("payload", cnf=DROP),
        spec=STEP_5,
        covers="SDJ-23 V11 V12",
    )

    def unbound(parts: Editable) -> None:
        del parts.payload["cnf"]
        parts.binding = None

    book.refuse(
        "live",
        "sdj-23-unbound-and-not-for-paper",
        "Without cnf and without key binding, of a type that is not for paper.",
        "key_binding_invalid",
        change=unbound,
        spec=BINDING,
        covers="SDJ-23 V11",
    )
    for base, name, bindings in (
        ("paper", "none", ["live", "challenge"]),
        ("live", "live", ["challenge"]),
        ("challenge", "challenge", ["live"]),
    ):
        book.refuse(
            base,
            f"sdj-23-{name}-not-taken-here",
            f"The binding is {name}; this post takes {' and '.join(bindings)}.",
            "binding_not_accepted",
            policy={"bindings": bindings},  # type: ignore[dict-item]
            spec=BINDING,
            covers="SDJ-23 V11",
        )


def _held_by(name: str) -> Change:
    def apply(parts: Editable) -> None:
        parts.holder = KEYS.make(name, ES256)

    return apply


def _add_signers(book: Book) -> None:
    def by_the_issuer(parts: Editable) -> None:
        parts.holder = parts.issuer

    def by_its_own_key(parts: Editable) -> None:
        parts.holder = KEYS.make("attacker", ES256)
        parts.binding_header["jwk"] = parts.holder.public_key.to_jwk()

    def by_a_named_key(parts: Editable) -> None:
        parts.holder = KEYS.make("attacker", ES256)
        parts.binding_header["kid"] = parts.holder.public_key.did_key()

    def by_a_fetched_key(parts: Editable) -> None:
        parts.holder = KEYS.make("attacker", ES256)
        parts.binding_header["jku"] = "https://attacker.example/keys"

    for name, comment, change in (
        ("other-key", "Signed by another key than the one in cnf.", _held_by("attacker")),
        ("issuers-key", "Signed by the issuer's key.", by_the_issuer),
        ("key-in-its-header", "Signed by a key that it brings in its own header.", by_its_own_key),
        ("key-named-in-its-header", "Signed by a key that its own header names.", by_a_named_key),
        ("key-to-be-fetched", "Signed by a key that its own header points at.", by_a_fetched_key),
    ):
        book.refuse(
            "live",
            f"sdj-25-{name}",
            f"The key binding: {comment}",
            "key_binding_invalid",
            change=change,
            spec=STEP_5,
            covers="SDJ-25 V12" + (" JOS-05" if name == "key-in-its-header" else ""),
        )


def _swap(text: str) -> str:
    jwt, first, second, *rest = text.split("~")
    return "~".join((jwt, second, first, *rest))


def _with_hash(make: Callable[[SdJwt], str]) -> Change:
    def apply(parts: Editable) -> None:
        assert parts.binding is not None
        parts.binding["sd_hash"] = make(split_sd_jwt(replace(parts, binding=None).text()))

    return apply


def _add_hashes(book: Book) -> None:
    another = book.vectors["valid/another-live"].presentation
    extra = book.vectors["valid/certificate-whole"].presentation.split("~")[2]
    hashes: dict[str, Callable[[SdJwt], str]] = {
        "sha-512": lambda shown: encode_base64url(sha512(shown.sd_hash_input().encode()).digest()),
        "hex": lambda shown: sha256(shown.sd_hash_input().encode()).hexdigest(),
        "without-last-tilde": lambda shown: _hash(shown.sd_hash_input()[:-1]),
        "over-the-issuer-part": lambda shown: _hash(shown.issuer_jwt),
        "over-decoded-bytes": _hash_decoded,
    }
    for name, make in hashes.items():
        book.refuse(
            "live",
            f"sdj-30-{name}",
            f"sd_hash is made otherwise: {name.replace('-', ' ')}.",
            "key_binding_invalid",
            change=_with_hash(make),
            spec="RFC 9901 section 4.3.1",
            covers="SDJ-30 V12",
        )
    for name, comment, after, reasons in (
        ("one-removed", "A disclosure removed under the key binding.", _without_test, "key_binding_invalid"),
        ("reordered", "The disclosures in another order than was bound.", _swap, "key_binding_invalid"),
        (
            "one-added",
            "A disclosure of another credential added under the key binding.",
            lambda text: text.replace("~", f"~{extra}~", 1),
            "disclosure_invalid key_binding_invalid",
        ),
    ):
        book.refuse(
            "live",
            f"sdj-30-{name}",
            comment,
            reasons,
            after=after,
            spec="RFC 9901 section 4.3.1",
            covers="SDJ-30 V12",
        )
    book.refuse(
        "live",
        "sdj-31-binding-of-another-credential",
        "The key binding that the same holder made for another credential.",
        "key_binding_invalid",
        after=lambda text: f"{text.rpartition('~')[0]}~{another.rpartition('~')[2]}",
        spec="RFC 9901 section 4.3.1",
        covers="SDJ-31 V12",
    )
    for name, value in (("list", ["x"]), ("empty", ""), ("null", None)):
        book.refuse(
            "live",
            f"sdj-30-sd-hash-{name}",
            f"sd_hash is {name}.",
            "key_binding_invalid",
            change=edit("binding", sd_hash=value),
            spec="RFC 9901 section 4.3",
            covers="SDJ-30 V12",
        )


def _without_test(text: str) -> str:
    parts = text.split("~")
    return "~".join((*parts[:-2], parts[-1]))


def _hash(text: str) -> str:
    return encode_base64url(sha256(text.encode()).digest())


def _hash_decoded(shown: SdJwt) -> str:
    data = b"".join(decode_base64url(text) for text in shown.disclosures)
    return encode_base64url(sha256(data).digest())


def _add_audiences(book: Book) -> None:
    world = book.scene.world
    own = world.mo_issuer.did
    live = world.state.require_network().id + "#live"
    cases: dict[str, tuple[object, str]] = {
        "other-verifier": (world.issuer.did, "audience_wrong"),
        "list": ([own], "audience_wrong"),
        "prefix": (own[:-1], "audience_wrong"),
        "longer": (own + "#gate", "audience_wrong"),
        "missing": (DROP, "audience_wrong"),
        "empty": ("", "audience_wrong"),
        "live": (live, "audience_wrong"),
    }
    for name, (value, reason) in cases.items():
        book.refuse(
            "challenge",
            f"sdj-27-aud-{name}",
            f"An answer to a request, made for someone else: {name.replace('-', ' ')}.",
            reason,
            change=edit("binding", aud=value),
            spec=f"{STEP_5}; {BINDING}",
            covers="SDJ-27 V12 V16 QR-09",
        )
    for name, value in {
        "other-network": "9x" * 20 + "#live",
        "no-live": live.removesuffix("#live"),
        "https": "https://gate.example",
        "list": [live],
        "missing": DROP,
    }.items():
        book.refuse(
            "live",
            f"sdj-27-live-aud-{name}",
            f"A live code made for someone else: {name.replace('-', ' ')}.",
            "audience_wrong",
            change=edit("binding", aud=value),
            spec=f"{STEP_5}; {BINDING}",
            covers="SDJ-27 V12 V16",
        )
    for name, value in {"text": "https://gate.example", "list": [own], "own": own, "null": None}.items():
        book.refuse(
            "challenge",
            f"sdj-19-credential-aud-{name}",
            "The credential itself is for one audience: it was not issued for gates.",
            "audience_wrong",
            change=edit("payload", aud=value),
            spec="RFC 9901 section 7.1 step 6; docs/spec/verdict.md, Binding",
            covers="SDJ-19 V10",
        )
    asked = book.vectors["valid/challenge"].request
    assert asked is not None
    book.refuse(
        "live",
        "qr-09-live-code-for-a-request",
        "A live code where this gate has asked.",
        "audience_wrong",
        request=asked,
        spec=BINDING,
        covers="QR-09 V16",
    )
    book.refuse(
        "challenge",
        "qr-09-answer-without-a-request",
        "An answer, where this gate has asked nothing.",
        "nonce_wrong",
        request=None,
        spec=BINDING,
        covers="QR-09 V16",
    )
    for name, comment, change in (
        ("claims", "The answer withholds a claim that was asked for.", {"claims": ("match", "vaccination")}),
        ("type", "The answer is a credential of another type than was asked for.", {"type": "passport"}),
    ):
        book.refuse(
            "challenge",
            f"qr-09-answer-with-other-{name}",
            comment,
            "policy_unmet",
            request=replace(asked, **change),  # type: ignore[arg-type]
            spec="docs/spec/verdict.md, step 11",
            covers="QR-09 SDJ-21 V17",
        )
    book.refuse(
        "challenge",
        "qr-09-answer-to-another-gate",
        "The answer to the request of another gate.",
        "audience_wrong",
        request=replace(asked, audience=world.issuer.did),
        spec=BINDING,
        covers="QR-09 V16",
    )
    book.refuse(
        "challenge",
        "qr-09-answer-to-another-request",
        "The answer to an earlier request of this gate.",
        "nonce_wrong",
        request=replace(asked, nonce="YW5vdGhlciByZXF1ZXN0IG5vbmNl"),
        spec=BINDING,
        covers="QR-09 V16",
    )


def _add_nonces(book: Book) -> None:
    for base in ("live", "challenge"):
        for name, value in {"missing": DROP, "list": ["x"], "empty": "", "number": 1}.items():
            book.refuse(
                base,
                f"sdj-28-{base}-nonce-{name}",
                f"The nonce is {name}.",
                "nonce_wrong",
                change=edit("binding", nonce=value),
                spec=STEP_5,
                covers="V12 V16",
            )
    for name, value in {
        "15-bytes": encode_base64url(bytes(15)),
        "17-bytes": encode_base64url(bytes(17)),
        "not-base64url": "A" * 21 + "=",
        "unused-bits": "A" * 21 + "B",
    }.items():
        book.refuse(
            "live",
            f"sdj-28-live-nonce-{name}",
            f"The nonce of a live code is not 16 bytes: {name.replace('-', ' ')}.",
            "nonce_wrong",
            change=edit("binding", nonce=value),
            spec=BINDING,
            covers="V12 V16 V18",
        )
    book.refuse(
        "challenge",
        "sdj-28-other-nonce",
        "The answer holds another nonce than was asked.",
        "nonce_wrong",
        change=edit("binding", nonce="YW5vdGhlciByZXF1ZXN0IG5vbmNl"),
        spec=STEP_5,
        covers="V12 V16",
    )
    other = book.scene.world.issuer.signer(Purpose.STATUS).public_key
    book.refuse(
        "live",
        "sdj-25-cnf-of-another",
        "The credential of another holder, with a key binding by this one.",
        "key_binding_invalid",
        change=edit("payload", cnf={"jwk": other.to_jwk()}),
        spec=STEP_5,
        covers="SDJ-25 V12",
    )

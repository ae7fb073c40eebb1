# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Headers and signatures that must not be believed: JOS-01 to JOS-17."""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tools.verifier_vectors.book import Book
from tools.verifier_vectors.editable import DROP, Change, Editable, Sign, edit, edit_named, rewrite
from tools.verifier_vectors.scene import KEYS

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonValue
from vcred.did.operations import Purpose
from vcred.keys.algorithms import ES256
from vcred.keys.signer import Signer

_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_L = 2**252 + 27742317777372353535851937790883648493
BEST_PRACTICE = "RFC 8725 section 3.1"
# The two signed things in a presentation: header, payload, how it is signed, and what a bad signature is.
SLOTS = {
    "credential": ("header", "issuer_signature", "signature_invalid"),
    "binding": ("binding_header", "holder_signature", "key_binding_invalid"),
}


def add_jose(book: Book) -> None:
    """All of them."""
    for slot, (header, signature, bad_signature) in SLOTS.items():
        _add_unsigned(book, slot, header, signature)
        _add_algorithms(book, slot, header)
        _add_extensions(book, slot, header)
        _add_types(book, slot, header)
        _add_ecdsa(book, slot, signature, bad_signature)
    _add_hmac(book)
    _add_foreign_keys(book)
    _add_key_ids(book)
    _add_eddsa(book)


def _unsigned(_: Signer, __: bytes) -> bytes:
    return b""


def _both(*changes: Change) -> Change:
    def change(parts: Editable) -> None:
        for one in changes:
            one(parts)

    return change


def _signed(attribute: str, sign: Sign) -> Change:
    def change(parts: Editable) -> None:
        setattr(parts, attribute, sign)

    return change


def _add_unsigned(book: Book, slot: str, header: str, signature: str) -> None:
    for name in ("none", "None", "NONE", "nOnE"):
        book.refuse(
            "live",
            f"jos-01-{slot}-{'-'.join(name)}",
            f"The {slot} is unsigned and says so: alg {name}.",
            "algorithm_not_allowed",
            change=_both(edit(header, alg=name), _signed(signature, _unsigned)),
            spec=f"{BEST_PRACTICE}; RFC 7518 section 3.6",
            covers="JOS-01 V1",
        )


def _add_algorithms(book: Book, slot: str, header: str) -> None:
    for name in ("EdDSA", "ES384", "ES256K", "RS256", "PS256", "es256"):
        book.refuse(
            "live",
            f"jos-03-{slot}-{name}",
            f"The {slot} names {name}; the key is P-256.",
            "algorithm_not_allowed",
            change=edit(header, alg=name),
            spec=BEST_PRACTICE,
            covers="JOS-03 V1",
        )
    book.refuse(
        "live",
        f"jos-03-{slot}-alg-is-a-number",
        f"The {slot} names its algorithm by a number.",
        "malformed",
        change=edit(header, alg=-7),
        spec="RFC 7515 section 4.1.1",
        covers="JOS-03",
    )


def _add_hmac(book: Book) -> None:
    """The public key as a shared secret, in every form in which a library might take it."""
    key = book.scene.world.issuer.signer(Purpose.ASSERTION).public_key
    jwk = key.to_jwk()
    loaded = _load(key.raw)
    secrets = {
        "pem": loaded.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "point": loaded.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        "jwk": encode_jcs(jwk),
        "jwks": encode_jcs({"keys": [jwk]}),
    }
    cases = [("HS256", form) for form in secrets] + [("HS384", "pem"), ("HS512", "pem")]
    for name, form in cases:
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[name]

        def sign(_: Signer, message: bytes, *, secret: bytes = secrets[form], use: object = digest) -> bytes:
            return hmac.new(secret, message, use).digest()  # type: ignore[call-overload,no-any-return]

        book.refuse(
            "live",
            f"jos-02-{name}-{form}",
            f"{name} with the issuer's public key, as {form}, for the secret.",
            "algorithm_not_allowed",
            change=_both(edit("header", alg=name), _signed("issuer_signature", sign)),
            spec=BEST_PRACTICE,
            covers="JOS-02 V1",
        )


def _load(raw: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def _attack(change: Change) -> Change:
    """The attacker signs, and says where the key is."""

    def apply(parts: Editable) -> None:
        parts.issuer = KEYS.make("attacker", ES256)
        change(parts)

    return apply


def _add_foreign_keys(book: Book) -> None:
    jwk = KEYS.make("attacker", ES256).public_key.to_jwk()
    members: dict[str, tuple[str, JsonValue, str]] = {
        "jwk": ("jwk", {**jwk}, "JOS-05 V3"),
        "x5c": ("x5c", ["MIIB"], "JOS-06 V3"),
        "jku": ("jku", "https://attacker.example/keys", "JOS-06 V3 V19"),
        "jku-loopback": ("jku", "http://127.0.0.1/keys", "JOS-06 V3 V19"),
        "jku-file": ("jku", "file:///etc/passwd", "JOS-06 V3 V19"),
        "x5u": ("x5u", "https://attacker.example/chain.pem", "JOS-06 V3 V19"),
        "x5t": ("x5t", "dGh1bWI", "JOS-06 V3"),
    }
    for name, (member, value, covers) in members.items():
        book.refuse(
            "live",
            f"jos-05-header-{name}",
            f"The attacker signs and brings or names the key in the header's {member}.",
            "key_not_authorised",
            change=_attack(edit_named("header", member, value)),
            spec="RFC 8725 section 3.10; SD-JWT VC, key discovery",
            covers=covers,
        )


def _add_key_ids(book: Book) -> None:
    world = book.scene.world
    own = world.issuer.key_id()
    fragment = own.partition("#")[2]
    cases: dict[str, tuple[object, str]] = {
        "path": ("../../x", "key_not_authorised"),
        "query": ("' OR 1=1 --", "key_not_authorised"),
        "nul": (own + "\0", "malformed"),
        "10-kb": (own + "x" * 10_000, "key_not_authorised"),
        "missing": (DROP, "key_not_authorised"),
        "empty": ("", "key_not_authorised"),
        "list": ([own], "key_not_authorised"),
        "relative": ("#" + fragment, "key_not_authorised"),
        "other-issuers": (world.mo_issuer.key_id(), "key_not_authorised"),
        "other-issuers-fragment": (f"{world.mo_issuer.did}#{fragment}", "key_not_authorised"),
        "no-such-fragment": (own[:-1] + ("A" if own[-1] != "A" else "B"), "key_not_authorised"),
        "status-key": (world.issuer.key_id(Purpose.STATUS), "key_not_authorised"),
        "authentication-key": (world.issuer.key_id(Purpose.AUTHENTICATION), "key_not_authorised"),
        "not-ascii": (own + "é", "key_not_authorised"),
    }
    for name, (value, reason) in cases.items():
        book.refuse(
            "live",
            f"jos-07-kid-{name}",
            f"A kid that names no key of this issuer for credentials: {name.replace('-', ' ')}.",
            reason,
            change=edit("header", kid=value),
            spec="RFC 8725 section 3.10; RFC 7515 section 4.1.4",
            covers="JOS-07 V3" + (" DID-10" if name in {"status-key", "authentication-key"} else ""),
        )


def _add_extensions(book: Book, slot: str, header: str) -> None:
    cases: dict[str, tuple[str, JsonValue, str]] = {
        "crit-unknown": ("crit", ["exp"], "JOS-09"),
        "crit-empty": ("crit", [], "JOS-09"),
        "crit-absent-header": ("crit", ["not-there"], "JOS-09"),
        "crit-alg": ("crit", ["alg"], "JOS-09"),
        "b64-false": ("b64", False, "JOS-10"),
        "zip": ("zip", "DEF", "JOS-10"),
    }
    for name, (member, value, covers) in cases.items():
        book.refuse(
            "live",
            f"jos-09-{slot}-{name}",
            f"The {slot}'s header has {member}, which nobody here understands.",
            "header_not_allowed",
            change=edit_named(header, member, value),
            spec="RFC 7515 section 4.1.11",
            covers=covers,
        )

    def twice(data: bytes) -> bytes:
        return data[:-1] + b',"crit":["a"],"crit":["a"]}'

    book.refuse(
        "live",
        f"jos-09-{slot}-crit-twice",
        f"The {slot}'s header has crit twice.",
        "malformed",
        change=rewrite(header, twice),
        spec="RFC 7515 section 4",
        covers="JOS-09 JOS-19",
    )


def _add_types(book: Book, slot: str, header: str) -> None:
    right = "dc+sd-jwt" if slot == "credential" else "kb+jwt"
    names = {
        "dc+sd-jwt",
        "kb+jwt",
        "statuslist+jwt",
        "openid4vci-proof+jwt",
        "oauth-authz-req+jwt",
        "JWT",
        "vc+sd-jwt",
        "DC+SD-JWT",
        f"application/{right}",
    } - {right}
    row = "SDJ-34 V14" if slot == "credential" else "SDJ-26 V12"
    values: dict[str, object] = {name.replace("/", "-"): name for name in sorted(names)}
    values |= {"missing": DROP, "list": [right]}
    for name, value in values.items():
        # File systems that do not tell cases apart must hold both files.
        suffix = "upper-case" if name == "DC+SD-JWT" else name
        book.refuse(
            "live",
            f"jos-11-{slot}-typ-{suffix}",
            f"The {slot}'s typ is that of another thing, or none: {name}.",
            "media_type_wrong",
            change=edit(header, typ=value),
            spec="RFC 8725 section 3.11; RFC 9901 section 7.3 step 5; SD-JWT VC, JOSE header",
            covers=f"JOS-11 {row}",
        )


def _add_ecdsa(book: Book, slot: str, attribute: str, reason: str) -> None:
    def numbers(r: int, s: int) -> bytes:
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def split(signature: bytes) -> tuple[int, int]:
        return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")

    def other(signature: bytes) -> bytes:
        r, s = split(signature)
        return numbers(r, _N - s)

    cases = {
        "zero": lambda _: bytes(64),
        "r-zero": lambda sig: numbers(0, split(sig)[1]),
        "s-zero": lambda sig: numbers(split(sig)[0], 0),
        "r-is-n": lambda sig: numbers(_N, split(sig)[1]),
        "s-is-n": lambda sig: numbers(split(sig)[0], _N),
        "s-beyond-n": lambda sig: sig[:32] + b"\xff" * 32,
        "63-bytes": lambda sig: sig[:-1],
        "65-bytes": lambda sig: sig + b"\0",
        "128-bytes": lambda sig: sig + sig,
        "padded": lambda sig: b"\0" + sig[:32] + b"\0" + sig[32:],
        "der": lambda sig: encode_dss_signature(*split(sig)),
        "bit": lambda sig: sig[:40] + bytes((sig[40] ^ 1,)) + sig[41:],
    }
    for name, damage in cases.items():

        def sign(signer: Signer, message: bytes, *, use: object = damage) -> bytes:
            return use(signer.sign(message))  # type: ignore[operator,no-any-return]

        book.refuse(
            "live",
            f"jos-15-{slot}-{name}",
            f"The {slot}'s ECDSA signature is none: {name.replace('-', ' ')}.",
            reason,
            change=_signed(attribute, sign),
            spec="RFC 7518 section 3.4; FIPS 186-5 section 6.4.2",
            covers="JOS-15" + (" SDJ-01 V2" if name == "bit" and slot == "credential" else ""),
        )
    book.accept_too(
        "live",
        f"{slot}-other-s",
        f"The {slot}'s ECDSA signature with the other of its two s: it verifies, and is no identifier.",
        change=_signed(attribute, lambda signer, message: other(signer.sign(message))),
        spec="FIPS 186-5 section 6.4.2; docs/spec/verdict.md, Binding",
        covers="JOS-15",
    )


def _add_eddsa(book: Book) -> None:
    def beyond(signer: Signer, message: bytes) -> bytes:
        signature = signer.sign(message)
        s = int.from_bytes(signature[32:], "little") + _L
        return signature[:32] + s.to_bytes(32, "little")

    for base, slot in (("eddsa-issuer", "credential"), ("eddsa-holder", "binding")):
        header, attribute, reason = SLOTS[slot]
        book.refuse(
            base,
            f"jos-17-{slot}-s-beyond-l",
            f"The {slot}'s Ed25519 signature with S + L for S.",
            reason,
            change=_signed(attribute, beyond),
            spec="RFC 8032 section 5.1.7",
            covers="JOS-17",
        )
        book.refuse(
            base,
            f"jos-03-{slot}-es256-with-ed25519-key",
            f"The {slot} names ES256; the key is Ed25519.",
            "algorithm_not_allowed",
            change=edit(header, alg="ES256"),
            spec=BEST_PRACTICE,
            covers="JOS-03 V1",
        )
        book.accept_too(
            base,
            f"{slot}-alg-ed25519",
            f"The {slot} names its algorithm by the name that RFC 9864 gave it.",
            change=edit(header, alg="Ed25519"),
            spec="RFC 9864 section 2.2",
            covers="JOS-03",
        )
    book.refuse(
        "live",
        "jos-01-not-on-the-policys-list",
        "A good ES256 signature at a post that takes EdDSA only.",
        "algorithm_not_allowed",
        policy={"algorithms": ["EdDSA"]},
        spec="RFC 8725 section 3.1; docs/spec/verdict.md, step 4",
        covers="JOS-01 V1",
    )

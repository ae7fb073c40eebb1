# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The golden vectors of the QR packing, made anew from fixed keys, salts and times.

`python -m tests.unit.qr.vectors` writes them; `test_vectors` holds the files to what is made
here, so that no change of the packing goes unseen. ECDSA is the deterministic kind.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.unit.qr.samples import (
    BASES,
    CERTIFICATE_CLAIMS,
    ISSUER,
    VERIFIER,
    Ledger,
    Sample,
    counter_bytes,
    make_sample,
)
from vcred.codec.base64url import encode_base64url
from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.codec.json_types import JsonObject
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import shipped_type
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack, unpack
from vcred.qr.symbol import choose_symbol

FOLDER = Path(__file__).parents[2] / "vectors" / "qr"
SOURCE = "tests/unit/qr/vectors.py"
NONCE = encode_base64url(bytes(range(16)))


class FixedEcdsa:
    """An ES256 key whose signatures are the same in every run (RFC 6979)."""

    def __init__(self, secret: int) -> None:
        self._key = ec.derive_private_key(secret, ec.SECP256R1())
        raw = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        self.public_key = PublicKey.from_raw(ES256, raw)

    def sign(self, message: bytes) -> bytes:
        """Return r || s."""
        signature = self._key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(signature)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class FixedEddsa:
    """An Ed25519 key."""

    def __init__(self, secret: int) -> None:
        self._key = ed25519.Ed25519PrivateKey.from_private_bytes(secret.to_bytes(32, "big"))
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_key = PublicKey.from_raw(EDDSA, raw)

    def sign(self, message: bytes) -> bytes:
        """Return R || S."""
        return self._key.sign(message)


def health_code(holder: Signer | None = None) -> Sample:
    """Issue the health code of the vectors."""
    return make_sample(
        issuer=FixedEcdsa(0x1551), holder=holder or FixedEcdsa(0x401DE2), random_bytes=counter_bytes()
    )


def certificate() -> Sample:
    """Issue the professional certificate of the vectors."""
    return make_sample(
        shipped_type("professional-certificate"),
        CERTIFICATE_CLAIMS,
        issuer=FixedEcdsa(0x1551),
        holder=FixedEcdsa(0x401DE2),
        random_bytes=counter_bytes(),
        status=StatusReference(uri=BASES[0] + "2", index=7),
    )


def vectors() -> Iterator[tuple[str, JsonObject]]:
    """Yield every vector by its path under the folder, without the suffix."""
    yield from _valid_vectors()
    yield from _invalid_vectors()


def _valid_vectors() -> Iterator[tuple[str, JsonObject]]:
    health, ed25519_health, award = health_code(), health_code(FixedEddsa(0x401DE2)), certificate()
    yield _valid(
        "live_match_test",
        "The usual code at a gate: live, two groups shown.",
        health,
        health.show("match", "test"),
    )
    yield _valid(
        "challenge_member",
        "An answer to a registered verifier, by an Ed25519 holder: one member of a group.",
        ed25519_health,
        ed25519_health.show("identity.name", audience=VERIFIER),
    )
    yield _valid(
        "challenge_text",
        "An answer to a verifier that is not on the ledger, to a nonce that is no base64url.",
        health,
        health.show("test", audience="x509_hash:abc", nonce="once only"),
    )
    yield _valid(
        "elements",
        "One element of an array, digests before and after it; status list 2.",
        award,
        award.show("modules.1"),
    )
    yield _valid("credential", "A whole credential without key binding.", health, health.credential)
    yield _valid(
        "plain",
        "The plain form: no ledger at either end.",
        health,
        health.show("match", "test"),
        with_ledger=False,
    )
    jwt, *disclosures, _ = health.credential.split("~")
    yield _valid(
        "plain_order",
        "Disclosures in an order that has no short form are packed plainly.",
        health,
        "~".join((jwt, *reversed(disclosures), "")),
    )


def _invalid_vectors() -> Iterator[tuple[str, JsonObject]]:
    sample = health_code()
    packed = pack(sample.show("match", "test"), sample.ledger)
    (digests, nodes), binding = _at(packed, 11, 12), _at(packed, 14)[0]
    assert isinstance(digests, bytes)
    assert isinstance(nodes, list)
    assert isinstance(binding, list)
    changes: list[tuple[str, str, int, CborValue]] = [
        ("mode_unknown", "A mode that this version does not know.", 0, 2),
        ("network_other", "Made for another network.", 1, bytes(8)),
        ("issuer_beyond", "The issuer's entry is beyond the reader's ledger.", 2, sample.ledger.size),
        ("issuer_is_type", "The issuer's number is that of an entry that publishes a type.", 2, 60),
        ("key_beyond", "A key that the issuer has not had as far as the reader knows.", 3, 2),
        (
            "expiry_said_twice",
            "An expiry that the type's rule gives is written all the same.",
            6,
            1_795_373_880,
        ),
        ("shown_trailing_null", "An absent claim at the end of a list.", 8, [0, 1_795_373_880, None]),
        (
            "shown_choice_as_text",
            "A value of a list as text, not as its number.",
            8,
            ["green", 1_795_373_880],
        ),
        ("holder_off_curve", "The holder's key is no point of P-256.", 9, b"\x02" + b"\xff" * 32),
        ("status_long_form", "Status list 0 written out.", 10, [104_729, 0]),
        (
            "digests_out_of_order",
            "The digests are not in the issuer's order.",
            11,
            digests[32:] + digests[:32],
        ),
        ("digest_twice", "A digest stands twice.", 11, digests + digests[32:]),
        ("disclosure_of_shown", "A disclosure of a claim that is always shown.", 12, [[bytes(16), 0, 0]]),
        ("disclosure_twice", "One disclosure twice.", 12, [*nodes, nodes[1]]),
        ("audience_live_as_text", "The live audience written out.", 14, [*binding, "greater-bay#live"]),
        ("audience_did_as_text", "A registered verifier's DID written out.", 14, [*binding, VERIFIER]),
        (
            "nonce_as_text",
            "A nonce as text that is the base64url form of bytes.",
            14,
            [binding[0], NONCE, binding[2]],
        ),
    ]
    for name, comment, place, value in changes:
        yield _invalid(name, comment, sample.ledger, _put(packed, place, value))
    yield _invalid("trailing_byte", "A byte after the item.", sample.ledger, packed + b"\0")
    long_mode = packed[:1] + b"\x18\x01" + packed[2:]
    yield _invalid("integer_too_long", "The mode in two bytes.", sample.ledger, long_mode)


def _valid(
    name: str, comment: str, sample: Sample, text: str, *, with_ledger: bool = True
) -> tuple[str, JsonObject]:
    packed = pack(text, sample.ledger if with_ledger else None)
    vector: JsonObject = {
        "id": f"qr/{name}",
        "comment": comment,
        "spec": "docs/spec/qr.md",
        "source": SOURCE,
        "ledger": _ledger(sample.ledger) if with_ledger else None,
        "sd_jwt": text,
        "packed": packed.hex(),
        "text": encode_text(packed),
        "symbol": symbol_of(encode_text(packed)),
        "expect": "equal",
    }
    return f"valid/{name}", vector


def symbol_of(text: str) -> str | None:
    """Return version and level of the symbol of a text; None if it is refused."""
    try:
        symbol = choose_symbol(text)
    except LimitExceededError:
        return None
    return f"{symbol.version}-{symbol.level}"


def _invalid(name: str, comment: str, ledger: Ledger, packed: bytes) -> tuple[str, JsonObject]:
    vector: JsonObject = {
        "id": f"qr/{name}",
        "comment": comment,
        "spec": "docs/spec/qr.md",
        "source": SOURCE,
        "ledger": _ledger(ledger),
        "packed": packed.hex(),
        "expect": "refused",
        "reason": reason_of(packed, ledger),
    }
    return f"invalid/{name}", vector


def reason_of(packed: bytes, ledger: Ledger) -> str:
    """Return the code of the refusal of what must be refused."""
    try:
        unpack(packed, ledger)
    except RefusedError as error:
        return error.reason.value
    except DecodeError as error:
        return error.code
    raise AssertionError("an invalid vector that is read")


def _ledger(ledger: Ledger) -> JsonObject:
    """Write down all that the references of a vector can name."""
    return {
        "network_id": ledger.network_id,
        "size": ledger.size,
        "dids": {str(index): did for index, did in ledger.dids.items()},
        "keys": {
            did: [[key_id, algorithm.jose] for key_id, algorithm in keys] for did, keys in ledger.keys.items()
        },
        "types": {str(index): [vct, ledger.definitions[vct].name] for index, vct in ledger.types.items()},
        "status_bases": {ISSUER: [*ledger.bases[ISSUER]]},
    }


def _put(packed: bytes, place: int, value: CborValue) -> bytes:
    items = decode_cbor(packed, max_bytes=2900)
    assert isinstance(items, list)
    items[place] = value
    return encode_cbor(items)


def _at(packed: bytes, *places: int) -> list[CborValue]:
    items = decode_cbor(packed, max_bytes=2900)
    assert isinstance(items, list)
    return [items[place] for place in places]


def encode_vector(vector: JsonObject) -> str:
    """Return the file of a vector."""
    return json.dumps(vector, indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    """Write all vectors."""
    for path, vector in vectors():
        file = FOLDER / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(encode_vector(vector), encoding="utf-8")


if __name__ == "__main__":
    write()

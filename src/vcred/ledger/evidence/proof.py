# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Prove that an event of a certificate was recorded, by whom, and by when.

    leaf, index, path --RFC 6962--> root == root of the `evidence.record` entry, of that author

Proved: the author had committed to exactly this event when the ledger logged the entry. Not
proved: that the event is true, nor that nothing has happened since; only the status list says
whether a credential holds now. The ledger is what a trust bundle has brought, or a log's own.

Spec: docs/spec/evidence.md.
"""

from dataclasses import dataclass, field
from typing import Final

from vcred.codec.fields import get_int, get_object, get_text, get_texts, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.did.methods.vcred import PREFIX, hash_text, parse_hash_text
from vcred.errors import DecodeError, RefusedError
from vcred.ledger.evidence.batch import MAX_BATCH_SIZE, MIN_BATCH_SIZE
from vcred.ledger.evidence.leaf import VERSION, CertificateEvent, EvidenceLeaf, credential_hash
from vcred.ledger.state import EvidenceRecord, State
from vcred.limits import MAX_CLOCK_SKEW
from vcred.reasons import Reason
from vcred.tlog.proofs import verify_inclusion
from vcred.tlog.tree import HASH_BYTES, leaf_hash

MAX_PROOF_BYTES: Final = 16 * 1024
_MEMBERS: Final = frozenset({"version", "leaf", "index", "size", "path", "entry", "author"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceProof:
    """What a holder keeps and shows. Personal, as its leaf is.

    Attributes:
        index: Place of the leaf in its batch, zero-based.
        size: Number of leaves of the batch, a power of two, 16 to 2**20.
        path: Sibling hashes from the leaf upward, 32 bytes each, one for each level.
        entry: Text of the hash of the `evidence.record` entry.
        author: DID of who recorded it.

    Raises:
        DecodeError: A value is out of its range.
    """

    leaf: EvidenceLeaf
    index: int
    size: int
    path: tuple[bytes, ...] = field(repr=False)
    entry: str
    author: str

    def __post_init__(self) -> None:
        # A batch is a full tree. In one that is not, several sizes would lead to one root.
        if not MIN_BATCH_SIZE <= self.size <= MAX_BATCH_SIZE or self.size.bit_count() != 1:
            raise DecodeError(f"size: not a power of two from {MIN_BATCH_SIZE} to {MAX_BATCH_SIZE}")
        if not 0 <= self.index < self.size:
            raise DecodeError("index: not in the batch")
        if len(self.path) != self.size.bit_length() - 1 or any(len(i) != HASH_BYTES for i in self.path):
            raise DecodeError("path: one hash of 32 bytes is needed for each level")
        parse_hash_text(self.entry)
        if not self.author.startswith(PREFIX):
            raise DecodeError("author: not a did:vcred")
        parse_hash_text(self.author.removeprefix(PREFIX))


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedEvidence:
    """An event that stands on the ledger. Only `verify_evidence` makes one.

    Attributes:
        author: DID of who recorded it.
        recorded_at: When the ledger logged it, NumericDate: it was known by then.
        entry: Text of the hash of the entry.
    """

    event: CertificateEvent
    author: str
    recorded_at: int
    entry: str


def encode_proof(proof: EvidenceProof) -> bytes:
    """Write a proof as a file: its RFC 8785 form, and a newline."""
    path: list[JsonValue] = [hash_text(item) for item in proof.path]
    members: dict[str, JsonValue] = {
        "version": VERSION,
        "leaf": proof.leaf.to_json(),
        "index": proof.index,
        "size": proof.size,
        "path": path,
        "entry": proof.entry,
        "author": proof.author,
    }
    return encode_jcs(members) + b"\n"


def parse_proof(data: bytes) -> EvidenceProof:
    """Read a proof; the newline at its end may be missing. Nothing is proved yet.

    Raises:
        LimitExceededError: More than 16 KiB, or too deep.
        DecodeError: Not exactly what `encode_proof` writes.
    """
    value = decode_json_object(data, max_bytes=MAX_PROOF_BYTES)
    refuse_unknown(value, _MEMBERS)
    if get_int(value, "version") != VERSION:
        raise DecodeError(f"version: only {VERSION} is known here")
    proof = EvidenceProof(
        leaf=EvidenceLeaf.from_json(get_object(value, "leaf")),
        index=get_int(value, "index"),
        size=get_int(value, "size"),
        path=tuple(parse_hash_text(text) for text in get_texts(value, "path")),
        entry=get_text(value, "entry"),
        author=get_text(value, "author"),
    )
    # One proof has one spelling: else it could be marked, and its copies told apart.
    if encode_proof(proof).removesuffix(b"\n") != data.removesuffix(b"\n"):
        raise DecodeError("a proof is not in its RFC 8785 form")
    return proof


def verify_evidence(proof: EvidenceProof, state: State) -> VerifiedEvidence:
    """Prove that the event stands under the root that its author has recorded.

    Args:
        proof: What was shown.
        state: The ledger, as far as it is known here.

    Raises:
        RefusedError: VERSION_UNSUPPORTED: the ledger has an entry that cannot be judged.
            REFERENCE_UNKNOWN: no such record is known here, yet. NOT_AUTHORISED: the record is
            another's. NOT_YET_VALID: an event after its own record.
        InclusionError: The leaf is not under the recorded root.

    Spec: docs/spec/evidence.md, Verification.
    """
    # Step 1.
    if state.unsupported:
        raise RefusedError(
            Reason.VERSION_UNSUPPORTED,
            "the ledger has an entry that this version cannot judge",
            hint="install a newer vcred",
        )
    record = _record_of(proof, state)
    # Step 4. The prefix of a leaf hash keeps two nodes from being shown as a leaf.
    verify_inclusion(
        index=proof.index,
        size=proof.size,
        leaf=leaf_hash(proof.leaf.encode()),
        path=proof.path,
        root=record.root,
    )
    event = proof.leaf.event
    # Step 5. Nobody records what has yet to happen: a date beyond the record would be invented.
    if event.at > record.logged_at + MAX_CLOCK_SKEW.total_seconds():
        raise RefusedError(Reason.NOT_YET_VALID, "the event is dated after it was recorded")
    return VerifiedEvidence(
        event=event, author=record.author, recorded_at=record.logged_at, entry=record.entry
    )


def verify_credential(evidence: VerifiedEvidence, issuer_jwt: str) -> None:
    """Prove that an event is about this credential; says nothing of the credential's own signature.

    Args:
        evidence: What `verify_evidence` returned.
        issuer_jwt: What stands before the first tilde of the SD-JWT.

    Raises:
        RefusedError: POLICY_UNMET: it is about another one, or names none.
    """
    named = evidence.event.credential
    if named is None:
        raise RefusedError(Reason.POLICY_UNMET, "the evidence names no credential")
    if named != credential_hash(issuer_jwt):
        raise RefusedError(Reason.POLICY_UNMET, "the evidence is about another credential")


def _record_of(proof: EvidenceProof, state: State) -> EvidenceRecord:
    # Step 2.
    record = state.evidence.get(proof.entry)
    if record is None:
        raise RefusedError(
            Reason.REFERENCE_UNKNOWN,
            "the entry that the evidence refers to is not on the ledger as it is known here",
            hint='import a newer bundle with "vcred trust import FILE"',
        )
    # Step 3. Else a holder could give the record of a stricter house for one's own.
    if record.author != proof.author:
        raise RefusedError(Reason.NOT_AUTHORISED, "the record is not of the author that the evidence names")
    return record

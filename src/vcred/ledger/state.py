# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the ledger says after its first `size` entries: values only, never changed in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vcred.codec.json_types import JsonObject
from vcred.did.operations import NextKeys, Purpose
from vcred.keys.public import PublicKey
from vcred.reasons import Reason
from vcred.tlog.quorum import Quorum, WitnessKey


class Effect(StrEnum):
    """What a withdrawal does. There is no default."""

    CEASE = "cease"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What genesis fixes. Times and sizes in seconds and bytes."""

    id: str
    jurisdictions: Mapping[str, JsonObject]
    authorities: Mapping[str, str]
    threshold: int
    origin: str
    log_key: PublicKey
    witnesses: tuple[WitnessKey, ...]
    quorum: Quorum
    entry_bytes: int
    max_merge_delay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRecord:
    """A verification method, in force while `added_at <= t < removed_at`."""

    id: str
    key: PublicKey
    purpose: Purpose
    added_at: int
    removed_at: int | None = None

    def in_force(self, at: int) -> bool:
        """Whether the method was in force at a NumericDate."""
        return self.added_at <= at and (self.removed_at is None or at < self.removed_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A `did:vcred` as the ledger has it. `index` is that of its own `did.create` entry, if it has one.

    `methods` and `status_bases` stand in the order of first appearance: their positions are the
    ordinals of docs/spec/qr.md and never change.
    """

    did: str
    index: int | None
    created_at: int
    name: JsonObject
    next_keys: NextKeys
    methods: tuple[MethodRecord, ...]
    statement_threshold: int
    status_bases: tuple[str, ...]
    last_statement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedType:
    """A credential type: digest (SHA-256, 32 bytes) and size of its definition's RFC 8785 bytes."""

    type: str
    publisher: str
    index: int
    digest: bytes
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accreditation:
    """`issuer` may issue `type` for `jurisdiction`, for `from_time <= iat < until`."""

    entry: str
    author: str
    jurisdiction: str
    issuer: str
    type: str
    from_time: int
    until: int
    logged_at: int
    ceased_at: int | None = None
    void: bool = False

    def covers(self, issued_at: int) -> bool:
        """Whether a credential with this `iat` counts under the accreditation.

        Spec: docs/spec/ledger-entries.md, issuer.accredit and issuer.withdraw.
        """
        ceased = self.ceased_at is not None and issued_at >= self.ceased_at
        return not self.void and not ceased and self.from_time <= issued_at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under which a recognition holds; None is no condition. `max_age` in seconds since `iat`."""

    max_age: int | None = None
    bindings: tuple[str, ...] | None = None
    required_claims: tuple[str, ...] = ()
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Gates of `jurisdiction` accept `type` as accredited by `of_jurisdiction`."""

    entry: str
    author: str
    jurisdiction: str
    of_jurisdiction: str
    type: str
    conditions: Conditions
    logged_at: int
    ceased_at: int | None = None
    void: bool = False

    def covers(self, issued_at: int, *, now: int) -> bool:
        """Whether it holds now for a credential with this `iat`; bindings and claims are not looked at."""
        ceased = self.ceased_at is not None and issued_at >= self.ceased_at
        conditions = self.conditions
        too_old = conditions.max_age is not None and now - issued_at > conditions.max_age
        ended = conditions.until is not None and now >= conditions.until
        return not (self.void or ceased or too_old or ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidEntry:
    """An entry that the rules refused: it stands on the log and means nothing."""

    index: int
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The ledger after `size` entries, the last of them logged at `logged_at`.

    `indices` maps the hash of each entry that counts to its index, `list_places` what a status list's
    URI may begin with to the DID that it belongs to (did-vcred.md, did.create, rule 9).
    """

    network: Network | None = None
    size: int = 0
    logged_at: int = 0
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    types: Mapping[str, PublishedType] = field(default_factory=dict)
    accreditations: Mapping[str, Accreditation] = field(default_factory=dict)
    recognitions: Mapping[str, Recognition] = field(default_factory=dict)
    indices: Mapping[str, int] = field(default_factory=dict)
    list_places: Mapping[str, str] = field(default_factory=dict)
    void: tuple[VoidEntry, ...] = ()
    unsupported: bool = False

    def require_network(self) -> Network:
        """The network. Only for states that have been replayed past genesis."""
        if self.network is None:
            raise RuntimeError("the ledger has no genesis yet")
        return self.network

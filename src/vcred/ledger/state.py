# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the ledger says after its first `size` entries: values only, never changed in place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from immutables import Map

from vcred.codec.json_types import JsonObject
from vcred.did.operations import NextKeys, Purpose
from vcred.errors import StoreError
from vcred.keys.public import PublicKey
from vcred.reasons import Reason
from vcred.tlog.quorum import Quorum, WitnessKey


class Effect(StrEnum):
    """What a withdrawal does. There is no default."""

    CEASE = "cease"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What genesis fixes, as `network.change` has left it. Times and sizes in seconds and bytes.

    `last_change` is the hash of the operation that it stands on. Names and keys of logs and
    witnesses that have ended (`retired_names`, `retired_keys`) never return.
    """

    id: str
    last_change: str
    jurisdictions: Mapping[str, JsonObject]
    authorities: Mapping[str, str]
    threshold: int
    origin: str
    log_key: PublicKey
    witnesses: tuple[WitnessKey, ...]
    quorum: Quorum
    entry_bytes: int
    max_merge_delay: int
    retired_names: frozenset[str] = frozenset()
    retired_keys: frozenset[PublicKey] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRecord:
    """A verification method, in force while `added_at <= t < removed_at`.

    What it signed at `distrusted_from` or later is void, whatever else is true; 0 is everything.
    """

    id: str
    key: PublicKey
    purpose: Purpose
    added_at: int
    removed_at: int | None = None
    distrusted_from: int | None = None

    def in_force(self, at: int) -> bool:
        """Whether the method was in force at a NumericDate."""
        return self.added_at <= at and (self.removed_at is None or at < self.removed_at)

    def is_distrusted(self, at: int) -> bool:
        """Whether a signature that says it was made at a NumericDate is void."""
        return self.distrusted_from is not None and at >= self.distrusted_from


@dataclass(frozen=True, slots=True, kw_only=True)
class DidVersion:
    """What one operation of a DID says beside its keys. `index` is None for one inside genesis."""

    hash: str
    index: int | None
    logged_at: int
    name: JsonObject
    statement_threshold: int
    status_bases: tuple[str, ...]
    sites: tuple[str, ...]
    deactivated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A `did:vcred` as the ledger has it. `index` is that of its own `did.create` entry, if it has one.

    `methods` and `status_bases` hold all that there ever were, in the order of first appearance:
    their positions are the ordinals of docs/spec/qr.md and never change. `next_keys` is None once
    it is deactivated. `jurisdiction` is that of its sponsor, or of the authority that it founded.
    `versions` has one for each operation of the DID. `control_keys` are all that
    were ever revealed, `commitments` those to every key, of whatever role, that it ever named.
    """

    did: str
    index: int | None
    jurisdiction: str
    next_keys: NextKeys | None
    methods: tuple[MethodRecord, ...]
    status_bases: tuple[str, ...]
    versions: tuple[DidVersion, ...]
    control_keys: frozenset[PublicKey]
    commitments: frozenset[str]
    last_statement: str | None = None
    last_evidence_at: int | None = None

    @property
    def latest(self) -> DidVersion:
        """What its last operation says."""
        return self.versions[-1]

    @property
    def created_at(self) -> int:
        """When it came to be, NumericDate."""
        return self.versions[0].logged_at

    @property
    def deactivated_at(self) -> int | None:
        """When it ended, NumericDate."""
        return self.latest.logged_at if self.latest.deactivated else None

    @property
    def name(self) -> JsonObject:
        """Its name by language: shown, never decided upon."""
        return self.latest.name

    @property
    def statement_threshold(self) -> int:
        """How many of its statement keys must sign."""
        return self.latest.statement_threshold


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
class Registration:
    """`verifier` may ask these claims of `type` for a purpose (by language), says `jurisdiction`."""

    entry: str
    author: str
    jurisdiction: str
    verifier: str
    type: str
    claims: tuple[str, ...]
    purpose: JsonObject
    logged_at: int
    until: int | None = None
    ceased_at: int | None = None
    void: bool = False

    def covers(self, asked_at: int) -> bool:
        """Whether a request made at a NumericDate counts under the registration."""
        ended = any(end is not None and asked_at >= end for end in (self.until, self.ceased_at))
        return not self.void and not ended and self.logged_at <= asked_at


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """A Merkle root (32 bytes) over leaves that stay with `author` and those they are about."""

    entry: str
    author: str
    index: int
    root: bytes
    logged_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidEntry:
    """An entry that the rules refused: it stands on the log and means nothing."""

    index: int
    reason: Reason


_Logged = TypeVar("_Logged", Accreditation, Recognition, Registration, EvidenceRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The ledger after `size` entries, the last of them logged at `logged_at`.

    `indices` maps the hash of each entry that counts to its index, `list_places` what a status list's
    URI may begin with to the DID that it belongs to (did-vcred.md, did.create, rule 9), `accredited`
    an issuer to the entries that accredited it. `networks` holds each network that there was and the
    first size at which it was in force.
    """

    network: Network | None = None
    networks: tuple[tuple[int, Network], ...] = ()
    size: int = 0
    logged_at: int = 0
    organisations: Map[str, Organisation] = field(default_factory=Map)
    types: Map[str, PublishedType] = field(default_factory=Map)
    accreditations: Map[str, Accreditation] = field(default_factory=Map)
    recognitions: Map[str, Recognition] = field(default_factory=Map)
    registrations: Map[str, Registration] = field(default_factory=Map)
    evidence: Map[str, EvidenceRecord] = field(default_factory=Map)
    accredited: Map[str, tuple[str, ...]] = field(default_factory=Map)
    indices: Map[str, int] = field(default_factory=Map)
    list_places: Map[str, str] = field(default_factory=Map)
    void: tuple[VoidEntry, ...] = ()
    unsupported: bool = False

    def in_order(self, rows: Iterable[_Logged]) -> list[_Logged]:
        """Rows of a table in the order of their entries: the tables themselves have none."""
        return sorted(rows, key=lambda row: self.indices.get(row.entry, self.size))

    def network_at(self, size: int) -> Network:
        """The network in force after `size` entries: its keys sign the checkpoint of that size.

        Raises:
            ValueError: No entry, or more than there are.
        """
        if not 1 <= size <= self.size:
            raise ValueError("the ledger has never had that size")
        return next(network for since, network in reversed(self.networks) if since <= size)

    def require_network(self) -> Network:
        """The network.

        Raises:
            StoreError: No genesis has been appended yet.
        """
        if self.network is None:
            raise StoreError(
                "the ledger has no genesis yet", hint='the founders make one: "vcred ledger genesis --help"'
            )
        return self.network

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The belief: which issuer, key, type and status hold, as of which time.

A value made from what is held. It answers questions; it never decides. *Absent* is an
answer of its own, and the verifier weighs it by the age of the evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from vcred.credential.type_outline import TypeOutline, read_type_outline
from vcred.did.methods.vcred import parse_hash_text
from vcred.did.operations import Purpose
from vcred.keys.algorithms import Algorithm
from vcred.ledger.state import (
    Accreditation,
    MethodRecord,
    Network,
    Organisation,
    Recognition,
    Registration,
    State,
)
from vcred.trust.held import Held, HeldStatus
from vcred.trust.statuses import BelievedStatus, open_status_token

if TYPE_CHECKING:
    from vcred.credential.type_definition import TypeDefinition

NETWORK_REFERENCE_BYTES = 8
LIVE_SUFFIX = "#live"


@dataclass(frozen=True, kw_only=True)
class Belief:
    """What is believed as of a checkpoint.

    Attributes:
        state: The ledger below the checkpoint.
        root: Root hash, 32 bytes.
        trust_as_of: Quorum time of the checkpoint, NumericDate.
        time_floor: The greatest quorum time ever accepted, NumericDate.
        is_below_floor: Whether less is held than the operator knows to exist.
        audit: Whether it was made for an audit question about an earlier time.
    """

    state: State
    root: bytes
    trust_as_of: int
    time_floor: int
    statuses: Mapping[str, HeldStatus]
    type_contents: Mapping[bytes, bytes]
    audit: bool = False
    is_below_floor: bool = False
    _snapshots: dict[str, BelievedStatus] = field(default_factory=dict, repr=False)
    _outlines: dict[str, TypeOutline] = field(default_factory=dict, repr=False)
    _definitions: "dict[str, TypeDefinition]" = field(default_factory=dict, repr=False)

    @cached_property
    def ledger_network(self) -> Network:
        """The network that genesis made."""
        return self.state.require_network()

    @cached_property
    def network_id(self) -> str:
        """The text of the hash of genesis."""
        return self.ledger_network.id

    @cached_property
    def live_audience(self) -> str:
        """The audience of a code that answers no request."""
        return self.network_id + LIVE_SUFFIX

    def is_logged(self, operation_hash: str) -> bool:
        """Whether the log has the operation of that hash below the checkpoint."""
        return operation_hash in self.state.indices

    # Questions of the verifier.

    def organisation(self, did: str) -> Organisation | None:
        """The organisation behind a `did:vcred`, or None."""
        return self.state.organisations.get(did)

    def method(self, did: str, key_id: str) -> MethodRecord | None:
        """The verification method with that id, whatever its purpose, or None."""
        organisation = self.organisation(did)
        if organisation is not None:
            for method in organisation.methods:
                if method.id == key_id:
                    return method
        return None

    def accreditations(self, did: str, vct: str) -> tuple[Accreditation, ...]:
        """Every accreditation of that issuer for that type, also those that are over."""
        return self._accreditations.get((did, vct), ())

    def recognitions(self, jurisdiction: str, vct: str) -> tuple[Recognition, ...]:
        """Every recognition of that type by that jurisdiction, also those that are over."""
        return self._recognitions.get((jurisdiction, vct), ())

    def registrations(self, did: str, vct: str) -> tuple[Registration, ...]:
        """Every registration of that verifier for that type, also those that are over."""
        table = self.state.registrations.values()
        found = [item for item in table if (item.verifier, item.type) == (did, vct)]
        return tuple(self.state.in_order(found))

    def status(self, uri: str) -> BelievedStatus | None:
        """The newest list held for a URI, or None. Opened once."""
        if uri not in self._snapshots:
            held = self.statuses.get(uri)
            if held is None:
                return None
            self._snapshots[uri] = open_status_token(held.token, self.state)
        return self._snapshots[uri]

    def type_outline(self, vct: str) -> TypeOutline | None:
        """What a verdict needs of a published type, if its content is held.

        Content that calls itself otherwise than its `vct` is nobody's type: else the accreditation
        for one type would speak for another.
        """
        if vct not in self._outlines:
            content = self._type_content(vct)
            if content is None:
                return None
            outline = read_type_outline(content)
            if not vct.endswith(f"/types/{outline.name}/{outline.version}"):
                return None
            self._outlines[vct] = outline
        return self._outlines[vct]

    # Questions of issuers and wallets, and of who reads a packed code.

    def type_definition(self, vct: str) -> "TypeDefinition | None":
        """The definition of a published type, if its content is held."""
        # Here, because most verdicts need no more than the outline.
        from vcred.credential.type_definition import parse_type_definition

        if vct not in self._definitions:
            content = self._type_content(vct)
            if content is None:
                return None
            if self.type_outline(vct) is None:
                return None
            self._definitions[vct] = parse_type_definition(content)
        return self._definitions[vct]

    def types_named(self, name: str) -> list[str]:
        """The `vct` of every published type whose name is `name`, newest version last."""
        found = [vct for vct in self.state.types if vct.rpartition("/")[0].endswith(f"/types/{name}")]
        return sorted(found, key=lambda vct: (vct.rpartition("/")[0], int(vct.rpartition("/")[2])))

    def methods_for(self, did: str, purpose: Purpose, *, at: int) -> tuple[MethodRecord, ...]:
        """The methods of that purpose in force at a NumericDate."""
        organisation = self.organisation(did)
        methods = () if organisation is None else organisation.methods
        return tuple(method for method in methods if method.purpose is purpose and method.in_force(at))

    # References of a packed code (docs/spec/qr.md).

    @cached_property
    def network(self) -> bytes:
        """The first 8 bytes of the hash of genesis."""
        return parse_hash_text(self.network_id)[:NETWORK_REFERENCE_BYTES]

    @cached_property
    def size(self) -> int:
        """Number of entries below the checkpoint."""
        return self.state.size

    def did_index(self, did: str) -> int | None:
        """The index of the entry that made a DID; None for founders and strangers."""
        organisation = self.organisation(did)
        return None if organisation is None else organisation.index

    def did_at(self, index: int) -> str | None:
        """The DID that the entry at `index` made."""
        return self._dids.get(index)

    def key_ordinal(self, did: str, key_id: str) -> int | None:
        """The position of a method among those of its DID, in order of first appearance."""
        organisation = self.organisation(did)
        ids = [] if organisation is None else [method.id for method in organisation.methods]
        return ids.index(key_id) if key_id in ids else None

    def key_at(self, did: str, ordinal: int) -> tuple[str, Algorithm] | None:
        """The id and algorithm of the method at that position."""
        organisation = self.organisation(did)
        if organisation is None or not 0 <= ordinal < len(organisation.methods):
            return None
        method = organisation.methods[ordinal]
        return method.id, method.key.algorithm

    def type_index(self, vct: str) -> int | None:
        """The index of the entry that published a type."""
        published = self.state.types.get(vct)
        return None if published is None else published.index

    def type_at(self, index: int) -> str | None:
        """The type that the entry at `index` published."""
        return self._types.get(index)

    def status_bases(self, did: str) -> Sequence[str]:
        """The bases of an organisation's status lists, in order of first appearance."""
        organisation = self.organisation(did)
        return () if organisation is None else organisation.status_bases

    def _type_content(self, vct: str) -> bytes | None:
        published = self.state.types.get(vct)
        return None if published is None else self.type_contents.get(published.digest)

    @cached_property
    def _dids(self) -> Mapping[int, str]:
        return {o.index: o.did for o in self.state.organisations.values() if o.index is not None}

    @cached_property
    def _types(self) -> Mapping[int, str]:
        return {published.index: vct for vct, published in self.state.types.items()}

    @cached_property
    def _accreditations(self) -> Mapping[tuple[str, str], tuple[Accreditation, ...]]:
        found: dict[tuple[str, str], tuple[Accreditation, ...]] = {}
        for item in self.state.in_order(self.state.accreditations.values()):
            key = (item.issuer, item.type)
            found[key] = (*found.get(key, ()), item)
        return found

    @cached_property
    def _recognitions(self) -> Mapping[tuple[str, str], tuple[Recognition, ...]]:
        found: dict[tuple[str, str], tuple[Recognition, ...]] = {}
        for item in self.state.in_order(self.state.recognitions.values()):
            key = (item.jurisdiction, item.type)
            found[key] = (*found.get(key, ()), item)
        return found


def belief_of(held: Held, *, at: int | None = None) -> Belief | None:
    """Make the belief of what is held, or None before the first bundle.

    Args:
        held: What imports have left.
        at: NumericDate of an audit question: evidence dated later counts as not yet known.
    """
    checkpoint = held.newest_checkpoint(at)
    if checkpoint is None:
        return None
    return Belief(
        state=held.believed(checkpoint.size, at=at),
        root=checkpoint.root,
        trust_as_of=checkpoint.quorum_time,
        time_floor=0 if at is not None else held.time_floor,
        statuses=held.newest_statuses(at),
        type_contents=held.types,
        audit=at is not None,
        is_below_floor=at is None and held.floor is not None and checkpoint.size < held.floor.size,
    )

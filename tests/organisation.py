# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An organisation of the test network: the keys it holds, and the operations that make and change its DID."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from tests.seeded_keys import KeySource, RandomKeys
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import commitment, did_of, method_id
from vcred.did.operations import Method, NextKeys, Profile, Purpose
from vcred.keys.algorithms import ES256, Algorithm
from vcred.keys.signer import Signer
from vcred.ledger.drafts import draft_create, draft_update
from vcred.ledger.proofs import PROOF_PURPOSE
from vcred.ledger.state import Organisation as Record
from vcred.securing.data_integrity.jcs_suites import add_proof, did_key_url

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation and the keys it holds, by purpose.

    `control` is the first of the control keys that it revealed last; `next_control` are those that it
    has committed to, `next_threshold` of which must sign its next operation.
    """

    did: str
    control: Signer
    signers: Mapping[Purpose, Signer]
    create: JsonObject = field(repr=False)
    next_control: tuple[Signer, ...] = ()
    next_threshold: int = 1
    base: str = ""

    def signer(self, purpose: Purpose) -> Signer:
        return self.signers[purpose]

    def key_id(self, purpose: Purpose = Purpose.ASSERTION) -> str:
        return method_id(self.did, self.signers[purpose].public_key)

    @property
    def status_base(self) -> str:
        return self.base or f"https://status.example/{self.did[-8:]}/"


def make_organisation(
    name: str,
    purposes: Mapping[Purpose, Algorithm],
    *,
    network: str | None,
    sponsor: Organisation | None,
    key_source: KeySource | None = None,
) -> Organisation:
    """An organisation whose `did.create` is signed, by the sponsor too if there is one."""
    source = key_source or RandomKeys()
    control, following = (source.make(f"{name}: {role}", ES256) for role in ("control", "next control"))
    signers = {
        purpose: source.make(f"{name}: {purpose}", algorithm) for purpose, algorithm in purposes.items()
    }
    keys = [Method(key=signer.public_key, purpose=purpose) for purpose, signer in signers.items()]
    # The status base carries a part of a key, so that two organisations never share one.
    base = f"https://status.example/{control.public_key.thumbprint()[:8]}/"
    draft = draft_create(
        control=control.public_key,
        next_control=following.public_key,
        name={"en": name},
        methods=keys,
        status_bases=[base] if Purpose.STATUS in purposes else [],
        network=network,
        sponsor=None if sponsor is None else sponsor.did,
    )
    create = sign_operation(draft, control, START - HOUR)
    if sponsor is not None:
        create = sign_operation(create, sponsor.signer(Purpose.STATEMENT), START - HOUR)
    return Organisation(
        did=did_of(create),
        control=control,
        signers=signers,
        create=create,
        next_control=(following,),
        base=base,
    )


@dataclass(frozen=True, kw_only=True)
class Update:
    """What a `did.update` is to do; what is not named stays as it is.

    Attributes:
        rotate: Purposes whose keys are replaced by new ones.
        add: Keys that come beside those there are; of one purpose the organisation signs with the new one.
        drop: Purposes whose keys go.
        reveal: The control keys it reveals; all that were committed to unless told otherwise.
        sign: Who signs; all that are revealed unless told otherwise.
        commit: The control keys it commits to; one new one unless told otherwise.
        threshold: How many of those must sign the next one.
        deactivate: Whether it ends the DID instead.
        profile: Members of `Profile` that are to be others.
    """

    rotate: Collection[Purpose] = ()
    add: Mapping[Purpose, Algorithm] = field(default_factory=dict)
    drop: Collection[Purpose] = ()
    reveal: Sequence[Signer] | None = None
    sign: Sequence[Signer] | None = None
    commit: Sequence[Signer] | None = None
    threshold: int = 1
    deactivate: bool = False
    profile: Mapping[str, object] = field(default_factory=dict)


def update_organisation(
    organisation: Organisation,
    record: Record,
    update: Update,
    *,
    network: str,
    keys: KeySource,
    created: datetime,
) -> tuple[JsonObject, Organisation]:
    """The signed `did.update`, and the organisation as it is once the update is logged.

    Args:
        organisation: As it is, with its keys.
        record: What the ledger says of it.
        update: What is to change.
        network: Id of the network.
        keys: Where new keys come from.
        created: When it signs.
    """
    serial = f"{organisation.did[-8:]} operation {len(record.versions)}"
    revealed = tuple(organisation.next_control if update.reveal is None else update.reveal)
    committed = (
        (keys.make(f"{serial}: next control", ES256),) if update.commit is None else tuple(update.commit)
    )
    fresh = {
        purpose: keys.make(f"{serial}: {purpose}", organisation.signers[purpose].public_key.algorithm)
        for purpose in update.rotate
    } | {purpose: keys.make(f"{serial}: {purpose}", algorithm) for purpose, algorithm in update.add.items()}
    profile = _profile(record, fresh, gone={*update.rotate, *update.drop})
    operation = draft_update(
        network=network,
        did=organisation.did,
        prev=record.latest.hash,
        revealed=[signer.public_key for signer in revealed],
        next_keys=None if update.deactivate else commit_to(committed, threshold=update.threshold),
        profile=None if update.deactivate else replace(profile, **update.profile),  # type: ignore[arg-type]
    )
    for signer in revealed if update.sign is None else update.sign:
        operation = sign_operation(operation, signer, created)
    kept = {purpose: s for purpose, s in organisation.signers.items() if purpose not in update.drop}
    return operation, replace(
        organisation,
        control=revealed[0],
        signers=kept | fresh,
        next_control=() if update.deactivate else committed,
        next_threshold=update.threshold,
    )


def commit_to(signers: Sequence[Signer], *, threshold: int = 1) -> NextKeys:
    """The commitment to keys."""
    return NextKeys(threshold=threshold, hashes=tuple(commitment(signer.public_key) for signer in signers))


def spare_keys(keys: KeySource, name: str, amount: int) -> tuple[Signer, ...]:
    """Control keys, to be committed to."""
    numbers = count()
    return tuple(keys.make(f"{name}: spare {next(numbers)}", ES256) for _ in range(amount))


def sign_operation(operation: JsonObject, signer: Signer, created: datetime) -> JsonObject:
    """Add one proof."""
    return add_proof(
        operation,
        signer,
        created=created,
        purpose=PROOF_PURPOSE,
        verification_method=did_key_url(signer.public_key),
    )


def _profile(record: Record, fresh: Mapping[Purpose, Signer], *, gone: Collection[Purpose]) -> Profile:
    """What the ledger says of it, but for the keys that go and come."""
    stay = [
        Method(key=method.key, purpose=method.purpose)
        for method in record.methods
        if method.removed_at is None and method.purpose not in gone
    ]
    come = [Method(key=signer.public_key, purpose=purpose) for purpose, signer in fresh.items()]
    return Profile(
        name=record.latest.name,
        methods=(*stay, *come),
        statement_threshold=record.latest.statement_threshold,
        status_bases=record.latest.status_bases,
        sites=record.latest.sites,
    )

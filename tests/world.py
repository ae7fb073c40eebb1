# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A whole network in memory: two authorities, a log, two witnesses, issuers, a holder, a gate.

No store, no file, no clock: `now` is a value, and every belief is made by the rule that imports
bundles. Tests change one thing and look at the report. With `SeededKeys` every byte of it repeats.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache

from tests.organisation import (
    HOUR,
    START,
    Organisation,
    Update,
    make_organisation,
    sign_operation,
    update_organisation,
)
from tests.seeded_keys import KeySource, RandomKeys
from vcred.codec.json_types import JsonObject
from vcred.credential.draft import CredentialDraft
from vcred.credential.presentation import Binding
from vcred.credential.request import PresentationRequest
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import TypeDefinition, shipped_type
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.present import open_credential, present
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.signer import Signer
from vcred.ledger.drafts import draft_change, draft_genesis, draft_statement, log_key_json
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.ledger.network_file import NetworkFile
from vcred.ledger.rules import apply
from vcred.ledger.state import State
from vcred.status.bits import StatusList
from vcred.status.token_status_list import encode_status_token
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import Note, encode_note
from vcred.tlog.tree import leaf_hash, root_of
from vcred.trust.belief import Belief, belief_of
from vcred.trust.bundle import Bundle
from vcred.trust.held import Held
from vcred.trust.update import decide_update
from vcred.verifier.policy import HasClaims, Policy
from vcred.verifier.report import VerificationReport
from vcred.verifier.steps import evaluate

__all__ = [
    "HEALTH_CLAIMS",
    "HOUR",
    "ISSUER",
    "NONCE",
    "ORIGIN",
    "START",
    "Organisation",
    "Update",
    "World",
    "make_organisation",
    "make_world",
    "sign_operation",
    "witness_json",
]

ORIGIN = "ledger.vcred.example/test"
ISSUER = {Purpose.ASSERTION: ES256, Purpose.STATUS: ES256, Purpose.AUTHENTICATION: ES256}
NONCE = "AAAAAAAAAAAAAAAAAAAAAA"

HEALTH_CLAIMS: JsonObject = {
    "colour": "green",
    "valid_until": "2026-11-23T02:58:00+08:00",
    "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
    "identity": {
        "name": "陳大文",
        "name_latin": "Chan Tai Man",
        "region": "MO",
        "id_type": "macao_bir",
        "id_number": "5631268(1)",
        "birth_date": "1954-09-24",
    },
    "test": {
        "method": "NAAT",
        "result": "negative",
        "collected": "2026-11-20T02:58:00+08:00",
        "lab": "MO-CHCSJ",
    },
    "vaccination": {"doses": 3, "last": "2026-04-30"},
}


@dataclass(kw_only=True)
class World:
    """Everything there is. `later` and the verbs change it; `fork` copies it."""

    now: datetime
    log_key: Signer
    witnesses: dict[str, Signer]
    jurisdictions: dict[str, str]
    gd: Organisation
    mo: Organisation
    issuer: Organisation
    mo_issuer: Organisation
    type_definition: TypeDefinition
    vct: str = ""
    leaves: list[bytes] = field(default_factory=list)
    state: State = field(default_factory=State)
    entries: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    status_dates: dict[str, datetime] = field(default_factory=dict)
    cosigned_at: datetime | None = None
    holder: Signer = field(default_factory=lambda: RandomKeys().make("holder", ES256))
    held: Held = field(default_factory=Held)
    definitions: dict[bytes, bytes] = field(default_factory=dict)
    listed: list[Organisation] = field(default_factory=list)
    keys: KeySource = field(default_factory=RandomKeys)
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def fork(self) -> "World":
        """An independent copy."""
        return replace(
            self,
            witnesses=dict(self.witnesses),
            leaves=list(self.leaves),
            entries=dict(self.entries),
            statuses={uri: dict(values) for uri, values in self.statuses.items()},
            status_dates=dict(self.status_dates),
            definitions=dict(self.definitions),
            listed=list(self.listed),
        )

    def later(self, **by: float) -> "World":
        """Let time pass."""
        self.now += timedelta(**by)
        return self

    # The ledger.

    def append(self, operation: JsonObject) -> int:
        """Append by the rules; LedgerError if they refuse. Returns the index."""
        leaf = encode_leaf(operation, logged_at=int(self.now.timestamp()))
        self.state = apply(self.state, parse_leaf(leaf))
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def statement(self, author: Organisation, kind: Kind, **members: object) -> JsonObject:
        """A signed statement on top of the author's last one; `from_` stands for `from`."""
        known: JsonObject = {name.rstrip("_"): value for name, value in members.items()}  # type: ignore[misc]
        draft = draft_statement(
            kind,
            network=self.state.require_network().id,
            author=author.did,
            previous=self.state.organisations[author.did].last_statement,
            members=known,
        )
        return sign_operation(draft, author.signer(Purpose.STATEMENT), self.now)

    def say(self, author: Organisation, kind: Kind, **members: object) -> str:
        """State something and append it; returns the entry's hash."""
        operation = self.statement(author, kind, **members)
        index = self.append(operation)
        return parse_leaf(self.leaves[index]).hash

    def join(
        self, name: str, purposes: Mapping[Purpose, Algorithm], *, sponsor: Organisation
    ) -> Organisation:
        """Put a new organisation on the ledger; its status list, if it has one, goes into the bundles."""
        network = self.state.require_network().id
        made = make_organisation(name, purposes, network=network, sponsor=sponsor, key_source=self.keys)
        self.append(made.create)
        if Purpose.STATUS in purposes:
            self.listed.append(made)
        return made

    def publish_type(self, definition: TypeDefinition, publisher: Organisation) -> str:
        """Publish a type; its content travels in the bundles from now on."""
        self.definitions[definition.digest] = definition.encoded
        vct = f"{publisher.did}/types/{definition.name}/{definition.version}"
        self.say(
            publisher,
            Kind.TYPE_PUBLISH,
            type=vct,
            digest=hash_text(definition.digest),
            size=len(definition.encoded),
        )
        return vct

    def accredit(self, authority: Organisation, issuer: Organisation, vct: str, **times: datetime) -> str:
        return self.say(
            authority,
            Kind.ISSUER_ACCREDIT,
            issuer=issuer.did,
            type=vct,
            from_=_seconds(times.get("start", self.now - HOUR)),
            until=_seconds(times.get("until", self.now + timedelta(days=365))),
        )

    def recognise(self, authority: Organisation, vct: str, of: str, **conditions: object) -> str:
        return self.say(authority, Kind.RECOGNISE, type=vct, jurisdiction=of, conditions=dict(conditions))

    def register(
        self,
        authority: Organisation,
        verifier: Organisation,
        vct: str,
        *,
        claims: Iterable[str] = ("match",),
        **members: object,
    ) -> str:
        """Let an organisation ask for claims of a type; returns the entry's hash."""
        said = {"purpose": {"en": "Entry at a border"}, **members}
        return self.say(
            authority, Kind.VERIFIER_REGISTER, verifier=verifier.did, type=vct, claims=list(claims), **said
        )

    def withdraw(self, authority: Organisation, kind: Kind, entry: str, effect: str) -> str:
        """Take back an accreditation, a recognition or a registration, by its entry's hash."""
        return self.say(authority, kind, entry=entry, effect=effect)

    def distrust(self, author: Organisation, key_id: str, **scope: object) -> str:
        """Void a key: `scope={"from": ...}, never_left_hsm=True`, or all that it ever signed."""
        return self.say(author, Kind.KEY_DISTRUST, key=key_id, **scope)

    def record_evidence(self, author: Organisation, root: bytes) -> str:
        """Record a Merkle root, 32 bytes."""
        return self.say(author, Kind.EVIDENCE_RECORD, root=hash_text(root))

    def did_update(self, organisation: Organisation, update: Update) -> tuple[JsonObject, Organisation]:
        """A signed `did.update`, not yet logged, and the organisation as it would be."""
        return update_organisation(
            organisation,
            self.state.organisations[organisation.did],
            update,
            network=self.state.require_network().id,
            keys=self.keys,
            created=self.now,
        )

    def update_did(self, organisation: Organisation, **update: object) -> Organisation:
        """Log a `did.update`: the members of `Update` say what changes. From here on the world signs so."""
        operation, changed = self.did_update(organisation, Update(**update))  # type: ignore[arg-type]
        self.append(operation)
        for role in ("gd", "mo", "issuer", "mo_issuer"):
            if getattr(self, role).did == changed.did:
                setattr(self, role, changed)
        self.listed = [changed if known.did == changed.did else known for known in self.listed]
        return changed

    def deactivate(self, organisation: Organisation) -> Organisation:
        """End a DID. It publishes no status list any more."""
        ended = self.update_did(organisation, deactivate=True)
        self.listed = [known for known in self.listed if known.did != ended.did]
        return ended

    def network_change(self, signers: Iterable[Organisation], **parts: object) -> JsonObject:
        """A `network.change` signed by these authorities, not yet logged."""
        network = self.state.require_network()
        operation = draft_change(network=network.id, prev=network.last_change, parts=dict(parts))  # type: ignore[arg-type]
        for signer in signers:
            operation = sign_operation(operation, signer.signer(Purpose.STATEMENT), self.now)
        return operation

    def change_network(self, *signers: Organisation, **parts: object) -> str:
        """Log a `network.change`, signed by both authorities unless told otherwise; returns its hash."""
        index = self.append(self.network_change(signers or (self.gd, self.mo), **parts))
        return parse_leaf(self.leaves[index]).hash

    def new_witness(self, name: str, *signers: Organisation, instead_of: str | None = None) -> Signer:
        """Let `witness/CODE...` watch, beside the others or instead of one; it cosigns from here on."""
        key = self.keys.make(f"witness {name}", EDDSA)
        removed = [] if instead_of is None else [instead_of]
        self.change_network(*signers, witnesses={"add": [witness_json(name, key)], "remove": removed})
        self.witnesses = {n: known for n, known in self.witnesses.items() if n not in removed} | {name: key}
        return key

    def new_log_key(self, name: str = "log, second", *signers: Organisation) -> Signer:
        """Let the log sign with a new key from here on."""
        key = self.keys.make(name, EDDSA)
        self.change_network(*signers, log_key=log_key_json(key.public_key))
        self.log_key = key
        return key

    # Bundles and beliefs.

    def checkpoint_note(self, *, cosigners: Iterable[str] | None = None) -> bytes:
        head = Checkpoint(
            origin=ORIGIN, size=len(self.leaves), root=root_of(leaf_hash(leaf) for leaf in self.leaves)
        )
        text = encode_checkpoint_text(head)
        names = self.witnesses if cosigners is None else cosigners
        at = _seconds(self.cosigned_at or self.now)
        lines = [cosign(text, name, self.witnesses[name], timestamp=at) for name in names]
        return encode_note(Note(text=text, signatures=(sign_checkpoint(head, ORIGIN, self.log_key), *lines)))

    def status_uri(self, issuer: Organisation | None = None) -> str:
        return (issuer or self.issuer).status_base + "0"

    def revoke(self, index: int, *, value: int = 1, issuer: Organisation | None = None) -> None:
        uri = self.status_uri(issuer)
        self.statuses.setdefault(uri, {})[index] = value
        self.status_dates[uri] = self.now

    def status_tokens(self) -> tuple[str, ...]:
        return tuple(self.status_token(issuer) for issuer in self.listed)

    def status_token(
        self, issuer: Organisation, *, lifetime: timedelta = timedelta(days=7), **changes: object
    ) -> str:
        uri = self.status_uri(issuer)
        issued_at = _seconds(self.status_dates.get(uri, self.now))
        listed = StatusList.empty(bits=2, size=131_072).changed(self.statuses.get(uri, {}))
        values: dict[str, object] = {
            "uri": uri,
            "issued_at": issued_at,
            "expires_at": issued_at + int(lifetime.total_seconds()),
            "ttl": 43_200,
            "kid": issuer.key_id(Purpose.STATUS),
            "signer": issuer.signer(Purpose.STATUS),
        }
        return encode_status_token(listed, **(values | changes))  # type: ignore[arg-type]

    def network_file(self) -> NetworkFile:
        return NetworkFile(
            network_id=self.state.require_network().id,
            floor_size=1,
            floor_root=root_of([leaf_hash(self.leaves[0])]),
            floor_date=_seconds(START - timedelta(days=1)),
        )

    def bundle(self, **changes: object) -> Bundle:
        bundle = Bundle(
            checkpoint=self.checkpoint_note(),
            first=0,
            leaves=tuple(self.leaves),
            pending=(),
            status_tokens=self.status_tokens(),
            types=self.definitions,
        )
        return replace(bundle, **changes)  # type: ignore[arg-type]

    def import_bundle(self, bundle: Bundle | None = None) -> Held:
        """Import into what the gate holds."""
        offered = self.bundle() if bundle is None else bundle
        addition = decide_update(self.held, offered, self.network_file(), now=_seconds(self.now))
        self.held = self.held.with_update(addition)
        return self.held

    def belief(self, *, at: datetime | None = None) -> Belief:
        """What the gate believes; imports a bundle first if it holds none."""
        if not self.held.checkpoints:
            self.import_bundle()
        belief = belief_of(self.held, at=None if at is None else _seconds(at))
        assert belief is not None
        return belief

    # Credentials.

    def draft(
        self, *, index: int = 7, issuer: Organisation | None = None, **changes: object
    ) -> CredentialDraft:
        by = issuer or self.issuer
        definition = changes.get("type_definition", self.type_definition)
        claims = changes.get("claims", HEALTH_CLAIMS)
        assert isinstance(definition, TypeDefinition) and isinstance(claims, dict)
        values: dict[str, object] = {
            "type_definition": definition,
            "vct": self.vct,
            "issuer": by.did,
            "key_id": by.key_id(),
            "claims": claims,
            "holder_key": self.holder.public_key,
            "issued_at": _seconds(self.now),
            "expires_at": definition.expires_at(claims),
            "status": StatusReference(uri=self.status_uri(by), index=index),
        }
        return CredentialDraft(**(values | changes))  # type: ignore[arg-type]

    def issue(self, *, issuer: Organisation | None = None, **changes: object) -> str:
        by = issuer or self.issuer
        draft = self.draft(issuer=by, **changes)
        return issue_credential(draft, by.signer(Purpose.ASSERTION), random_bytes=self.random_bytes)

    def present(self, credential: str, *paths: str, **changes: object) -> str:
        values: dict[str, object] = {
            "signer": self.holder,
            "audience": self.state.require_network().id + "#live",
            "nonce": NONCE,
            "issued_at": _seconds(self.now),
        }
        return present(open_credential(credential), paths, **(values | changes))  # type: ignore[arg-type]

    def show(self, *paths: str) -> str:
        """Issue and present, `match` and `test` unless told otherwise."""
        return self.present(self.issue(), *(paths or ("match", "test")))

    # The gate.

    def policy(self, **changes: object) -> Policy:
        values: dict[str, object] = {
            "jurisdiction": "MO",
            "rule": HasClaims(("match",)),
            "algorithms": (ES256, EDDSA),
            "bindings": frozenset({Binding.LIVE, Binding.CHALLENGE}),
            "max_trust_age": timedelta(days=7),
            "max_status_age": {"default": timedelta(days=7), "health-code": timedelta(hours=24)},
        }
        return Policy(**(values | changes))  # type: ignore[arg-type]

    def evaluate(
        self,
        presentation: str,
        *,
        request: PresentationRequest | None = None,
        policy: Policy | None = None,
        belief: Belief | None = None,
        now: datetime | None = None,
    ) -> VerificationReport:
        return evaluate(
            presentation,
            request=request,
            belief=belief or self.belief(),
            policy=policy or self.policy(),
            now=now or self.now,
        )


def witness_json(name: str, key: Signer) -> JsonObject:
    """A witness as genesis and `network.change` list it; its name begins with `witness/CODE`."""
    code = next(code for code in ("CN-44", "MO") if name.startswith(f"witness/{code}"))
    return {"name": name, "jurisdiction": code, "key": log_key_json(key.public_key)}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@cache
def _made_once(keys: KeySource) -> World:
    before = START - 2 * HOUR
    authority = {Purpose.STATEMENT: EDDSA}
    gd, mo = (
        make_organisation(f"{place} Authority", authority, network=None, sponsor=None, key_source=keys)
        for place in ("Guangdong", "Macao")
    )
    log_key = keys.make("log", EDDSA)
    witnesses = {f"witness/{code}": keys.make(f"witness {code}", EDDSA) for code in ("CN-44", "MO")}
    genesis = draft_genesis(
        jurisdictions={
            "CN-44": {"en": "Guangdong", "zh-Hant": "廣東"},
            "MO": {"en": "Macao", "zh-Hant": "澳門"},
        },
        founders=[
            {"jurisdiction": "CN-44", "create": gd.create},
            {"jurisdiction": "MO", "create": mo.create},
        ],
        witnesses=[witness_json(name, signer) for name, signer in witnesses.items()],
        origin=ORIGIN,
        log_key=log_key.public_key,
    )
    for founder in (gd, mo):
        genesis = sign_operation(genesis, founder.signer(Purpose.STATEMENT), before)
    world = World(
        now=before,
        log_key=log_key,
        witnesses=witnesses,
        jurisdictions={"CN-44": gd.did, "MO": mo.did},
        gd=gd,
        mo=mo,
        issuer=gd,
        mo_issuer=mo,
        type_definition=shipped_type("health-code"),
        holder=keys.make("holder", ES256),
        keys=keys,
    )
    world.append(genesis)
    world.issuer = world.join("Guangdong Health", ISSUER, sponsor=gd)
    world.mo_issuer = world.join("Macao Health", ISSUER, sponsor=mo)
    world.vct = world.publish_type(world.type_definition, gd)
    world.entries["gd"] = world.accredit(gd, world.issuer, world.vct)
    world.entries["mo"] = world.accredit(mo, world.mo_issuer, world.vct)
    world.entries["mo<-gd"] = world.recognise(mo, world.vct, "CN-44")
    world.entries["gd<-mo"] = world.recognise(gd, world.vct, "MO")
    world.now = START
    return world


_RANDOM = RandomKeys()


def make_world(keys: KeySource | None = None) -> World:
    """A fresh copy of the world: Guangdong and Macao, health codes, mutual recognition.

    Args:
        keys: Where its keys come from; new ones for each run unless told otherwise.
    """
    return _made_once(keys or _RANDOM).fork()

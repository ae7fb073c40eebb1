# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The rules of statements: who says it, in which order, and what it changes.

Spec: docs/spec/ledger-entries.md, Kinds.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from vcred.codec.fields import get_int, get_object, get_text, get_texts, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import parse_hash_text
from vcred.did.operations import Purpose
from vcred.errors import DecodeError, LedgerError
from vcred.keys.public import PublicKey
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry, Kind
from vcred.ledger.state import Accreditation, Conditions, Effect, PublishedType, Recognition, State
from vcred.limits import MAX_JSON_INTEGER, MAX_TYPE_DEFINITION_BYTES
from vcred.reasons import Reason

COMMON = frozenset({"kind", "version", "network", "author", "previous", "proof"})
BINDINGS = frozenset({"live", "challenge", "none"})
MAX_TYPE_CHARACTERS = 200
MAX_REQUIRED_CLAIMS = 32
_NAME_AND_VERSION = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*/[1-9][0-9]{0,8}")


def require_author(state: State, author: str, signers: Collection[PublicKey], *, at: int) -> None:
    """Refuse unless the author's statement keys in force have signed, enough of them, and nobody else.

    Raises:
        LedgerError: `not_authorised`.
    """
    organisation = state.organisations.get(author)
    if organisation is None:
        raise LedgerError(Reason.NOT_AUTHORISED, "the author is not on the ledger")
    keys = {
        method.key
        for method in organisation.methods
        if method.purpose is Purpose.STATEMENT and method.in_force(at)
    }
    if len(keys & set(signers)) < organisation.statement_threshold:
        raise LedgerError(Reason.NOT_AUTHORISED, "too few statement keys of the author have signed")
    if not set(signers) <= keys:
        raise LedgerError(Reason.NOT_AUTHORISED, "a key that is not the author's has signed")


def apply_statement(state: State, entry: Entry, signers: Collection[PublicKey]) -> Change:
    """Say what a statement changes whose proofs have verified under `signers`.

    Raises:
        LedgerError, DecodeError: The rules refuse it.
    """
    operation = entry.operation
    author = get_text(operation, "author")
    require_author(state, author, signers, at=entry.logged_at)
    organisation = state.organisations[author]
    if "previous" not in operation or operation["previous"] != organisation.last_statement:
        # Order: without it a withdrawn statement could be logged once more.
        raise LedgerError(Reason.REPLAYED, "previous is not the author's last statement")
    change = _STATEMENTS[entry.kind](state, entry, author)
    return replace(change, organisations={author: replace(organisation, last_statement=entry.hash)})


def _publish(state: State, entry: Entry, author: str) -> Change:
    operation = entry.operation
    refuse_unknown(operation, COMMON | {"type", "digest", "size"})
    vct = get_text(operation, "type")
    if not vct.startswith(f"{author}/types/"):
        raise LedgerError(Reason.NOT_AUTHORISED, "a type is published under the author's own DID")
    if len(vct) > MAX_TYPE_CHARACTERS:
        raise LedgerError(Reason.LIMIT_EXCEEDED, "the type's name is too long")
    # "1", "01" and other digits that read as 1 would be several names of one version.
    if not _NAME_AND_VERSION.fullmatch(vct.removeprefix(f"{author}/types/")):
        raise DecodeError("type: not a name and a version")
    if vct in state.types:
        raise LedgerError(Reason.REPLAYED, "the type is published already: a change is a new version")
    size = get_int(operation, "size")
    if not 0 < size <= MAX_TYPE_DEFINITION_BYTES:
        raise DecodeError("size: out of range")
    published = PublishedType(
        type=vct,
        publisher=author,
        index=state.size,
        digest=parse_hash_text(get_text(operation, "digest")),
        size=size,
    )
    return Change(types={vct: published})


def _accredit(state: State, entry: Entry, author: str) -> Change:
    operation = entry.operation
    refuse_unknown(operation, COMMON | {"issuer", "type", "from", "until"})
    issuer, vct = get_text(operation, "issuer"), get_text(operation, "type")
    if issuer not in state.organisations:
        raise LedgerError(Reason.DID_INVALID, "the issuer is not on the ledger")
    accreditation = Accreditation(
        entry=entry.hash,
        author=author,
        jurisdiction=_jurisdiction_of(state, author),
        issuer=issuer,
        type=_published(state, vct),
        from_time=_time(operation, "from"),
        until=_time(operation, "until"),
        logged_at=entry.logged_at,
    )
    if accreditation.from_time >= accreditation.until:
        raise DecodeError("until: not after from")
    return Change(accreditations={entry.hash: accreditation})


def _withdraw_accreditation(state: State, entry: Entry, author: str) -> Change:
    target, effect = _withdrawal(entry.operation)
    accreditation = state.accreditations.get(target)
    if accreditation is None or accreditation.jurisdiction != _jurisdiction_of(state, author):
        raise LedgerError(Reason.NOT_AUTHORISED, "no accreditation of this jurisdiction has that hash")
    _refuse_second(accreditation.void, accreditation.ceased_at, effect)
    changed = replace(
        accreditation,
        void=effect is Effect.VOID,
        ceased_at=entry.logged_at if accreditation.ceased_at is None else accreditation.ceased_at,
    )
    return Change(accreditations={target: changed})


def _recognise(state: State, entry: Entry, author: str) -> Change:
    operation = entry.operation
    refuse_unknown(operation, COMMON | {"type", "jurisdiction", "conditions"})
    own = _jurisdiction_of(state, author)
    of_jurisdiction = get_text(operation, "jurisdiction")
    if of_jurisdiction == own or of_jurisdiction not in state.require_network().jurisdictions:
        raise DecodeError("jurisdiction: not another one of this network")
    recognition = Recognition(
        entry=entry.hash,
        author=author,
        jurisdiction=own,
        of_jurisdiction=of_jurisdiction,
        type=_published(state, get_text(operation, "type")),
        conditions=_conditions(get_object(operation, "conditions")),
        logged_at=entry.logged_at,
    )
    return Change(recognitions={entry.hash: recognition})


def _withdraw_recognition(state: State, entry: Entry, author: str) -> Change:
    target, effect = _withdrawal(entry.operation)
    recognition = state.recognitions.get(target)
    if recognition is None or recognition.jurisdiction != _jurisdiction_of(state, author):
        raise LedgerError(Reason.NOT_AUTHORISED, "no recognition of this jurisdiction has that hash")
    _refuse_second(recognition.void, recognition.ceased_at, effect)
    changed = replace(
        recognition,
        void=effect is Effect.VOID,
        ceased_at=entry.logged_at if recognition.ceased_at is None else recognition.ceased_at,
    )
    return Change(recognitions={target: changed})


def _withdrawal(operation: JsonObject) -> tuple[str, Effect]:
    refuse_unknown(operation, COMMON | {"entry", "effect"})
    effect = get_text(operation, "effect")
    if effect not in {member.value for member in Effect}:
        raise DecodeError("effect: cease or void is needed, there is no default")
    return get_text(operation, "entry"), Effect(effect)


def _refuse_second(void: bool, ceased_at: int | None, effect: Effect) -> None:
    if void or (ceased_at is not None and effect is Effect.CEASE):
        raise LedgerError(Reason.REPLAYED, "it is withdrawn already")


def _conditions(value: JsonObject) -> Conditions:
    refuse_unknown(value, {"max_age", "bindings", "required_claims", "until"})
    bindings = tuple(get_texts(value, "bindings")) if "bindings" in value else None
    required = tuple(get_texts(value, "required_claims")) if "required_claims" in value else None
    # Empty is invalid: a list that names nothing would forbid everything, or nothing, by accident.
    if bindings is not None and (not bindings or not set(bindings) <= BINDINGS):
        raise DecodeError("conditions.bindings: live, challenge or none")
    if required is not None and not 1 <= len(required) <= MAX_REQUIRED_CLAIMS:
        raise DecodeError("conditions.required_claims: 1 to 32 paths")
    return Conditions(
        max_age=_time(value, "max_age") if "max_age" in value else None,
        bindings=bindings,
        required_claims=required or (),
        until=_time(value, "until") if "until" in value else None,
    )


def _jurisdiction_of(state: State, author: str) -> str:
    jurisdiction = state.require_network().authorities.get(author)
    if jurisdiction is None:
        raise LedgerError(Reason.NOT_AUTHORISED, "the author is not an authority")
    return jurisdiction


def _published(state: State, vct: str) -> str:
    if vct not in state.types:
        raise LedgerError(Reason.TYPE_UNKNOWN, "the type is not published on this ledger")
    return vct


def _time(value: JsonObject, name: str) -> int:
    number = get_int(value, name)
    if not 0 <= number <= MAX_JSON_INTEGER:
        raise DecodeError(f"{name}: out of range")
    return number


_STATEMENTS: Mapping[str, Callable[[State, Entry, str], Change]] = {
    Kind.TYPE_PUBLISH: _publish,
    Kind.ISSUER_ACCREDIT: _accredit,
    Kind.ISSUER_WITHDRAW: _withdraw_accreditation,
    Kind.RECOGNISE: _recognise,
    Kind.RECOGNISE_WITHDRAW: _withdraw_recognition,
}

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`did.create` on the ledger: who has to sign, once, and nobody in another's place."""

import pytest

from tests.unit.ledger.samples import KEYS, changed, fresh_world, newcomer, refusal, signed
from tests.world import Organisation, World
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import commitment, did_of, method_id
from vcred.did.operations import Purpose
from vcred.keys.algorithms import ES256
from vcred.ledger.entries import Kind
from vcred.reasons import Reason

STRANGER = KEYS.make("another", ES256)


def test_a_newcomer_is_on_the_ledger_from_its_entry_on() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    index = world.append(clinic.signed())
    organisation = world.state.organisations[did_of(clinic.draft)]
    assert (organisation.index, organisation.created_at) == (index, int(world.now.timestamp()))
    assert [method.id for method in organisation.methods] == [
        method_id(organisation.did, signer.public_key) for signer in clinic.methods
    ]
    assert [method.purpose for method in organisation.methods] == list(Purpose)
    assert organisation.next_keys.hashes == (commitment(clinic.next_control.public_key),)
    assert organisation.status_bases == ("https://status.example/clinic/",)
    assert organisation.last_statement is None
    assert organisation.methods[0].in_force(organisation.created_at)
    assert not organisation.methods[0].in_force(organisation.created_at - 1)


def test_both_sides_may_sponsor() -> None:
    world = fresh_world()
    world.append(newcomer(world, sponsor=world.mo, name="Exam board").signed())


def test_too_few_have_signed() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    control, sponsor = clinic.signers
    assert refusal(world, clinic.signed(by=(control,))) is Reason.NOT_AUTHORISED
    assert refusal(world, clinic.signed(by=(sponsor,))) is Reason.NOT_AUTHORISED
    assert refusal(world, clinic.signed(by=(STRANGER, sponsor))) is Reason.NOT_AUTHORISED
    assert refusal(world, clinic.signed(by=(control, STRANGER))) is Reason.NOT_AUTHORISED
    assert refusal(world, clinic.signed(by=(control, control))) is Reason.NOT_AUTHORISED
    assert refusal(world, clinic.draft) is Reason.MALFORMED


def test_control_thresholds_count_distinct_keys() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    control, sponsor = clinic.signers
    second = KEYS.make("second control", ES256)
    keys = [control.public_key.to_multikey(), second.public_key.to_multikey()]
    draft = changed(clinic.draft, "control", {"threshold": 2, "keys": keys})
    assert refusal(world, clinic.signed(draft)) is Reason.NOT_AUTHORISED
    assert refusal(world, clinic.signed(draft, by=(control, control, sponsor))) is Reason.NOT_AUTHORISED
    world.append(clinic.signed(draft, by=(control, second, sponsor)))


def test_a_proof_by_anyone_else_spoils_it() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    for extra in (STRANGER, clinic.next_control, clinic.methods[0], world.mo.signer(Purpose.STATEMENT)):
        operation = clinic.signed(by=(*clinic.signers, extra))
        assert refusal(world, operation) is Reason.NOT_AUTHORISED


def test_only_an_authority_sponsors() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    world.append(clinic.signed())
    statement_key = clinic.methods[list(Purpose).index(Purpose.STATEMENT)]
    friend = newcomer(world, name="Friend")
    for sponsor in (did_of(clinic.draft), "did:vcred:" + "1" * 32, "", "did:key:x"):
        draft = changed(friend.draft, "sponsor", sponsor)
        operation = friend.signed(draft, by=(friend.control, statement_key))
        assert refusal(world, operation) is Reason.NOT_AUTHORISED, sponsor


def test_a_changed_word_after_signing_is_a_broken_signature() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    operation = changed(clinic.signed(), "document.name.en", "Hospital")
    assert refusal(world, operation) is Reason.SIGNATURE_INVALID


def test_proofs_are_for_this_purpose_only() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    for path, value, reason in (
        ("proof.0.proofPurpose", "assertionMethod", Reason.PROOF_PURPOSE_WRONG),
        ("proof.0.cryptosuite", "eddsa-rdfc-2022", Reason.ALGORITHM_NOT_ALLOWED),
        ("proof.0.type", "Ed25519Signature2020", Reason.ALGORITHM_NOT_ALLOWED),
        ("proof.0.verificationMethod", "did:web:issuer.example#1", Reason.KEY_NOT_AUTHORISED),
        ("proof.0.created", "2026-11-19T22:00:01Z", Reason.SIGNATURE_INVALID),
        ("proof.0.expires", "2027-11-19T22:00:00Z", Reason.MALFORMED),
        ("proof.0.proofValue", "z" + "1" * 64, Reason.SIGNATURE_INVALID),
        ("proof", "none", Reason.MALFORMED),
    ):
        assert refusal(world, changed(clinic.signed(), path, value)) is reason, path


def test_the_forms_of_did_operations_hold_here() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    control = clinic.control.public_key.to_multikey()
    for path, value, reason in (
        ("x", "1954-09-24", Reason.MALFORMED),
        ("control.threshold", 0, Reason.MALFORMED),
        ("document.methods.0.key", control, Reason.KEY_UNUSABLE),
        ("document.methods.0.purposes", ["assertionMethod", "authentication"], Reason.MALFORMED),
        ("network", None, Reason.NOT_AUTHORISED),
        ("network", "1" * 32, Reason.NOT_AUTHORISED),
    ):
        assert refusal(world, clinic.signed(changed(clinic.draft, path, value))) is reason, path


def test_a_did_is_made_once() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    world.append(clinic.signed())
    # Other proofs do not make it another operation.
    assert refusal(world, clinic.signed()) is Reason.REPLAYED
    assert refusal(world, clinic.signed(by=tuple(reversed(clinic.signers)))) is Reason.REPLAYED


def test_a_founders_operation_is_no_entry_of_its_own() -> None:
    world = fresh_world()
    assert refusal(world, world.gd.create) is Reason.NOT_AUTHORISED


@pytest.mark.parametrize("version", [0, 2, 2**53 - 1])
def test_another_version_cannot_be_judged(version: int) -> None:
    world = fresh_world()
    clinic = newcomer(world)
    world.append(clinic.signed(changed(clinic.draft, "version", version)))
    assert world.state.unsupported
    assert did_of(clinic.draft) not in world.state.organisations


# Rule 9: nobody's status lists stand in another's place.


def with_base(draft: JsonObject, base: str) -> JsonObject:
    return changed(draft, "document.services.0.endpoint", base)


@pytest.mark.parametrize("ending", ["", "1", "007"])
def test_nobody_takes_the_place_of_anothers_status_lists(ending: str) -> None:
    """Else its own list, well signed and newer, would stand where the other's stood."""
    world = fresh_world()
    intruder = newcomer(world)
    taken = world.issuer.status_base
    assert refusal(world, intruder.signed(with_base(intruder.draft, taken + ending))) is Reason.NOT_AUTHORISED
    world.append(intruder.signed(with_base(intruder.draft, taken + "lists/")))


def test_an_organisation_may_have_lists_at_several_places() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    services = [{"type": "TokenStatusList", "endpoint": f"https://a.example/{n}"} for n in range(3)]
    draft = changed(clinic.draft, "document.services", services)
    world.append(clinic.signed(draft))
    assert len(world.state.organisations[did_of(draft)].status_bases) == 3


# A newcomer may speak for itself at once.


def statement_of(world: World, organisation: Organisation) -> JsonObject:
    vct = f"{organisation.did}/types/badge/1"
    return world.statement(organisation, Kind.TYPE_PUBLISH, type=vct, digest="1" * 32, size=1)


def test_statement_thresholds_count_distinct_keys() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    first = clinic.methods[list(Purpose).index(Purpose.STATEMENT)]
    second = KEYS.make("second statement key", ES256)
    methods = [*clinic.draft["document"]["methods"]]  # type: ignore[index,call-overload,misc]
    methods.append({"key": second.public_key.to_multikey(), "purposes": ["capabilityInvocation"]})
    draft = changed(changed(clinic.draft, "document.methods", methods), "document.statement_threshold", 2)
    world.append(clinic.signed(draft))
    speaker = Organisation(
        did=did_of(draft), control=clinic.control, signers={Purpose.STATEMENT: first}, create=draft
    )
    statement = statement_of(world, speaker)
    assert refusal(world, statement) is Reason.NOT_AUTHORISED
    assert refusal(world, signed(statement, [first, first])) is Reason.NOT_AUTHORISED
    assert refusal(world, signed(statement, [first, clinic.methods[0]])) is Reason.NOT_AUTHORISED
    world.append(signed(statement, [first, second]))

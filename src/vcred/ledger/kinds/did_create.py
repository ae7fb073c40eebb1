# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`did.create`: an organisation makes its own name, and an authority sponsors it.

Spec: docs/spec/did-vcred.md, Create.
"""

from collections.abc import Iterable, Mapping

from vcred.did.methods.vcred import PREFIX, commitment, method_id
from vcred.did.operations import CreateOperation, has_control, parse_create
from vcred.errors import LedgerError
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.statement import require_author
from vcred.ledger.proofs import SignersOf
from vcred.ledger.state import DidVersion, MethodRecord, Organisation, State
from vcred.reasons import Reason

_DIGITS = "0123456789"


def judge_create(state: State, entry: Entry, signers_of: SignersOf) -> Change:
    """Rules 5 to 9; 1 to 4 are `parse_create`'s."""
    create = parse_create(entry.operation, embedded=False)
    signers = set(signers_of(entry.operation))
    if not has_control(create, signers):
        raise LedgerError(Reason.NOT_AUTHORISED, "too few control keys have signed")
    sponsor = create.sponsor or ""
    jurisdiction = state.require_network().authorities.get(sponsor)
    if jurisdiction is None:
        raise LedgerError(Reason.NOT_AUTHORISED, "the sponsor is not an authority of this network")
    require_author(state, sponsor, signers - set(create.control), at=entry.logged_at)
    places = free_places(state.list_places, create.profile.status_bases, create.did)
    organisation = new_organisation(
        create, index=state.size, jurisdiction=jurisdiction, logged_at=entry.logged_at
    )
    return Change(organisations={create.did: organisation}, list_places=places)


def free_places(taken: Mapping[str, str], bases: Iterable[str], did: str) -> Mapping[str, str]:
    """Where the DID's lists will stand, if no other DID's lists can stand there.

    Rule 9. Else one organisation could put its own status list in the place of another's.
    """
    # A list stands at base + number: what the base ends with may be a part of the number.
    places = dict.fromkeys((base.rstrip(_DIGITS) for base in bases), did)
    if any(taken.get(place, did) != did for place in places):
        raise LedgerError(Reason.NOT_AUTHORISED, "the status lists would stand where another DID's stand")
    return places


def new_organisation(
    create: CreateOperation, *, index: int | None, jurisdiction: str, logged_at: int
) -> Organisation:
    """The organisation that a `did.create` makes. `index` is None inside genesis."""
    profile = create.profile
    keys = (*create.control, *(method.key for method in profile.methods))
    return Organisation(
        did=create.did,
        index=index,
        jurisdiction=jurisdiction,
        next_keys=create.next_keys,
        methods=tuple(
            MethodRecord(
                id=method_id(create.did, method.key),
                key=method.key,
                purpose=method.purpose,
                added_at=logged_at,
            )
            for method in profile.methods
        ),
        status_bases=profile.status_bases,
        versions=(
            DidVersion(
                hash=create.did.removeprefix(PREFIX),
                index=index,
                logged_at=logged_at,
                name=profile.name,
                statement_threshold=profile.statement_threshold,
                status_bases=profile.status_bases,
                sites=profile.sites,
            ),
        ),
        control_keys=frozenset(create.control),
        commitments=frozenset(map(commitment, keys)),
    )

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred trust show`: who may issue what, what is accepted where, and how old all of that is."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import any_home, open_trust
from vcred.cli.names import name_in
from vcred.cli.output import print_json, print_line
from vcred.cli.times import time_text
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.ledger.state import Accreditation, Recognition, Registration
from vcred.text.sanitise import sanitise
from vcred.trust.belief import Belief


@command("show", example="vcred trust show --home gate-mo")
@json_option
def show(context: click.Context, *, as_json: bool) -> None:
    """Show what is believed, and how old it is

    The gossip line is for another post: "vcred trust compare LINE" there.
    """
    now = int(clock_of(context)().timestamp())
    with open_trust(any_home(context), clock_of(context)) as store:
        belief = store.belief()
        gossip = str(store.gossip())
        pending = sum(not belief.is_logged(item.hash) for item in store.held.pending)
        evidence = len(store.evidence())
    if as_json:
        print_json(_as_json(belief, gossip=gossip, pending=pending, evidence=evidence, now=now))
    else:
        _tell(belief, gossip=gossip, pending=pending, evidence=evidence, now=now)


def _as_json(belief: Belief, *, gossip: str, pending: int, evidence: int, now: int) -> JsonObject:
    state = belief.state
    lists = sorted(status.issued_at for status in belief.statuses.values())
    accredited: list[JsonValue] = [
        {
            "issuer": item.issuer,
            "type": item.type,
            "jurisdiction": item.jurisdiction,
            "from": time_text(item.from_time),
            "until": time_text(item.until),
            "standing": _standing(item, now),
            "entry": item.entry,
        }
        for item in state.in_order(state.accreditations.values())
    ]
    recognised: list[JsonValue] = [
        {
            "jurisdiction": item.jurisdiction,
            "of": item.of_jurisdiction,
            "type": item.type,
            "standing": _standing_of_recognition(item, now),
            "entry": item.entry,
        }
        for item in state.in_order(state.recognitions.values())
    ]
    registered: list[JsonValue] = [
        {
            "verifier": item.verifier,
            "type": item.type,
            "jurisdiction": item.jurisdiction,
            "claims": [*item.claims],
            "purpose": item.purpose,
            "until": time_text(item.until),
            "standing": _standing_of_registration(item, now),
            "entry": item.entry,
        }
        for item in state.in_order(state.registrations.values())
    ]
    return {
        "network": belief.network_id,
        "size": belief.size,
        "root": belief.root.hex(),
        "trust_as_of": time_text(belief.trust_as_of),
        "issuers": len({item.issuer for item in state.accreditations.values()}),
        "status_lists": len(lists),
        "status_as_of": time_text(lists[0]) if lists else None,
        "accredited": accredited,
        "recognised": recognised,
        "registered": registered,
        "void_entries": len(state.void),
        "version_supported": not state.unsupported,
        "pending": pending,
        "evidence_of_forks": evidence,
        "below_floor": belief.is_below_floor,
        "gossip": gossip,
    }


def _tell(belief: Belief, *, gossip: str, pending: int, evidence: int, now: int) -> None:
    state = belief.state
    lists = sorted(status.issued_at for status in belief.statuses.values())
    oldest = f", oldest {time_text(lists[0])}" if lists else ""
    print_line(f"network       {belief.network_id}")
    print_line(f"size, root    {belief.size}  {belief.root.hex()}")
    print_line(f"trust as of   {time_text(belief.trust_as_of)}")
    print_line(f"status lists  {len(lists)}{oldest}")
    for item in state.in_order(state.accreditations.values()):
        print_line(
            f"issuer        {_name(belief, item.issuer)}   {_type_name(item.type)} for {item.jurisdiction}   "
            f"{_standing(item, now)}   entry {item.entry}"
        )
    for known in state.in_order(state.recognitions.values()):
        what = f"{_type_name(known.type)} of {known.of_jurisdiction}"
        standing = _standing_of_recognition(known, now)
        print_line(f"recognised    {known.jurisdiction} accepts {what}   {standing}   entry {known.entry}")
    for entry in state.in_order(state.registrations.values()):
        asked = f"{', '.join(entry.claims)} of {_type_name(entry.type)}"
        print_line(
            f"verifier      {_name(belief, entry.verifier)}   {asked} in {entry.jurisdiction}   "
            f"{_standing_of_registration(entry, now)}   entry {entry.entry}"
        )
    for label, number in (("pending", pending), ("void entries", len(state.void)), ("forks", evidence)):
        if number:
            print_line(f"{label:<13} {number}")
    if state.unsupported:
        print_line("warning       the ledger has an entry that this version cannot judge: upgrade vcred")
    if belief.is_below_floor:
        print_line("warning       less is held than the floor that was entered: import a newer bundle")
    print_line(f"gossip        {gossip}")


def _standing(item: Accreditation, now: int) -> str:
    if item.void:
        return "void"
    if item.ceased_at is not None and now >= item.ceased_at:
        return "ceased"
    if now < item.from_time:
        return "not yet"
    return "in force" if now < item.until else "ended"


def _standing_of_recognition(item: Recognition, now: int) -> str:
    if item.void:
        return "void"
    if item.ceased_at is not None and now >= item.ceased_at:
        return "ceased"
    ended = item.conditions.until is not None and now >= item.conditions.until
    return "ended" if ended else "in force"


def _standing_of_registration(item: Registration, now: int) -> str:
    if item.void:
        return "void"
    if item.ceased_at is not None and now >= item.ceased_at:
        return "ceased"
    return "ended" if item.until is not None and now >= item.until else "in force"


def _name(belief: Belief, did: str) -> str:
    organisation = belief.organisation(did)
    return sanitise(did if organisation is None else name_in(organisation.name, "en"))


def _type_name(vct: str) -> str:
    return "/".join(vct.split("/")[-2:])

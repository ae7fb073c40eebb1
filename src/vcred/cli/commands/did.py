# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred did`: names of organisations and holders, and what the ledger says of them."""

import click

from vcred.cli.command import clock_of, command, home_option, json_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import any_home, open_trust
from vcred.cli.output import print_json, print_line
from vcred.cli.times import time_text
from vcred.codec.json_types import JsonObject
from vcred.errors import ResolutionError
from vcred.ledger.state import MethodRecord, Organisation
from vcred.trust.belief import Belief


@command("resolve", example="vcred did resolve did:key:zDnae... --json")
@click.argument("did")
@json_option
def resolve(context: click.Context, *, did: str, as_json: bool) -> None:  # noqa: ARG001
    """Look up the document of a DID

    did:key and did:jwk say it themselves; did:vcred is looked up in the trust bundle of the home.
    """
    document = _document(context, did)
    # A document is JSON: as words it would say less.
    print_json(document)


@command("history", example="vcred did history did:vcred:7bQ... --home gate-mo")
@click.argument("did")
@json_option
def history(context: click.Context, *, did: str, as_json: bool) -> None:
    """Show when an organisation's keys came into force, and when they ended"""
    organisation = _organisation(_belief(context), did)
    rows: list[JsonObject] = [
        _method_row(number, method) for number, method in enumerate(organisation.methods)
    ]
    if as_json:
        print_json({"id": did, "created_at": time_text(organisation.created_at), "methods": [*rows]})
        return
    print_line(f"created  {time_text(organisation.created_at)}")
    for row in rows:
        until = row["removed_at"] or "now"
        print_line(f"{row['ordinal']:<3} {row['purpose']:<20} {row['added_at']} to {until}  {row['id']}")


def _document(context: click.Context, did: str) -> JsonObject:
    from vcred.did.methods.jwk import resolve_did_jwk
    from vcred.did.methods.key import resolve_did_key

    method = did.split(":")[1] if did.count(":") >= 2 else ""
    if method == "key":
        return resolve_did_key(did).to_json()
    if method == "jwk":
        return resolve_did_jwk(did).to_json()
    if method != "vcred":
        raise ResolutionError("methodNotSupported", "not a DID of a method that is known here")
    belief = _belief(context)
    return organisation_document(_organisation(belief, did), now=int(clock_of(context)().timestamp()))


def organisation_document(organisation: Organisation, *, now: int) -> JsonObject:
    """Return the DID document of an organisation: its methods in force, by purpose."""
    in_force = [method for method in organisation.methods if method.in_force(now)]
    document: JsonObject = {
        "id": organisation.did,
        "controller": organisation.did,
        "verificationMethod": [_method_json(organisation.did, method) for method in in_force],
    }
    for purpose in sorted({method.purpose for method in in_force}):
        document[str(purpose)] = [method.id for method in in_force if method.purpose is purpose]
    document["service"] = [
        {"type": "TokenStatusList", "serviceEndpoint": base} for base in organisation.status_bases
    ]
    return document


def _belief(context: click.Context) -> Belief:
    with open_trust(any_home(context), clock_of(context)) as store:
        return store.belief()


def _organisation(belief: Belief, did: str) -> Organisation:
    organisation = belief.organisation(did)
    if organisation is None:
        raise ResolutionError(
            "notFound",
            "that DID is not on the ledger that this home holds",
            hint='import a newer bundle with "vcred trust import FILE"',
        )
    return organisation


def _method_row(ordinal: int, method: MethodRecord) -> JsonObject:
    return {
        "ordinal": ordinal,
        "id": method.id,
        "purpose": str(method.purpose),
        "algorithm": method.key.algorithm.jose,
        "added_at": time_text(method.added_at),
        "removed_at": time_text(method.removed_at),
    }


def _method_json(did: str, method: MethodRecord) -> JsonObject:
    return {
        "id": method.id,
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": method.key.to_multikey(),
    }


group = LazyGroup(
    "did",
    help="Make and look up the names of organisations",
    params=[home_option()],
    table={
        "create": Deferred("did_create", "create", "Make the name and keys of an organisation"),
        "show": Deferred("did_create", "show", "Show the DID of this home"),
        "resolve": Deferred("did", "resolve", "Look up the document of a DID"),
        "history": Deferred(
            "did", "history", "Show when an organisation's keys came into force, and when they ended"
        ),
    },
)

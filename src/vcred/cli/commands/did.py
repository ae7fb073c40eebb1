# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred did`: names of organisations and holders, and what the ledger says of them."""

from functools import partial

import click

from vcred.cli.command import clock_of, command, home_option, json_option
from vcred.cli.did_words import history_json, history_lines
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.inputs import parse_moment
from vcred.cli.known_ledger import known_state, ledger_option
from vcred.cli.output import print_json, print_line
from vcred.did.document import DidDocument
from vcred.did.resolution import Resolution
from vcred.did.resolver import Resolver
from vcred.errors import ResolutionError
from vcred.ledger.resolve import resolve_did

_IMPORT_HINT = 'import a newer bundle with "vcred trust import FILE"'
_LEDGER_HINT = "is it spelled right, and has its did.create been appended there?"


@command(
    "resolve",
    example="vcred did resolve did:key:zDnae... --json\n"
    "vcred did resolve did:vcred:7bQ... --version-time 2026-11-20T09:00:00+08:00 --home gate-mo",
)
@click.argument("did")
@click.option("--version-id", metavar="HASH", help="The version that the operation with this hash made.")
@click.option("--version-time", metavar="TIME", help="The version in force then: a time with its zone.")
@ledger_option
@json_option
def resolve(
    context: click.Context,
    *,
    did: str,
    version_id: str | None,
    version_time: str | None,
    ledger: str | None,
    as_json: bool,
) -> None:
    """Look up the document of a DID

    did:key and did:jwk say it themselves; did:vcred is looked up in the trust bundle of the
    home, or on the ledger. With --json the whole result: document and metadata.
    """
    at = None if version_time is None else _seconds(context, version_time)
    # Only where it is needed: a did:key resolves without any home.
    state = known_state(context, ledger) if did.startswith("did:vcred:") else None
    resolver = Resolver(None if state is None else partial(resolve_did, state))
    found = resolver.resolve(did, version_id=version_id, version_time=at)
    if as_json:
        # A program gets the whole result, whatever it is; the exit code says the same once more.
        print_json(found.to_json())
    if not as_json or found.problem is not None:
        document = _require(found, ledger)
        # A document is JSON: as words it would say less.
        print_json(document.to_json())


@command("history", example="vcred did history did:vcred:7bQ... --home gate-mo")
@click.argument("did")
@ledger_option
@json_option
def history(context: click.Context, *, did: str, ledger: str | None, as_json: bool) -> None:
    """Show how a DID and its keys have changed

    Every version with what it changed; every key from when until when, and whether it is
    distrusted.
    """
    organisation = known_state(context, ledger).organisations.get(did)
    if organisation is None:
        raise ResolutionError(
            "notFound",
            f"that DID is not on the ledger that {'this home holds' if ledger is None else 'was asked'}",
            hint=_hint(ledger),
        )
    if as_json:
        print_json(history_json(organisation))
        return
    for line in history_lines(organisation):
        print_line(line)


def _seconds(context: click.Context, text: str) -> int:
    return int(parse_moment("--version-time", text, now=clock_of(context)()).timestamp())


def _hint(ledger: str | None) -> str:
    """Say what to do about a DID that is not known; a ledger that was asked has no newer bundle."""
    return _IMPORT_HINT if ledger is None else _LEDGER_HINT


def _require(found: Resolution, ledger: str | None) -> DidDocument:
    try:
        return found.require()
    except ResolutionError as error:
        if error.kind == "notFound":
            error.hint = _hint(ledger)
        raise


group = LazyGroup(
    "did",
    help="Make, change and look up the names of organisations",
    params=[home_option()],
    table={
        "create": Deferred("did_create", "create", "Make the name and keys of an organisation"),
        "show": Deferred("did_create", "show", "Show the DID of this home"),
        "resolve": Deferred("did", "resolve", "Look up the document of a DID"),
        "rotate": Deferred("did_update", "rotate", "Put new keys in the place of this DID's keys"),
        "update": Deferred("did_update", "update", "Change what this DID's document says beside its keys"),
        "deactivate": Deferred("did_update", "deactivate", "End this DID for good"),
        "history": Deferred("did", "history", "Show how a DID and its keys have changed"),
        "key": Deferred(
            "did_keys", "key", "Show the control keys that this home keeps for the DIDs of others"
        ),
        "sign": Deferred("did_keys", "sign", "Sign an operation of a DID with the control keys of this home"),
    },
)

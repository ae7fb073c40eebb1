# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What `did rotate`, `did update` and `did deactivate` have in common: who signs, who does next, where to."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from vcred.cli.command import clock_of
from vcred.cli.homes import home_of
from vcred.cli.operation_words import say_operation
from vcred.cli.operations import StatementOptions, make_operation, statement_options
from vcred.cli.output import print_json, say
from vcred.cli.token_options import read_tokens
from vcred.cli.unlocking import existing_unlock
from vcred.codec.json_types import JsonObject
from vcred.desk.did_plan import UpdateRequest
from vcred.desk.own_keys import NO_TOKENS
from vcred.desk.party import Party
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.errors import KeyMaterialError, UsageError
from vcred.home import Role
from vcred.keys.custody import KeyRole
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.public import PublicKey
from vcred.ledger.state import State

# Whose homes have a DID on the ledger; an authority's is the one that is meant by default.
DID_ROLES = (Role.AUTHORITY, Role.ISSUER, Role.VERIFIER)

_control_key = click.option(
    "--control-key",
    "control_keys",
    multiple=True,
    metavar="MULTIKEY",
    help='Control key of another home that signs too, as "vcred did key" shows it there.',
)
_next_key = click.option(
    "--next-key",
    "next_keys",
    multiple=True,
    metavar="HASH",
    help='Commitment to a control key of another home, as "vcred did key" shows it there.',
)
_next_threshold = click.option(
    "--next-threshold",
    type=click.IntRange(1, 16),
    metavar="K",
    help="How many of the next control keys must sign the next change; else 1.",
)
_discard = click.option(
    "--discard",
    is_flag=True,
    help="Give up the update on its way to the ledger; if another change is asked for, make that one.",
)


def next_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say who holds the DID next."""
    return _next_key(_next_threshold(function))


def read_new_tokens(texts: tuple[str, ...], *, keys: tuple[KeyRole, ...]) -> Mapping[KeyRole, Pkcs11Uri]:
    """Read `--hsm` of a command that makes new keys: a URI alone is for those that `--key` names.

    Args:
        texts: Of the command line.
        keys: Roles of the new keys beside the next control key; none of them: it is for that one.

    Raises:
        UsageError: As `read_tokens`, or a token for a key that is not made.
    """
    tokens = read_tokens(texts, bare=keys or (KeyRole.CONTROL,))
    for role in tokens:
        if role not in (KeyRole.CONTROL, *keys):
            raise UsageError(f"--hsm: no {role} key is made by this", hint=f"say so with --key {role}")
    return tokens


def signing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say who signs, and where the operation goes."""
    return _control_key(_discard(statement_options(function)))


def read_control_keys(texts: tuple[str, ...]) -> tuple[PublicKey, ...]:
    """Read keys from the command line.

    Raises:
        UsageError: One is not a Multikey.
    """
    try:
        return tuple(PublicKey.from_multikey(text) for text in texts)
    except KeyMaterialError as error:
        raise UsageError(f"--control-key: {error}", hint='"vcred did key" shows it, as key') from error


def change_did(
    context: click.Context,
    request: UpdateRequest,
    *,
    discard: bool,
    options: StatementOptions,
    tokens: Mapping[KeyRole, Pkcs11Uri] = NO_TOKENS,
) -> None:
    """Make the next operation of the home's DID; append it, or write it. `tokens` is where new keys shall be.

    With `discard` and nothing to change, what is on its way is given up and nothing is made.

    Raises:
        UsageError: It cannot be made, or others have to sign before it can be appended.
        LedgerError: The rules refuse it.
    """
    if discard and request == UpdateRequest() and options.out is None:
        _give_up(context, options)
        return
    made: list[JsonObject] = []

    def make(party: Party, state: State) -> JsonObject:
        if discard:
            party.discard_update()
        operation = party.update_did(request, state=state, tokens=tokens)
        _require_hands(operation, party.did, state, options)
        made.append(operation)
        return operation

    make_operation(context, make, options, roles=DID_ROLES)
    if options.out is not None:
        _tell_written(made[-1], options)


def _give_up(context: click.Context, options: StatementOptions) -> None:
    home = home_of(context, *DID_ROLES)
    unlock = existing_unlock(home, key_file=options.key_file, passphrase_fd=options.passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        did, pending = party.did, party.did_desk.pending()
        party.discard_update()
    if options.as_json:
        print_json({"did": did, "discarded": None if pending is None else pending.hash})
    elif pending is None:
        say("no update is on its way to the ledger")
    else:
        say(f"given up: {pending.hash}, which {say_operation(pending.operation, State())}")
        say("note: whoever has got it may still append it")


def _tell_written(operation: JsonObject, options: StatementOptions) -> None:
    if options.as_json and options.out != "-":
        told: JsonObject = {"did": operation["did"], "hash": hash_text(operation_hash(operation))}
        print_json(told | {"out": options.out})
    say('next: append it with "vcred ledger append"; until then the same command gives the same operation')


def _require_hands(operation: JsonObject, did: str, state: State, options: StatementOptions) -> None:
    """Say that others have to sign. What was made is kept: with --out the same command writes it."""
    next_keys = state.organisations[did].next_keys
    proofs = operation.get("proof")
    signed = len(proofs) if isinstance(proofs, list) else 0
    missing = 0 if next_keys is None else next_keys.threshold - signed
    if missing <= 0:
        return
    hint = 'write it with --out FILE, and let the others sign it with "vcred did sign FILE"'
    if options.out is None:
        raise UsageError(f"{missing} more of the control keys must sign", hint=hint)
    say(f'first {missing} more of the control keys must sign: "vcred did sign FILE" in the other homes')

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred trust export`: what one post holds, another can import."""

import dataclasses
from collections.abc import Sequence

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import any_home, open_trust
from vcred.cli.operations import out_option, pending_option, read_operation, replace_option
from vcred.cli.output import print_json, say, write_data
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.trust.bundle import encode_bundle, parse_bundle
from vcred.trust.store import TrustStore
from vcred.trust.update import decide_update, refuse_idle


@command(
    "export",
    example="vcred trust export --home gate-mo --out bundle.vtb --since 14\n"
    "vcred trust export --pending withdrawal.json --home authority-gd --out bundle.vtb",
)
@click.option(
    "--since",
    type=click.IntRange(min=0),
    default=0,
    metavar="SIZE",
    help="Only what came after the first SIZE entries.",
)
@pending_option
@out_option
@replace_option
@json_option
def export(
    context: click.Context,
    *,
    since: int,
    pending: tuple[str, ...],
    out: str,
    replace: bool,
    as_json: bool,
) -> None:
    """Write a bundle of what is held, for another post

    SIZE is what the other post holds, the first number of its gossip line. Pending operations that
    are held go along; --pending adds others. So a withdrawal travels without the ledger's operator.
    """
    clock = clock_of(context)
    operations = [read_operation(name) for name in pending]
    with open_trust(any_home(context), clock) as store:
        bundle = store.export_bundle(since=since)
        size = store.gossip().size
        if operations:
            bundle = _with_pending(store, bundle, operations, now=int(clock().timestamp()))
    write_data(bundle, out, overwrite=replace)
    if as_json and out != "-":
        print_json({"out": out, "bytes": len(bundle), "since": since, "size": size})
    else:
        say(f"exported entries {since} to {size}, {len(bundle)} bytes")


def _with_pending(store: TrustStore, data: bytes, operations: Sequence[JsonObject], *, now: int) -> bytes:
    """Put operations beside what is held. Raises TrustBundleError if no verifier would take them."""
    bundle = parse_bundle(data)
    every = dict.fromkeys((*bundle.pending, *map(encode_jcs, operations)))
    grown = dataclasses.replace(bundle, pending=tuple(every))
    held = {item.hash for item in store.held.pending}
    addition = decide_update(store.held, grown, store.network_file, now=now)
    refuse_idle([item for item in operations if hash_text(operation_hash(item)) not in held], addition)
    return encode_bundle(grown)

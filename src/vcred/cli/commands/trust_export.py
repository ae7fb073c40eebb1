# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred trust export`: what one post holds, another can import."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import any_home, open_trust
from vcred.cli.operations import out_option
from vcred.cli.output import print_json, say, write_data


@command("export", example="vcred trust export --home gate-mo --out bundle.vtb --since 14")
@click.option(
    "--since", type=click.IntRange(min=0), default=0, metavar="SIZE", help="Only what came after that size."
)
@out_option
@json_option
def export(context: click.Context, *, since: int, out: str, as_json: bool) -> None:
    """Write a bundle of what is held, for another post

    SIZE is what the other post holds, the first number of its gossip line. Pending operations go along.
    """
    with open_trust(any_home(context), clock_of(context)) as store:
        bundle = store.export_bundle(since=since)
        size = store.gossip().size
    write_data(bundle, out)
    if as_json and out != "-":
        print_json({"out": out, "bytes": len(bundle), "since": since, "size": size})
    else:
        say(f"exported entries {since} to {size}, {len(bundle)} bytes")

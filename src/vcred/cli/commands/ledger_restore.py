# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger restore`: after an older copy of the ledger was put in its place."""

import click

from vcred.cli.command import command, json_option
from vcred.cli.commands.ledger import open_ledger
from vcred.cli.inputs import naming, read_input
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import unlock_options
from vcred.errors import UsageError
from vcred.limits import MAX_BUNDLE_BYTES
from vcred.trust.bundle import parse_bundle


@command("restore", example="vcred ledger restore newest.vtb --home ledger")
@click.argument("bundle")
@unlock_options
@json_option
def restore(
    context: click.Context, *, bundle: str, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Put back published entries that are missing here

    BUNDLE is the newest trust bundle that anybody holds ("vcred trust export" writes one); "-" is
    stdin. Its entries and their dates are taken as they were cosigned. Entries that were never
    published are not in it: they are handed in again.
    """
    data = read_input(bundle, max_bytes=MAX_BUNDLE_BYTES)
    with naming(bundle, hint="the bundle is cut or damaged: copy it again"):
        parsed = parse_bundle(data)
    with open_ledger(context, key_file=key_file, passphrase_fd=passphrase_fd) as ledger:
        before = ledger.state.size
        if parsed.first > before:
            raise UsageError(
                f"the bundle begins at entry {parsed.first}, {before} are here",
                hint='take a full one: "vcred trust export" without --since',
            )
        published = ledger.put_back((*ledger.leaves(0, parsed.first), *parsed.leaves), parsed.checkpoint)
    if as_json:
        print_json({"size_before": before, "size": published.size, "root": published.root.hex()})
    else:
        say(f"put back {counted(published.size - before, 'entry')}; {published.size} are published")

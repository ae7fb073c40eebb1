# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger export`: the published log as files."""

from pathlib import Path

import click

from vcred.cli.command import command, json_option
from vcred.cli.commands.ledger import open_ledger
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import unlock_options
from vcred.ledger.engines.static_export import export_static


@command("export", example="vcred ledger export --out public --home ledger")
@click.option("--out", required=True, metavar="DIR", help="Folder to bring up to date; made if missing.")
@unlock_options
@json_option
def export(
    context: click.Context, *, out: str, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Write the published log as static files for any web host

    The checkpoint, the tree in tiles and the entries, as C2SP tlog-tiles has them. Again, it adds
    only what is new; it may be interrupted at any time.
    """
    with open_ledger(context, key_file=key_file, passphrase_fd=passphrase_fd) as ledger:
        exported = export_static(ledger, Path(out))
    if as_json:
        print_json({"size": exported.size, "root": exported.root.hex(), "written": exported.written})
    else:
        say(f"{out}: {counted(exported.size, 'entry')}, {counted(exported.written, 'new file')}")

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status audit`: what was changed, proved by its chain of hashes."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import click

from vcred.cli.command import command, json_option
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, print_line, say, write_data
from vcred.cli.times import time_text
from vcred.cli.unlocking import unlock_options
from vcred.errors import StoreError
from vcred.files import append_at
from vcred.issuer.audit import AuditHead, decode_entry

ENTRIES_AT_ONCE = 4096

Entries: TypeAlias = Iterator[tuple[AuditHead, bytes]]


@command(
    "audit",
    example="vcred status audit --home issuer-gd\nvcred status audit --out audit.jsonl --home issuer-gd",
)
@click.option("--out", metavar="FILE", help="Where the entries go, one a line, as they were hashed.")
@unlock_options
@json_option
def audit(
    context: click.Context, *, out: str | None, key_file: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Prove the audit log, and write it out

    Shows every entry. The hash of the last one vouches for all before it: "vcred evidence record" puts
    it on the ledger.
    """
    if out not in (None, "-") and Path(out).exists():
        raise StoreError(f"{out} exists already", hint="choose another file")
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        entries = issuer.status.audit.proved()
        head = _tell(entries, quiet=as_json) if out is None else _write(entries, out)
    if as_json and out != "-":
        print_json({"entries": head.seq, "head": head.hash.hex()})
    say(f"the audit log holds: {counted(head.seq, 'entry')}, head {head.hash.hex()}")


def _tell(entries: Entries, *, quiet: bool) -> AuditHead:
    head = AuditHead()
    for made, content in entries:
        head = made
        if not quiet:
            print_line(_line(content))
    return head


def _line(content: bytes) -> str:
    entry = decode_entry(content)
    told = " ".join(f"{name}={value}" for name, value in entry.members.items())
    return f"{entry.seq:>6}  {time_text(entry.at)}  {entry.kind:<16} {told}".rstrip()


def _write(entries: Entries, out: str) -> AuditHead:
    """Write entries as they are proved: of a broken log what is before the break is there."""
    head, length = AuditHead(), 0
    while block := list(islice(entries, ENTRIES_AT_ONCE)):
        head = block[-1][0]
        data = b"".join(content + b"\n" for _, content in block)
        if out == "-":
            write_data(data, out)
        else:
            length = append_at(Path(out), data, length=length)
    return head

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status audit`: what was changed, proved by its chain of hashes and held against the tables."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import click

from vcred.cli.command import command, json_option
from vcred.cli.exits import DONE, REJECTED
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, print_line, say, write_data
from vcred.cli.store_loss import warned_of_loss
from vcred.cli.times import time_text
from vcred.cli.unlocking import unlock_options
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import StoreError
from vcred.files import append_at
from vcred.issuer.audit.findings import Difference, Notice, NoticeKind
from vcred.issuer.audit.log import AuditHead, decode_entry

ENTRIES_AT_ONCE = 4096
_NOTICES = {
    NoticeKind.UNSIGNED: "not signed: cannot be verified, since an older vcred did not keep what was signed",
    NoticeKind.FIRST: "came as the first approver, and nobody approved it",
    NoticeKind.TAKEN_OVER: "taken over from the home's copy of the approvers; no signature was verified",
    NoticeKind.LEFT: "not taken over from the home's copy of the approvers: signed by nobody",
    NoticeKind.ALONE: "went on after a backup by the word of one person alone, though somebody was in office",
    NoticeKind.RECONCILED: "revoked or suspended again by a reconciliation, from lists that were published",
}

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
) -> int:
    """Prove the audit log, and write it out

    Shows every entry. The hash of the last one vouches for all before it: "vcred evidence record" puts
    it on the ledger. Then it is replayed and compared with what the store holds: statuses, approvers,
    limits and settings, publications, and whose each place in the lists is. What needs a second person is
    held against what that person signed. Any difference is told, and the exit code is 1; so it is of a
    store that is gone, or was put back and not reconciled. What nobody can prove is told, too.
    """
    if out not in (None, "-") and Path(out).exists():
        raise StoreError(f"{out} exists already", hint="choose another file")
    with (
        open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer,
        warned_of_loss(issuer) as loss,
        issuer.status.auditing() as check,
    ):
        head = _tell(check.entries(), quiet=as_json) if out is None else _write(check.entries(), out)
        differences, notices = check.differences(), check.notices()
    if as_json and out != "-":
        told: list[JsonValue] = [_plain(one) for one in differences]
        noticed: list[JsonValue] = [_plain(one) for one in notices]
        print_json(
            {
                "entries": head.seq,
                "head": head.hash.hex(),
                "differences": told,
                "notices": noticed,
                "loss": None if loss is None else loss.value,
            }
        )
    entries = f"{counted(head.seq, 'entry')}, head {head.hash.hex()}"
    for notice in notices:
        say(f"{_NOTICES[notice.kind]}: {notice.count}, the first is {notice.first}")
    if not differences and loss is None:
        say(f"the audit log holds: {entries}")
        return DONE
    say(f"the audit log is whole: {entries}")
    for one in differences:
        say(f"the store says something else than the log ({one.kind}): {one.count}, the first is {one.first}")
    if not differences:
        say("rejected (rollback); it says nothing of what this store has lost")
        return REJECTED
    say("rejected (altered beside the log); keep the store as it is, publish nothing, restore a copy")
    return REJECTED


def _plain(one: Difference | Notice) -> JsonObject:
    return {"kind": one.kind.value, "count": one.count, "first": one.first}


def _tell(entries: Entries, *, quiet: bool) -> AuditHead:
    head = AuditHead()
    for made, content in entries:
        head = made
        if not quiet:
            print_line(_line(content))
    return head


def _line(content: bytes) -> str:
    entry = decode_entry(content)
    # What was signed is a thousand characters long: it is in the file that `--out` writes.
    shown = {**entry.members, **({"approval": "(signed)"} if "approval" in entry.members else {})}
    told = " ".join(f"{name}={value}" for name, value in shown.items())
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

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status reconcile`: let an issuer that was restored from a backup go on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from vcred.cli.command import command, json_option
from vcred.cli.exits import DONE
from vcred.cli.hints import here, publish_command
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.cli.request_words import tell_waiting
from vcred.cli.store_loss import warn_of_gone
from vcred.cli.unlocking import unlock_options
from vcred.codec.json_types import JsonObject
from vcred.errors import RefusedError, StoreError
from vcred.files import read_capped
from vcred.issuer.engines.statuses.receipts_taken import ReceiptsTaken
from vcred.issuer.engines.statuses.reconcile import Reconciled
from vcred.issuer.engines.statuses.second_person import WaitingError
from vcred.limits import MAX_STATUS_TOKEN_BYTES
from vcred.reasons import Reason
from vcred.status.token_status_list import parse_status_token

_SHOWN: Final = 20


@command(
    "reconcile",
    example="vcred trust import newest.vtb --home issuer-gd\n"
    "vcred status reconcile --lists status --receipts issued/receipts.csv --home issuer-gd",
)
@click.option(
    "--lists", metavar="DIR", help="Folder of published tokens, beside those of the bundle held here."
)
@click.option(
    "--receipts",
    metavar="FILE",
    multiple=True,
    help="Receipts of what was issued after the copy was made; may be given again, also later.",
)
@click.option(
    "--nothing-was-published",
    is_flag=True,
    help="No list was published after the copy was made: go on without a newer one. Where somebody may"
    " approve, this waits for them.",
)
@unlock_options
@json_option
def reconcile(
    context: click.Context,
    *,
    lists: str | None,
    receipts: tuple[str, ...],
    nothing_was_published: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> int:
    """Go on after a backup was restored

    A store that was put back deals places a second time, and forgets revocations: so it neither
    issues nor publishes before this. What was revoked by the newest published lists is revoked
    again, every list is closed for ever, and new ones open far above. Import the newest bundle
    first. Credentials that were issued after the backup stay good until they expire, and this home
    does not know them any more, but by their receipts: those that --receipts names can be revoked by
    id or row, and their rows count as issued. Of a home that was reconciled before, only the receipts
    are taken over; and of a store that is gone, without a copy of it, no receipt is believed. Where the
    mark beside the store does not show which lists were the newest, and somebody may approve, a second
    person has to: exit 3; once that is applied, run the same command again.
    """
    found, tables = {} if lists is None else _read(Path(lists)), [Path(name) for name in receipts]
    tokens = [*found.values()]
    done: Reconciled | None
    taken: ReceiptsTaken | None = None
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        is_gone = warn_of_gone(issuer)
        if found:
            _refuse_foreign(found, did=issuer.lists.did)
        try:
            if tables:
                done, taken = issuer.lists.take_receipts(
                    tables, tokens, nothing_was_published=nothing_was_published
                )
            else:
                done = issuer.lists.reconcile(tokens, nothing_was_published=nothing_was_published)
        except WaitingError as error:
            return tell_waiting(error.request, as_json=as_json)
    if as_json:
        print_json({**_told(done), **_told_of_receipts(taken)})
    else:
        _say_done(done, taken, is_gone=is_gone)
    return DONE


def _say_done(done: Reconciled | None, taken: ReceiptsTaken | None, *, is_gone: bool) -> None:
    if done is not None:
        _say_reconciled(done)
    if taken is not None:
        _say_receipts(taken)
    if done is None:
        say(f"now {publish_command()}")
        return
    if taken is None and not is_gone:
        say(
            "what was issued after the backup is not known here; receipts bring it back:"
            f' "vcred status reconcile --receipts FILE{here()}"'
        )
    say(f"every list is closed; the next one has number {done.first_list}; now {publish_command()}")


def _told(done: Reconciled | None) -> JsonObject:
    if done is None:
        return {}
    return {
        "lists": done.lists,
        "revoked": done.revoked,
        "suspended": done.suspended,
        "unknown": done.unknown,
        "first_list": done.first_list,
    }


def _told_of_receipts(taken: ReceiptsTaken | None) -> JsonObject:
    if taken is None:
        return {}
    return {
        "receipts": {
            "entered": taken.entered,
            "known": taken.known,
            "revoked": taken.revoked,
            "suspended": taken.suspended,
            "rows_twice": [*taken.rows_twice],
        }
    }


def _say_reconciled(done: Reconciled) -> None:
    say(f"took over {counted(done.lists, 'status list')} that had been published later than this store knew")
    say(f"{counted(done.revoked, 'credential')} revoked again, {done.suspended} suspended again")
    if done.unknown:
        say(
            f"{counted(done.unknown, 'entry')} kept as published: of credentials issued after the backup,"
            " or decoys, which are of none"
        )


def _say_receipts(taken: ReceiptsTaken) -> None:
    say(
        f"{counted(taken.entered, 'credential')} entered again by {_their(taken.entered)}:"
        f" {taken.revoked} revoked, {taken.suspended} suspended; {taken.known} known already"
    )
    if taken.rows_twice:
        shown = ", ".join(taken.rows_twice[:_SHOWN])
        more = f" and {len(taken.rows_twice) - _SHOWN} more" if len(taken.rows_twice) > _SHOWN else ""
        say(f"two credentials in force: {counted(len(taken.rows_twice), 'row')}: {shown}{more}")
        say('revoke one of each by its credential id, or let "vcred issue --reissue" give one for both')


def _their(number: int) -> str:
    return "its receipt" if number == 1 else "their receipts"


def _read(folder: Path) -> dict[Path, str]:
    """Read every token of a folder."""
    if not folder.is_dir():
        raise StoreError(f"{folder} is not a folder")
    return {
        file: read_capped(file, max_bytes=MAX_STATUS_TOKEN_BYTES).decode("ascii", errors="replace").strip()
        for file in sorted(folder.glob("*.jwt"))
    }


def _refuse_foreign(found: Mapping[Path, str], *, did: str) -> None:
    """Name the file that is of no use here. Nothing is proved by it: all are verified afterwards.

    Raises:
        RefusedError: STATUS_INVALID: a file is no token, or says that it is another issuer's.
    """
    for file, text in found.items():
        try:
            token = parse_status_token(text)
        except RefusedError as error:
            raise RefusedError(error.reason, f"{file}: {error}") from error
        if token.did != did:
            raise RefusedError(
                Reason.STATUS_INVALID,
                f"{file} is another issuer's status list, {token.uri}",
                hint="--lists DIR needs a folder with this issuer's lists alone",
            )

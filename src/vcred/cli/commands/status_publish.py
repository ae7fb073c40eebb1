# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status publish`: the lists, signed, as files for whoever builds trust bundles."""

from pathlib import Path

import click

from vcred.cli.command import command, json_option
from vcred.cli.exits import DONE, INDETERMINATE
from vcred.cli.issuers import open_issuer
from vcred.cli.names import counted
from vcred.cli.output import complain, print_json, print_line, say
from vcred.cli.times import time_text
from vcred.cli.unlocking import unlock_options
from vcred.codec.json_types import JsonObject
from vcred.errors import RefusedError
from vcred.files import write_atomic
from vcred.issuer.status_lists import PublishedStatusList
from vcred.reasons import Reason


@command("publish", example="vcred status publish --home issuer-gd --out status")
@click.option("--out", required=True, metavar="DIR", help="Folder for the tokens, one file a list.")
@click.option(
    "--clock-is-right",
    is_flag=True,
    help="Go by the clock though it is a month ahead of all that is known here.",
)
@unlock_options
@json_option
def publish(
    context: click.Context,
    *,
    out: str,
    clock_is_right: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> int:
    """Sign the status lists, for the next trust bundle

    All lists are signed together, and dated on a grid (vcred status interval): a change shows no
    finer when it was made. Run twice within an interval, it writes the same tokens again; if
    something has changed since, it waits for the next interval, or ends with 3 if that is more than
    a minute off.

    No list is ever older than the one before: dated by a clock that is years ahead, it would be the last
    for years. So a clock that is more than 31 days ahead of the newest bundle and the last entry of the
    audit log is refused; where the issuer has rested that long, --clock-is-right says so.
    """
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        if clock_is_right:
            issuer.lists.accept_clock()
        try:
            is_first = issuer.lists.is_first_to_come
            lists = issuer.lists.publish(on_wait=_say_first_waiting if is_first else _say_waiting)
        except RefusedError as error:
            if error.reason is not Reason.RATE_LIMITED:
                raise
            complain(str(error), error.hint)
            return INDETERMINATE
    files = [_write(Path(out), item) for item in lists]
    if as_json:
        print_json({"lists": [_json(item, file) for item, file in zip(lists, files, strict=True)]})
        return DONE
    for item, file in zip(lists, files, strict=True):
        print_line(f"{file}  {item.size:,} entries  {time_text(item.issued_at)}  {item.uri}")
    if not lists:
        say("nothing to publish: nothing was issued")
        return DONE
    next_at = time_text(max(item.next_at for item in lists))
    say(f"{counted(len(lists), 'status list')} in {out}; the next can be signed at {next_at}")
    return DONE


def _say_waiting(until: int) -> None:
    say(f"statuses have changed since the lists of this interval: waiting until {time_text(until)}")


def _say_first_waiting(until: int) -> None:
    say(
        "the first lists cannot be dated before the status key came into force:"
        f" waiting until {time_text(until)}"
    )


def _write(folder: Path, item: PublishedStatusList) -> Path:
    """Write a token under the number of its list; a newer one takes the place of the older."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{item.uri.rpartition('/')[2]}.jwt"
    write_atomic(path, item.token.encode("ascii") + b"\n", overwrite=True)
    return path


def _json(item: PublishedStatusList, file: Path) -> JsonObject:
    return {
        "uri": item.uri,
        "issued_at": time_text(item.issued_at),
        "entries": item.size,
        "next_at": time_text(item.next_at),
        "file": str(file),
    }

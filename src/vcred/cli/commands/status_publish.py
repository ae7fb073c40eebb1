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
from vcred.errors import LimitExceededError, RefusedError, UsageError
from vcred.files import read_capped, write_atomic
from vcred.issuer.status_lists import PublishedStatusList
from vcred.limits import MAX_STATUS_TOKEN_BYTES
from vcred.reasons import Reason
from vcred.status.token_status_list import UnverifiedStatusToken, parse_status_token


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
    files = [_file_of(Path(out), item) for item in lists]
    # Every file before the first is written: a gate would miss the lists of whoever was replaced.
    for item, file in zip(lists, files, strict=True):
        _refuse_other_list(file, item)
    for item, file in zip(lists, files, strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, item.token.encode("ascii") + b"\n", overwrite=True)
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


def _file_of(folder: Path, item: PublishedStatusList) -> Path:
    """A token lies under the number of its list; a newer one takes the place of the older."""
    return folder / f"{item.uri.rpartition('/')[2]}.jwt"


def _refuse_other_list(file: Path, item: PublishedStatusList) -> None:
    """Refuse to replace a token of another list: every issuer begins to number its own with 0.

    Raises:
        UsageError: The file holds one.
    """
    found = _token_in(file)
    if found is None:
        return
    ours = parse_status_token(item.token)
    if (found.uri, found.did) != (item.uri, ours.did):
        raise UsageError(
            f"{file} is the status list {found.uri} of another issuer: nothing is written",
            hint="a folder for each issuer: name another one with --out DIR",
        )


def _token_in(file: Path) -> UnverifiedStatusToken | None:
    """Read what lies at a place; None if nothing does, or no token."""
    if not file.exists():
        return None
    try:
        data = read_capped(file, max_bytes=MAX_STATUS_TOKEN_BYTES)
        return parse_status_token(data.decode("ascii", errors="replace").strip())
    except (LimitExceededError, RefusedError):
        return None


def _json(item: PublishedStatusList, file: Path) -> JsonObject:
    return {
        "uri": item.uri,
        "issued_at": time_text(item.issued_at),
        "entries": item.size,
        "next_at": time_text(item.next_at),
        "file": str(file),
    }

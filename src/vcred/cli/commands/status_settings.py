# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status interval` and `purposes`: how the issuer's lists are published, and what they can say."""

import click

from vcred.cli.command import command, json_option
from vcred.cli.inputs import parse_duration
from vcred.cli.issuers import open_issuer
from vcred.cli.output import print_json, print_line, say
from vcred.cli.times import duration_text
from vcred.cli.unlocking import unlock_options
from vcred.issuer.status_lists import parse_interval, parse_purposes


@command(
    "interval",
    example="vcred status interval --home issuer-gd\nvcred status interval 1h --home issuer-gd",
)
@click.argument("duration", required=False)
@unlock_options
@json_option
def interval(
    context: click.Context,
    *,
    duration: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Show or change how finely published lists are dated

    DURATION is 60s to 24h and goes into a day without remainder. Lists are dated at whole multiples
    of it. The longer it is, the less a list tells when somebody was taken back, and the later a
    gate knows.
    """
    seconds = None if duration is None else parse_interval(parse_duration("DURATION", duration))
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        if seconds is not None:
            issuer.lists.set_interval(seconds)
        now = issuer.lists.interval
    if as_json:
        print_json({"seconds": now})
    else:
        print_line(duration_text(now))


@command(
    "purposes",
    example="vcred status purposes --home issuer-gd\nvcred status purposes revocation --home issuer-gd",
)
@click.argument("purposes", required=False)
@unlock_options
@json_option
def purposes(
    context: click.Context,
    *,
    purposes: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Show or change what new status lists can say

    PURPOSES is "revocation,suspension" (2 bits to an entry) or "revocation" (1 bit: half as large,
    and nothing can be suspended). It counts for what is issued from now on.
    """
    chosen = None if purposes is None else parse_purposes(purposes)
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        if chosen is not None:
            issuer.lists.set_purposes(chosen)
        now = issuer.lists.purposes
    if as_json:
        print_json({"purposes": now.value})
        return
    print_line(now.value)
    if chosen is not None:
        say("what was issued before keeps its list")

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status hours`: in which hours the issuing keys sign."""

import click

from vcred.cli.command import command, json_option
from vcred.cli.issuers import open_issuer
from vcred.cli.output import print_json, print_line
from vcred.cli.request_words import tell_waiting
from vcred.cli.unlocking import unlock_options
from vcred.errors import DecodeError, UsageError
from vcred.issuer.signing_hours import SigningHours, hours_text, make_hours

ANY = "--any lifts them"


@command(
    "hours",
    example="vcred status hours --home issuer-gd\n"
    "vcred status hours 06:00-22:00 --timezone Asia/Macau --home issuer-gd\n"
    "vcred status hours --any --home issuer-gd",
)
@click.argument("period", metavar="[HH:MM-HH:MM]", required=False)
@click.option("--timezone", metavar="NAME", help="Whose clocks count, such as Asia/Macau.")
@click.option("--any", "lifts", is_flag=True, help="Ask that they sign at any hour.")
@unlock_options
@json_option
def hours(
    context: click.Context,
    *,
    period: str | None,
    timezone: str | None,
    lifts: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> int:
    """Show, or ask to change, in which hours credentials are issued

    Outside them "vcred issue" signs nothing, and the audit log tells that it was asked to. Hours may go over
    midnight: 22:00-06:00. An approver in office has to approve a change. Revoking and publishing have no
    hours.
    """
    wanted = _read(period, timezone, lifts=lifts)
    with open_issuer(context, key_file=key_file, passphrase_fd=passphrase_fd) as issuer:
        if wanted is not None or lifts:
            waiting = issuer.status.set_hours(wanted)
            return tell_waiting(waiting.request, as_json=as_json)
        now = issuer.status.hours()
    if as_json:
        print_json(
            {"hours": None, "timezone": None}
            if now is None
            else {"hours": now.period, "timezone": now.timezone}
        )
    else:
        print_line(hours_text(now))
    return 0


def _read(period: str | None, timezone: str | None, *, lifts: bool) -> SigningHours | None:
    if lifts and (period is not None or timezone is not None):
        raise UsageError("--any stands alone")
    if (period is None) != (timezone is None):
        raise UsageError("hours and --timezone NAME go together", hint="whose clocks count: Asia/Macau")
    if period is None or timezone is None:
        return None
    try:
        return make_hours(period, timezone)
    except DecodeError as error:
        raise UsageError(str(error), hint=ANY) from error

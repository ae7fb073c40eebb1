# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred status hours`: in which hours the issuing keys sign."""

import click

from vcred.cli.command import command, json_option
from vcred.cli.issuers import open_issuer
from vcred.cli.output import print_json, print_line, say
from vcred.cli.request_words import tell_waiting
from vcred.cli.unlocking import unlock_options
from vcred.errors import DecodeError, UsageError
from vcred.issuer.signing_hours import SigningHours, hours_text, is_period, make_hours

FORM = 'hours are written as HH:MM-HH:MM, such as 06:00-22:00; "vcred status hours --any" lifts them'
TIMEZONE = "a name of the tz database is needed, such as Asia/Macau"


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
        now = issuer.status.hours()
        is_so = lifts and now is None
        if (wanted is not None or lifts) and not is_so:
            waiting = issuer.status.set_hours(wanted)
            return tell_waiting(waiting.request, as_json=as_json)
    if as_json:
        print_json(
            {"hours": None, "timezone": None}
            if now is None
            else {"hours": now.period, "timezone": now.timezone}
        )
    else:
        print_line(hours_text(now))
    if is_so:
        say("issuing keys sign at any hour already: nothing is asked")
    return 0


def _read(period: str | None, timezone: str | None, *, lifts: bool) -> SigningHours | None:
    if lifts and (period is not None or timezone is not None):
        raise UsageError("--any stands alone")
    if period is not None and not is_period(period):
        raise UsageError("these are no hours", hint=FORM)
    if (period is None) != (timezone is None):
        raise UsageError("hours and --timezone NAME go together", hint="whose clocks count: Asia/Macau")
    if period is None or timezone is None:
        return None
    try:
        hours = make_hours(period, timezone)
    except DecodeError as error:
        raise UsageError(str(error), hint=FORM) from error
    _require_known(timezone)
    return hours


def _require_known(timezone: str) -> None:
    """Refuse a name that is mistyped. A machine that knows no timezone at all is another matter."""
    from zoneinfo import available_timezones

    known = available_timezones()
    if timezone in known or not known:
        return
    meant = sorted(name for name in known if name.rpartition("/")[2].lower() == timezone.lower())
    raise UsageError(
        f"this machine does not know the timezone {timezone}",
        hint=f"{TIMEZONE}; is {meant[0]} meant?" if meant and meant[0] != "Asia/Macau" else TIMEZONE,
    )

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What waits for a second person, in words and as JSON."""

from collections.abc import Iterable

from vcred.cli.exits import INDETERMINATE
from vcred.cli.hints import request_command
from vcred.cli.names import counted
from vcred.cli.output import print_json, print_line, say
from vcred.cli.times import time_text
from vcred.codec.json_types import JsonObject
from vcred.issuer.approval import lapses_at
from vcred.issuer.change_request import (
    AddApprover,
    AllowIssuing,
    ChangeRequest,
    ChangeStatus,
    GoOn,
    Limit,
    RemoveApprover,
    SetHours,
    SetLimit,
)
from vcred.issuer.engines.store.approvals import Approver
from vcred.issuer.journal import StatusValue
from vcred.issuer.signing_hours import SigningHours
from vcred.reasons import Reason

SECOND_SOON = "name a second approver soon, or nobody can take this one's place"

_VERBS = {
    StatusValue.REVOKED: "revoke",
    StatusValue.SUSPENDED: "suspend",
    StatusValue.VALID: "reinstate",
}
_LIMITED = {
    Limit.CHANGES: "make {} changes of status",
    Limit.ISSUING: "issue {} credentials",
}


def say_request(request: ChangeRequest, approvers: Iterable[Approver] = ()) -> str:
    """Say what a request asks, in one phrase.

    Args:
        approvers: Of the issuer, whose names a request to remove one does not hold.
    """
    match request.wish:
        case ChangeStatus(value=value, count=count):
            return f"{_VERBS[value]} {counted(count, 'credential')}"
        case AllowIssuing(number=number, until=until):
            return f"issue {number} more in 24 hours than the limit, until {time_text(until)}"
        case AddApprover(did=did, name=name):
            return f"let {name}, {did}, approve"
        case RemoveApprover(did=did):
            names = [f"{one.name}, {did}," for one in approvers if one.did == did]
            return f"let {names[0] if names else did} approve no more"
        case SetHours(hours=hours):
            return f"let issuing keys sign {hours_words(hours)}"
        case GoOn(newest=newest, missing=missing):
            known = f"the status lists of {time_text(newest)}" if newest else "no status list at all"
            without = f", and without {counted(missing, 'list')} of that time" if missing else ""
            return f"go on from a backup, with {known} as the last published{without}"
        case SetLimit(limit=limit, number=number):
            return f"let one person alone {_LIMITED[limit].format(number)} in 24 hours"


def hours_words(hours: SigningHours | None) -> str:
    """Say in which hours something is done."""
    return "at any hour" if hours is None else f"in the hours {hours.period}, {hours.timezone}, alone"


def say_why(request: ChangeRequest) -> str:
    """Say the reason that was given, behind what is asked; nothing if none was."""
    return f"; because {request.why}" if request.why else ""


def request_json(request: ChangeRequest) -> JsonObject:
    """Return a request as commands print it; its times are texts."""
    shown = request.to_json() | {
        "made_at": time_text(request.made_at),
        "lapses_at": time_text(lapses_at(request)),
    }
    if isinstance(request.wish, AllowIssuing):
        shown["until"] = time_text(request.wish.until)
    if isinstance(request.wish, GoOn):
        shown["newest"] = time_text(request.wish.newest) if request.wish.newest else None
    return shown


def tell_request(request: ChangeRequest) -> None:
    """Print what a request asks, one line a member, for whoever has to judge it."""
    print_line(f"request  {request.request_id}")
    print_line(f"issuer   {request.issuer}")
    print_line(f"asks to  {say_request(request)}")
    if isinstance(request.wish, ChangeStatus):
        print_line(f"digest   {request.wish.digest.hex()}")
    if request.why:
        print_line(f"because  {request.why}")
    print_line(f"made at  {time_text(request.made_at)}")
    print_line(f"lapses   {time_text(lapses_at(request))}")


def tell_waiting(request: ChangeRequest, *, as_json: bool, approvers: Iterable[Approver] = ()) -> int:
    """Say that nothing is changed, and what to do; returns the exit code."""
    if as_json:
        print_json({"waiting": request_json(request)})
    say(f"nothing is changed yet: a second person has to approve that you {say_request(request, approvers)}")
    say(f"hint: {request_command(request.request_id)}, and hand the file to an approver{_with_ids(request)}")
    say(f"indeterminate ({Reason.APPROVAL_REQUIRED})")
    return INDETERMINATE


def _with_ids(request: ChangeRequest) -> str:
    """Say how an approver gets to see which credentials it is about, if it is about any."""
    if not isinstance(request.wish, ChangeStatus):
        return ""
    return "; with --ids LIST it writes the ids of the credentials too, for the approver to check"

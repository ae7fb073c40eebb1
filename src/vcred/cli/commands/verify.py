# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred verify`: one presentation, one verdict, one exit code."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.exits import DONE, INDETERMINATE, REJECTED
from vcred.cli.homes import home_of, open_trust
from vcred.cli.inputs import parse_time, read_input
from vcred.cli.language import language_option
from vcred.cli.output import print_json, say
from vcred.cli.request_input import read_request_text
from vcred.cli.times import time_text
from vcred.errors import StoreError
from vcred.home import Home, Role
from vcred.limits import MAX_IMAGE_BYTES
from vcred.verifier.report import Decision
from vcred.verifier.verifier import POLICY_FILE, Verifier, load_policy

if TYPE_CHECKING:
    from datetime import datetime

    from vcred.clock import Clock

EXIT_CODES = {
    Decision.ACCEPTED: DONE,
    Decision.REJECTED: REJECTED,
    Decision.INDETERMINATE: INDETERMINATE,
}
_SVG = (b"<svg", b"<?xml", b"<!DOCTYPE svg")


@command(
    "verify",
    example="vcred verify code.png --home gate-mo\nvcred verify - --home gate-mo --json < code.txt\n"
    "vcred verify code.png --home gate-mo --at 2026-11-20T09:00:00+08:00\n"
    "vcred verify answer.png --request request.json --home gate-mo\n"
    'vcred verify --home gate-mo -- "$file"',
)
@click.argument("presentation", metavar="INPUT")
@click.option(
    "--at",
    metavar="TIME",
    help="Audit question: judge as of this time, given with its zone, on the evidence of then.",
)
@click.option(
    "--request",
    "asked",
    metavar="FILE",
    help="What this gate has asked, where its home does not keep it: picture, .txt or .json.",
)
@click.option("--policy", metavar="FILE", help="Use this policy instead of the home's own.")
@language_option("words")
@json_option
def verify(
    context: click.Context,
    *,
    presentation: str,
    at: str | None,
    asked: str | None,
    policy: str | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Decide whether a presentation may be relied upon

    INPUT is a PNG or JPEG picture, the text of a code, or an SD-JWT with key binding as text;
    "-" is stdin. Exit code 0 is accepted, 1 rejected, 3 indeterminate. In a script put "--"
    before a name that comes from elsewhere: it could begin with a hyphen.

    The answer to a request of this home ("vcred request") is known by itself, and taken once.
    --request FILE is for a program that keeps what was asked; a changed file is refused.

    With --at the answer is "as of then": what this gate had not imported evidence of by that
    time counts as not known, no code counts as shown before, and the words say "audit".
    """
    home = home_of(context, Role.VERIFIER)
    data = read_input(presentation, max_bytes=MAX_IMAGE_BYTES)
    moment = None if at is None else parse_time("--at", at)
    rules = load_policy(home.path / POLICY_FILE if policy is None else Path(policy))
    clock = clock_of(context)
    with Verifier.open(home, policy=rules, clock=clock) as verifier:
        if moment is not None:
            _require_evidence(home, clock, moment)
        wanted = None if asked is None else verifier.own_request(read_request_text(asked))
        report = verifier.evaluate(data, request=wanted, at=moment)
        belief = verifier.belief(at=moment)
    _tell_form(presentation, data)
    # Of the two ways to tell, only the one that is wanted is imported.
    if as_json:
        from vcred.cli.report_json import report_json

        print_json(report_json(report))
    else:
        from vcred.cli.report_text import Audience, tell_report
        from vcred.text.languages import choose_language

        audience = Audience(
            belief=belief,
            jurisdiction=rules.jurisdiction,
            language=choose_language(lang or home.settings.language),
            now=moment or clock(),
        )
        tell_report(report, audience)
    return EXIT_CODES[report.decision]


def _require_evidence(home: Home, clock: "Clock", moment: "datetime") -> None:
    """Refuse an audit question about a time before all evidence, and say since when there is some.

    Raises:
        StoreError: No bundle is held that was known by then.
    """
    with open_trust(home, clock) as store:
        if store.held.newest_checkpoint(int(moment.timestamp())) is not None:
            return
        first = min((checkpoint.quorum_time for checkpoint in store.held.checkpoints), default=None)
    if first is not None:
        raise StoreError(
            f"--at: no evidence is held of that time; it begins at {time_text(first)}",
            hint="ask as of a later time; what this gate was not told by then it cannot answer",
        )


def _tell_form(name: str, data: bytes) -> None:
    """Say what no check can say of an input that is none: that it is empty, or a drawing."""
    source = "stdin" if name == "-" else name
    if not data.strip():
        say(f"hint: {source} is empty")
    elif data.lstrip().startswith(_SVG):
        say(f"hint: {source} is an SVG, which is not read here; give a PNG, a JPEG or the text of the code")

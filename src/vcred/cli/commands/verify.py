# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred verify`: one presentation, one verdict, one exit code."""

from pathlib import Path

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.exits import DONE, INDETERMINATE, REJECTED
from vcred.cli.homes import home_of
from vcred.cli.inputs import parse_time, read_input
from vcred.cli.output import print_json
from vcred.home import Role
from vcred.limits import MAX_IMAGE_BYTES
from vcred.verifier.report import Decision
from vcred.verifier.verifier import POLICY_FILE, Verifier, load_policy

EXIT_CODES = {
    Decision.ACCEPTED: DONE,
    Decision.REJECTED: REJECTED,
    Decision.INDETERMINATE: INDETERMINATE,
}


@command(
    "verify",
    example="vcred verify code.png --home gate-mo\nvcred verify - --home gate-mo --json < code.txt",
)
@click.argument("presentation", metavar="INPUT")
@click.option("--at", metavar="TIME", help="Audit question: judge as of this time, on the evidence held now.")
@click.option("--policy", metavar="FILE", help="Use this policy instead of the home's own.")
@click.option("--lang", metavar="TAG", help="Language of the words: en, zh-Hans, zh-Hant or pt.")
@json_option
def verify(
    context: click.Context,
    *,
    presentation: str,
    at: str | None,
    policy: str | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Decide whether a presentation may be relied upon

    INPUT is a PNG or JPEG picture, the text of a code, or an SD-JWT with key binding as text;
    "-" is stdin. Exit code 0 is accepted, 1 rejected, 3 indeterminate.
    """
    home = home_of(context, Role.VERIFIER)
    data = read_input(presentation, max_bytes=MAX_IMAGE_BYTES)
    moment = None if at is None else parse_time("--at", at)
    rules = load_policy(home.path / POLICY_FILE if policy is None else Path(policy))
    clock = clock_of(context)
    with Verifier.open(home, policy=rules, clock=clock) as verifier:
        report = verifier.evaluate(data, at=moment)
        belief = verifier.belief(at=moment)
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

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The table of all commands."""

import click

import vcred
from vcred.cli.command import home_option
from vcred.cli.groups import Deferred, LazyGroup


def _version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"vcred {vcred.__version__}")
        context.exit()


def version_option() -> click.Option:
    """Make the option `--version`."""
    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_version,
        help="Show the version and exit.",
    )


def _group(module: str, line: str) -> Deferred:
    return Deferred(module, "group", line)


root = LazyGroup(
    "vcred",
    help="Issue, hold and verify credentials, offline, across a border that data may not cross",
    params=[
        home_option(),
        version_option(),
    ],
    table={
        "init": Deferred("init", "init", "Make the home of a party"),
        "demo": Deferred("demo", "demo", "Play the whole story on this machine, in separate homes"),
        "issue": Deferred("issue", "issue", "Issue a credential, or one for every row of a roster"),
        "present": Deferred("present", "present", "Make a code that shows chosen claims of a credential"),
        "request": Deferred("request", "request", "Ask a holder for claims, in this verifier's name"),
        "verify": Deferred("verify", "verify", "Decide whether a presentation may be relied upon"),
        "wallet": _group("wallet", "Keep credentials and the keys they are bound to"),
        "trust": _group("trust", "Build, import, show and compare what a verifier believes"),
        "type": _group("type_", "List, show and publish credential types"),
        "status": _group("status", "Take credentials back, and publish status lists"),
        "evidence": _group("evidence", "Keep certificate histories that their holders alone can prove"),
        "did": _group("did", "Make, change and look up the names of organisations"),
        "ledger": _group("ledger", "Keep the ledger that both jurisdictions share"),
        "serve": _group("serve", "Answer other machines over HTTP"),
    },
)

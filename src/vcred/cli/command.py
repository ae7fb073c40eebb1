# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What every command has: `--home` before or after it, one imperative line, an example at the end.

@command("show", example="vcred trust show --home gate-mo")
@json_option
def show(context: click.Context, *, as_json: bool) -> None:
    '''Show what the trust bundle says, and how old it is'''
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

HOME = "vcred.home"

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def command(
    name: str, *, example: str, takes_any_word: bool = False
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a click command of a function that takes the context first; its docstring is the help.

    Args:
        name: The word on the command line.
        example: One or more whole lines, shown at the end of the help.
        takes_any_word: A word that begins with a hyphen and is no option is an argument: among
            words that people copy unquoted there are some.
    """

    def make(function: Callable[..., Any]) -> click.Command:
        lines = "\n".join(f"  {line}" for line in example.splitlines())
        settings = {"ignore_unknown_options": takes_any_word}
        make_command = click.command(name, epilog=f"\b\nExample:\n{lines}", context_settings=settings)
        made = make_command(click.pass_context(function))
        made.params += [home_option(), help_option()]
        return made

    return make


def home_option() -> click.Option:
    """Make the option `--home`; the innermost one on the command line wins."""
    return click.Option(
        ["--home"],
        metavar="DIR",
        help="Folder of the party; else VCRED_HOME, else the platform's data folder.",
        expose_value=False,
        callback=_keep_home,
    )


def help_option() -> click.Option:
    """Make the option `--help`. The one that click would make looks for translations first."""
    return click.Option(
        ["--help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_help,
        help="Show this message and exit.",
    )


def given_home(context: click.Context) -> "Path | None":
    """Return the folder that `--home` or VCRED_HOME names, if either does."""
    from pathlib import Path

    text = context.meta.get(HOME) or os.environ.get("VCRED_HOME")
    return Path(text) if text else None


def clock_of(context: click.Context) -> "Callable[[], datetime]":
    """Return the clock that commands give to the doors: the system's, or the one passed to `main`."""
    from vcred.clock import system_clock

    return context.obj or system_clock


def _show_help(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(context.get_help())
        context.exit()


def _keep_home(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[HOME] = value

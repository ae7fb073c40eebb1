# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred wallet`: what a holder has, by commands; without one, the screens."""

import sys

import click

from vcred.cli.command import clock_of, home_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import home_of
from vcred.cli.language import language_option
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.errors import UsageError
from vcred.home import Home, Role
from vcred.keys.custody import Unlock


@click.pass_context
@click.option(
    "--plain", is_flag=True, help="Lines of text instead of screens, as a screen reader reads them."
)
@language_option("screens")
@unlock_options
def _open_screens(
    context: click.Context, plain: bool, lang: str | None, key_file: str | None, passphrase_fd: int | None
) -> int | None:
    if context.invoked_subcommand is not None:
        if plain or lang or key_file is not None or passphrase_fd is not None:
            raise UsageError(
                "options of the screens stand before a command", hint="write them after the command"
            )
        return None
    if not plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the screens need a terminal",
            hint=f'for a script there are {", ".join(group.table)}: see "vcred wallet --help"',
        )
    home = home_of(context, Role.HOLDER)
    unlock = _given_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    # Here, because no other command needs what draws screens.
    if plain:
        from vcred.wallet_tui.plain import run as run_plain

        return run_plain(home, clock=clock_of(context), language=lang, unlock=unlock)
    from vcred.wallet_tui import run

    return run(home, clock=clock_of(context), language=lang, unlock=unlock)


def _given_unlock(home: Home, *, key_file: str | None, passphrase_fd: int | None) -> Unlock | None:
    """What the command was given; the screens ask for a passphrase themselves."""
    if key_file is None and passphrase_fd is None:
        return None
    return existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)


def _row(name: str, line: str) -> Deferred:
    return Deferred(f"wallet_{name}", name, line)


group = LazyGroup(
    "wallet",
    help="Keep credentials and the keys they are bound to",
    params=[home_option()],
    alone=_open_screens,
    table={
        "create": _row("create", "Make the home of a holder"),
        "apply": _row("apply", "Make a new key for one credential of one issuer"),
        "add": _row("add", "Verify credentials and keep them"),
        "list": Deferred("wallet_list", "list_", "List what the wallet holds, and how each of it stands"),
        "show": _row("show", "Show all that one credential says, to its holder"),
        "history": _row("history", "Show what was shown, when and to whom"),
        "rename": _row("rename", "Call a credential otherwise"),
        "remove": _row("remove", "Forget a credential and its key"),
        "passphrase": _row("passphrase", "Let another passphrase or key file open the wallet"),
        "backup": _row("backup", "Write all of the wallet to one file, under a passphrase of its own"),
        "restore": _row("restore", "Make a new home from a backup"),
    },
)

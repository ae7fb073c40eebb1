# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Groups that import a command's module only when the command is called.

`vcred --help` must cost little more than importing click, so the one-line helps stand in
the table of the group; a test compares them with the commands' own.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from vcred.cli.command import help_option


class Deferred(NamedTuple):
    """Where a command is: `module` under `vcred.cli.commands`, its name there, its line of help."""

    module: str
    attribute: str
    line: str


class LazyGroup(click.Group):
    """A group over a table of deferred commands, listed in the table's order.

    `alone` is what is done where no command is named, with options of its own, as click decorates it;
    None shows the help. It is called before a command too, and sees `context.invoked_subcommand`.
    """

    def __init__(
        self,
        name: str,
        *,
        table: Mapping[str, Deferred],
        help: str,
        params: list[click.Parameter] | None = None,
        alone: Callable[..., Any] | None = None,
    ) -> None:
        # As click keeps the options of a function that was decorated, the last of them first.
        own: list[click.Parameter] = [*reversed(getattr(alone, "__click_params__", ()))]
        super().__init__(
            name,
            help=help,
            params=[*own, *(params or ()), help_option()],
            callback=alone,
            no_args_is_help=alone is None,
            invoke_without_command=alone is not None,
        )
        self.table = table

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        row = self.table.get(cmd_name)
        if row is None:
            return None
        command = getattr(import_module(f"vcred.cli.commands.{row.module}"), row.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.line) for name, row in self.table.items()])

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Every command is found, says in one line what it does, and shows an example."""

import re
from collections.abc import Iterator

import click
import pytest

from tests.cli.run import done, run
from vcred.cli.groups import LazyGroup
from vcred.cli.root import root

CONTEXT = click.Context(root, info_name="vcred")


def commands(
    group: LazyGroup = root, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command, str]]:
    """Every command with its path and the line that its group's table has for it."""
    for name, row in group.table.items():
        command = group.get_command(CONTEXT, name)
        assert command is not None
        yield (*path, name), command, row.line
        if isinstance(command, LazyGroup):
            yield from commands(command, (*path, name))


ALL = list(commands())
LEAVES = [(path, command) for path, command, _ in ALL if not isinstance(command, click.Group)]


def name(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else ""


@pytest.mark.parametrize(("path", "command", "line"), ALL, ids=name)
def test_the_table_tells_what_the_command_tells(
    path: tuple[str, ...], command: click.Command, line: str
) -> None:
    assert command.name == path[-1]
    assert (command.help or "").splitlines()[0] == line
    assert re.fullmatch(r"[A-Z][^.]*[^.!]", line), "one imperative line, no full stop"
    assert done(*path, "--help").out.startswith(f"Usage: vcred {' '.join(path)}")


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=name)
def test_every_command_has_an_example_a_home_and_json(path: tuple[str, ...], command: click.Command) -> None:
    text = done(*path, "--help").out
    examples = text.split("Example:\n")[1].splitlines()
    assert any(f"vcred {' '.join(path)}" in line for line in examples)
    assert {"--home", "--json"} <= {option for param in command.params for option in param.opts}


def test_no_switch_turns_a_check_off() -> None:
    """CLI-14."""
    options = {option for _, command in LEAVES for param in command.params for option in param.opts}
    assert not any(re.search("insecure|unsafe|skip|no-|force|ignore", option) for option in options)


def test_the_list_of_commands() -> None:
    out = done("--help").out
    assert all(f"  {row}" in out for row in root.table)
    assert done("--version").out.startswith("vcred ")


def test_an_unknown_command_is_usage() -> None:
    outcome = run("revok")
    assert outcome.code == 2
    assert outcome.said[0].startswith("vcred: error: no such command")
    assert outcome.said[1] == 'vcred: hint: see "vcred --help"'


@pytest.mark.parametrize("words", [(), ("trust",)])
def test_nothing_to_do_shows_the_help_and_is_usage(words: tuple[str, ...]) -> None:
    outcome = run(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.said[0].startswith("Usage: vcred")
    assert "  show     Show what is believed, and how old it is" in outcome.said or words == ()

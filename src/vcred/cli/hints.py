# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Commands that a hint names: whole, so that they work as they are printed."""

import shlex

import click

from vcred.cli.command import HOME


def here() -> str:
    """Return " --home DIR" as it was given on this command line, quoted for a shell; "" if it was not."""
    context = click.get_current_context(silent=True)
    home = None if context is None else context.meta.get(HOME)
    return "" if home is None else f" --home {shlex.quote(home)}"


def publish_command() -> str:
    """Return the command that publishes the status lists of this home."""
    return f'"vcred status publish{here()} --out DIR"'


def request_command(request_id: str) -> str:
    """Return the command that writes a request of this home out."""
    return f'"vcred status request {request_id}{here()} --out FILE"'

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The option `--lang`: a language that vcred does not speak is said so, never replaced by English."""

from collections.abc import Callable
from typing import Any

import click

from vcred.errors import UsageError
from vcred.text.languages import LANGUAGES, find_language


def language_option(of_what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add `--lang`; the command gets one of `LANGUAGES`, or None where none is asked for."""
    return click.option(
        "--lang",
        metavar="TAG",
        callback=_known,
        help=f"Language of the {of_what}: {', '.join(LANGUAGES[:-1])} or {LANGUAGES[-1]}.",
    )


def _known(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Return the language that a tag means ("zh-MO": zh-Hant).

    Raises:
        UsageError: vcred does not speak it.
    """
    found = None if value is None else find_language(value)
    if value is not None and found is None:
        raise UsageError("--lang: not a language that vcred speaks", hint=f"choose {', '.join(LANGUAGES)}")
    return found

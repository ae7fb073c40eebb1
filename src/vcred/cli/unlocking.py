# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What opens the keys of a home: its own key file, another one, or a passphrase; and the PIN of a token.

How a passphrase comes in, and how never, is in `vcred.cli.secret_input`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from vcred.cli.secret_input import HINT, can_ask, chosen_passphrase, given_passphrase
from vcred.cli.token_options import given_pin, pin_file_option, refuse_pin_file
from vcred.errors import UsageError
from vcred.files.system import keep_memory_private
from vcred.home import Home
from vcred.keys.custody import KeyFile, KeyringUnlock, Unlock, WithPin
from vcred.keys.home_keys import has_own_key_file
from vcred.keys.keyring import create_key_file


def unlock_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--key-file`, `--passphrase-fd` and `--pin-file` to a command.

    The last goes to `existing_unlock` by way of the context: commands need not hand it on.
    """
    by_descriptor = click.option(
        "--passphrase-fd",
        type=click.IntRange(0),
        metavar="N",
        help="Read the passphrase from this descriptor.",
    )
    by_file = click.option("--key-file", metavar="FILE", help="Key file that opens the keys of the home.")
    return by_file(by_descriptor(pin_file_option(function)))


passphrase_option = click.option(
    "--passphrase", is_flag=True, help="Ask for a passphrase that opens the keys."
)


def existing_unlock(home: Home, *, key_file: str | None, passphrase_fd: int | None) -> Unlock | None:
    """Return what opens the keys of a home; None is the home's own key file.

    From here on the memory of the process is closed to others: what is unlocked will lie in it.

    Raises:
        UsageError: A passphrase is needed, and there is no way to ask for it; or it cannot be one.
    """
    keep_memory_private()
    given: KeyringUnlock | None = _named_file(key_file, passphrase_fd)
    if passphrase_fd is not None or (given is None and not has_own_key_file(home)):
        if passphrase_fd is None and not can_ask():
            raise UsageError("the keys of this home open by a passphrase", hint=HINT)
        given = given_passphrase(home.path, descriptor=passphrase_fd, language=home.settings.language)
    pin = given_pin(home, given)
    return given if pin is None else WithPin(given, pin)


def new_unlock(
    *,
    passphrase: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    home: Path | None = None,
    language: str | None = None,
) -> Unlock | None:
    """Return what shall open the keys of a new home; None is a key file of its own.

    A key file that is named and not there is made.

    Args:
        passphrase: Whether a person is to be asked for one.
        key_file: Named by `--key-file`.
        passphrase_fd: Given by `--passphrase-fd`.
        home: Folder of the new home, which the question names.
        language: Of the question; None means English.

    Raises:
        UsageError: A passphrase that is too short, two answers that differ, or no way to ask.
        StoreError: The key file cannot be made.
    """
    keep_memory_private()
    refuse_pin_file()
    file = _named_file(key_file, passphrase_fd)
    if file is not None:
        return file if file.path.exists() else create_key_file(file.path)
    if passphrase_fd is None and not passphrase:
        return None
    return chosen_passphrase(home, descriptor=passphrase_fd, language=language or "en")


def _named_file(key_file: str | None, passphrase_fd: int | None) -> KeyFile | None:
    if key_file is not None and passphrase_fd is not None:
        raise UsageError("--key-file and --passphrase-fd exclude each other")
    return None if key_file is None else KeyFile(Path(key_file))

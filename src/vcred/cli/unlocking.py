# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What opens the keys of a home: its own key file, another one, or a passphrase; and the PIN of a token.

A passphrase comes from the terminal or an open descriptor, never from an argument or the
environment: those are seen by other processes and kept in histories (threats: WAL-11).
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from vcred.cli.token_options import given_pin, pin_file_option, refuse_pin_file
from vcred.errors import UsageError
from vcred.home import Home
from vcred.keys.custody import KeyFile, KeyringUnlock, Passphrase, Unlock, WithPin
from vcred.keys.home_keys import KEY_FILE
from vcred.keys.keyring import create_key_file

MAX_PASSPHRASE_BYTES = 1024
HINT = "give it at the prompt of a terminal, or with --passphrase-fd N"


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

    Raises:
        UsageError: A passphrase is needed, and there is no way to ask for it.
    """
    given = _given(key_file, passphrase_fd)
    if given is None and not (home.path / KEY_FILE).exists():
        given = _passphrase(_ask("passphrase: "))
    pin = given_pin(home, given)
    return given if pin is None else WithPin(given, pin)


def new_unlock(*, passphrase: bool, key_file: str | None, passphrase_fd: int | None) -> Unlock | None:
    """Return what shall open the keys of a new home; None is a key file of its own.

    A key file that is named and not there is made.

    Raises:
        UsageError: Two answers to one prompt differ, or there is no way to ask.
        StoreError: The key file cannot be made.
    """
    refuse_pin_file()
    given = _given(key_file, passphrase_fd)
    if isinstance(given, KeyFile) and not given.path.exists():
        return create_key_file(given.path)
    if given is not None or not passphrase:
        return given
    first = _ask("new passphrase: ")
    if _ask("once more: ") != first:
        raise UsageError("the two passphrases differ")
    return _passphrase(first)


def _given(key_file: str | None, passphrase_fd: int | None) -> KeyringUnlock | None:
    if key_file is not None and passphrase_fd is not None:
        raise UsageError("--key-file and --passphrase-fd exclude each other")
    if key_file is not None:
        return KeyFile(Path(key_file))
    return None if passphrase_fd is None else _passphrase(_read_line(passphrase_fd))


def _read_line(descriptor: int) -> bytes:
    try:
        data = os.read(descriptor, MAX_PASSPHRASE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"--passphrase-fd: descriptor {descriptor} cannot be read") from error
    return data.partition(b"\n")[0]


def _ask(prompt: str) -> bytes:
    if not sys.stdin.isatty():
        raise UsageError("the keys of this home open by a passphrase", hint=HINT)
    from getpass import getpass

    return getpass(prompt).encode("utf-8")


def _passphrase(secret: bytes) -> Passphrase:
    if not 0 < len(secret) <= MAX_PASSPHRASE_BYTES:
        raise UsageError(f"a passphrase has 1 to {MAX_PASSPHRASE_BYTES} bytes")
    return Passphrase(secret)

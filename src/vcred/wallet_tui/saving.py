# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Write what shows claims to a file of the holder's choice: theirs alone, and never over another."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from vcred.errors import StoreError, VcredError
from vcred.files import write_atomic
from vcred.wallet_tui.request_input import path_of
from vcred.wallet_tui.widgets.text import foreign

if TYPE_CHECKING:
    from vcred.wallet_tui.app import WalletApp

_PRIVATE: Final = 0o600


def write_private(name: str, data: bytes) -> Path:
    """Write a new file.

    Args:
        name: As it was typed; "~" is the holder's own folder.
        data: The content.

    Raises:
        StoreError: It is there already, or a link, or the system refuses.
    """
    path = path_of(name)
    # Before anything else, so that the message says what is the matter; the write refuses it too.
    if path.exists() or path.is_symlink():
        raise StoreError(f"{path} exists already", hint="choose another name, or move it away")
    write_atomic(path, data, mode=_PRIVATE)
    return path


def save_private(app: "WalletApp", name: str, data: bytes) -> None:
    """As `write_private`, and say how it went."""
    try:
        path = write_private(name, data)
    except VcredError as error:
        app.say_error(error)
        return
    app.say(app.words.gettext("Saved: %(file)s") % {"file": foreign(str(path))})

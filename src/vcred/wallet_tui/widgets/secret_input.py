# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A field for a secret: shown as dots, and never copied (threats: WAL-22)."""

from textual.widgets import Input


class SecretInput(Input):
    """A masked field. What stands in it goes to nobody's clipboard."""

    def __init__(self, placeholder: str, *, id: str) -> None:
        super().__init__(placeholder=placeholder, password=True, id=id)

    def action_copy(self) -> None:
        """Nothing: a clipboard is read by every program."""

    def action_cut(self) -> None:
        """Nothing."""

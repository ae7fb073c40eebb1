# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One of several choices, which shows whether it is chosen also where there are no colours."""

from textual.widgets import RadioButton


class Choice(RadioButton):
    """Textual's, but with an empty circle where it is not chosen."""

    def __init__(self, label: str, value: bool) -> None:
        super().__init__(label, value)
        self.BUTTON_INNER = _circle(value)

    def watch_value(self) -> None:
        """Draw the other circle."""
        self.BUTTON_INNER = _circle(self.value)
        super().watch_value()


def _circle(is_chosen: bool) -> str:
    return "●" if is_chosen else " "

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The public ledger of organisations: what its entries mean, and the log that keeps them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vcred.ledger.ledger import Ledger

__all__ = ["Ledger"]


def __getattr__(name: str) -> Any:
    # The door opens a database: a verifier that only replays entries does not load it.
    if name == "Ledger":
        from vcred.ledger.ledger import Ledger

        return Ledger
    raise AttributeError(name)

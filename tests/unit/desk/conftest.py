# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A founded network, made once; each test works in a copy of its own."""

from tests.unit.ledger.conftest import founded, network

__all__ = ["founded", "network"]

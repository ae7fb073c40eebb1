# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet: a holder's keys, what they show, and a record of what they have shown."""

from vcred.wallet.wallet import Wallet

__all__ = ["Wallet"]

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Verifiable credentials across a border that data may not cross.

Doors: `vcred.verifier.Verifier`, `vcred.issuer.Issuer`, `vcred.wallet.Wallet`,
`vcred.ledger.Ledger`. Importing this package loads none of them.
"""

from vcred.errors import VcredError

__all__ = ["VcredError", "__version__"]

__version__ = "0.1.0"

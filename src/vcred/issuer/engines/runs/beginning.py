# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer's home has before its first credential: the secrets of its store, and the mark beside it.

A home that was copied, or put back from a backup, before it had issued anything would bear no sign of
it: two homes would deal from a first list of one name, and tell rows apart under two secrets.
"""

from vcred.home import Home
from vcred.issuer.engines.runs.issuer_keys import read_issuer_keys
from vcred.issuer.engines.statuses.safeguard import Safeguard
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.keys.keyring import Unlock


def begin_store(home: Home, unlock: Unlock | None) -> None:
    """Make the secrets and, where the store is a file of this home, the store and its mark. Again is nothing.

    Args:
        home: An issuer's, which has its DID.
        unlock: What opens its keys; None means the home's own key file.

    Raises:
        StoreError: The home or its keys cannot be read, or the disk refuses.
    """
    read_issuer_keys(home, unlock)
    # A server may be out of reach still; where several homes share a store, each makes a mark of its own.
    if home.settings.store is None:
        with open_issuer_store(home) as store:
            Safeguard(home, store).keep()

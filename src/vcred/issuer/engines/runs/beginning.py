# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer's home has before its first credential: its store, the mark beside it, and its secrets.

A home that was copied, or put back from a backup, before it had issued anything would bear no sign of
it: two homes would deal from a first list of one name, and tell rows apart under two secrets. The
secret by which the store knows rows comes last: a home that has it has had a store with a mark, and
one that is gone is missed (threats FI-13).
"""

from vcred.home import Home
from vcred.issuer.engines.statuses.safeguard import JOURNAL_SECRET, Safeguard
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.keys.home_keys import has_home_secret


def begin_store(home: Home) -> None:
    """Make the store and its mark, where they are files of this home and it never had any. Again is nothing.

    Args:
        home: An issuer's, which has its keys.

    Raises:
        StoreError: The disk refuses.
    """
    # A server may be out of reach still; where several homes share a store, each makes a mark of its own.
    if home.settings.store is None and not has_home_secret(home, JOURNAL_SECRET):
        with open_issuer_store(home) as store:
            Safeguard(home, store, time_floor=0).keep()

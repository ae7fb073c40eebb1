# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a holder's home relies on: its network file, and the trust bundle that was imported into it."""

from contextlib import ExitStack

from vcred.clock import Clock
from vcred.errors import StoreError
from vcred.home import Home
from vcred.trust.belief import Belief
from vcred.trust.store import Imported, TrustStore


class HomeTrust:
    """The trust store of a home, opened when it is first asked for."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._open = ExitStack()
        self._store: TrustStore | None = None
        self._belief: Belief | None = None

    def close(self) -> None:
        """Close it, if it was opened."""
        self._store = self._belief = None
        self._open.close()

    def network_id(self) -> str:
        """The network whose gates take the wallet's codes.

        Raises:
            StoreError: The home has no network file.
        """
        return self._opened().network_file.network_id

    def belief(self) -> Belief | None:
        """What is believed now; None where no bundle was imported, or the home has no network file.

        Raises:
            StoreError: The trust store is damaged.
        """
        if self._home.settings.network is None:
            return None
        store = self._opened()
        if store.refresh() or self._belief is None:
            self._belief = store.belief() if store.held.newest_checkpoint() is not None else None
        return self._belief

    def require_belief(self) -> Belief:
        """As `belief`, but never None.

        Raises:
            StoreError: No bundle was imported, or the trust store is damaged.
        """
        # First, for what it says of a home without a network file.
        self._opened()
        belief = self.belief()
        if belief is None:
            raise StoreError(
                "no trust bundle is held: nothing can be verified",
                hint='import one with "vcred trust import FILE"',
            )
        return belief

    def import_bundle(self, data: bytes) -> Imported:
        """Import a trust bundle. Errors as `TrustStore.import_bundle`."""
        imported = self._opened().import_bundle(data)
        self._belief = None
        return imported

    def _opened(self) -> TrustStore:
        if self._store is None:
            self._store = self._open.enter_context(TrustStore.open(self._home, clock=self._clock))
        return self._store

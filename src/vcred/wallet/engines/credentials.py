# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The credentials of an open wallet: received, listed, looked at, named, forgotten."""

from dataclasses import dataclass, replace

from vcred.clock import Clock
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.wallet.engines.home_trust import HomeTrust
from vcred.wallet.engines.receiving import receive
from vcred.wallet.engines.store import WalletStore
from vcred.wallet.holding import (
    HeldCredential,
    Holding,
    hold_all,
    next_copy,
    no_such_name,
    require_named,
    spent,
)
from vcred.wallet.kept import check_name
from vcred.wallet.states import judging_case


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What was stored: its name, and how it stands; `is_new` is false of what was there already."""

    holding: Holding
    is_new: bool


class Credentials:
    """What one wallet holds."""

    def __init__(self, store: WalletStore, trust: HomeTrust, clock: Clock) -> None:
        self._store = store
        self._trust = trust
        self._clock = clock

    def receive(self, text: str, *, name: str | None = None) -> Received:
        """Verify a credential in full, and store it.

        Args:
            text: As issued, "<jwt>~<d>~...~<d>~", or sealed to a key of this wallet.
            name: What to call it; None chooses one after its type. A further one-time copy has the
                name of the others.

        Raises:
            DecodeError: Not an SD-JWT VC.
            RefusedError: A gate would refuse it, with the gate's reason; or it is a presentation.
            UsageError: It is bound to a key that is not in this wallet, or the name is taken.
            KeyMaterialError: It is sealed, and was changed on the way.
            StoreError: No trust bundle is held, or it cannot be stored.
        """
        belief = self._trust.require_belief()
        kept_as, is_new = receive(self._store, text, name=name, belief=belief, now=self._clock())
        return Received(holding=self.holding(kept_as), is_new=is_new)

    def list(self) -> tuple[Holding, ...]:
        """One line for each name, oldest first.

        Raises:
            StoreError: The store is damaged.
        """
        now = int(self._clock().timestamp())
        belief = self._trust.belief()
        case = None if belief is None else judging_case(belief, now=now)
        return hold_all(self._store.credentials(), case, now=now)

    def names(self) -> dict[str, str]:
        """The name of each credential by its fingerprint, as the history has it. Raises StoreError."""
        return {fingerprint: one.name for fingerprint, one in self._store.credentials().items()}

    def holding(self, name: str) -> Holding:
        """The line of one name. Errors as `get`."""
        found = next((one for one in self.list() if one.name == name), None)
        if found is None:
            raise no_such_name()
        return found

    def get(self, name: str) -> HeldCredential:
        """All that one credential says: of copies, the one that would be shown next.

        Raises:
            UsageError: The wallet holds none of that name.
            StoreError: The store is damaged.
        """
        named = require_named(self._store.credentials(), name)
        stored = open_credential(self._store.text(next_copy(named) or next(iter(named))))
        belief, vct = self._trust.belief(), stored.presentation.vct
        definition = None if belief is None or vct is None else belief.type_definition(vct)
        return HeldCredential(holding=self.holding(name), stored=stored, definition=definition)

    def rename(self, name: str, new: str) -> None:
        """Call a credential otherwise.

        Raises:
            UsageError: There is none of that name, or the new one is taken or no name.
        """
        kept = self._store.credentials()
        check_name(new, taken=[one.name for one in kept.values()])
        named = require_named(kept, name)
        self._store.change_credentials({key: replace(one, name=new) for key, one in named.items()})

    def remove(self, name: str) -> None:
        """Forget a credential, its copies, and their keys. The history of what was shown stays.

        Raises:
            UsageError: There is none of that name.
        """
        kept = self._store.credentials()
        named = require_named(kept, name)
        others = {one.holder for key, one in kept.items() if key not in named}
        keys = {one.holder for one in named.values() if one.holder is not None} - others
        self._store.remove_credentials(named, keys=sorted(keys))

    def next_text(self, name: str) -> str:
        """The credential as issued; of copies, one that was not shown yet.

        Raises:
            UsageError: There is none of that name.
            RefusedError: COPIES_SPENT.
        """
        fingerprint = next_copy(require_named(self._store.credentials(), name))
        if fingerprint is None:
            raise spent()
        return self._store.text(fingerprint)

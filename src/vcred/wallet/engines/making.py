# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Make the store of a wallet, with all that it holds at first: new, taken over, or restored."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.wallet.engines.askar import KEYS, Change, make_askar_file
from vcred.wallet.engines.store import (
    INVENTORY,
    SETTINGS,
    SHOWN,
    USE,
    WALLET,
    credential_entries,
    shown_name,
)
from vcred.wallet.inventory import Inventory
from vcred.wallet.kept import KeptCredential
from vcred.wallet.key_use import KeyUse
from vcred.wallet.record import PresentationRecord, encode_record


def make_wallet_store(
    path: Path,
    secret: bytes,
    *,
    keys: Mapping[str, bytes],
    credentials: Mapping[str, tuple[KeptCredential, str]],
    history: Iterable[PresentationRecord],
    uses: Mapping[str, KeyUse],
    settings: JsonObject,
    progress: int | None = None,
) -> Inventory:
    """Make a store with all it holds at first, in one step.

    Args:
        path: Where there is none.
        secret: 32 bytes that will open it.
        keys: Private JWKs by key name.
        credentials: What is noted of each, and its text, by fingerprint.
        history: Oldest first.
        uses: As `WalletStore.uses`.
        settings: As `WalletStore.settings`.
        progress: How far it has come; None counts the history.

    Raises:
        StoreError: One is there already, or the system refuses.
    """
    lines = [Change(SHOWN, shown_name(index), encode_record(record)) for index, record in enumerate(history)]
    inventory = Inventory(
        keys=len(keys),
        credentials=len(credentials),
        shown=len(lines),
        uses=len(uses),
        progress=len(lines) if progress is None else progress,
    )
    content = [Change(WALLET, INVENTORY, inventory.encode()), *lines]
    content += [Change(USE, name, use.encode()) for name, use in uses.items()]
    content += [Change(WALLET, SETTINGS, encode_jcs(settings))] if settings else []
    content += [Change(KEYS, name, jwk) for name, jwk in keys.items()]
    for fingerprint, (kept, text) in credentials.items():
        content += credential_entries(fingerprint, kept, text)
    make_askar_file(path, secret, content=content)
    return inventory

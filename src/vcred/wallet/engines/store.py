# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet's store: keys, credentials, what was shown, and settings, in one encrypted file.

    keys         holder-<thumbprint>      private JWK
    text         <fingerprint>            the credential as issued
    kept         <fingerprint>            what is noted of it (`vcred.wallet.kept`)
    shown        000000000007             one presentation (`vcred.wallet.record`)
    use          <thumbprint>             what is known of a key's use (`vcred.wallet.key_use`)
    wallet       inventory                how many there are of each; how far the store has come
    wallet       settings                 what the holder has chosen

The inventory is written with every change. What is counted and what is there must agree: an entry
that a damaged page has swallowed is noticed, and never taken for one that was not there.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, KeyMaterialError, StoreError
from vcred.keys.software import SoftwareSigner
from vcred.wallet.engines.askar import KEYS, AskarFile, Change
from vcred.wallet.inventory import Inventory
from vcred.wallet.kept import KeptCredential, as_used
from vcred.wallet.key_use import KeyUse
from vcred.wallet.record import PresentationRecord, decode_record, encode_record

_Value = TypeVar("_Value")

STORE_FILE: Final = "wallet.sqlite"
KEPT: Final = "kept"
TEXT: Final = "text"
SHOWN: Final = "shown"
USE: Final = "use"
WALLET: Final = "wallet"
INVENTORY: Final = "inventory"
SETTINGS: Final = "settings"
_DAMAGED_HINT: Final = 'restore the wallet from its backup: "vcred wallet restore"'


class WalletStore:
    """An open store of one wallet."""

    def __init__(self, path: Path, secret: bytes) -> None:
        """Open it. Errors as `AskarFile`.

        Args:
            path: The file.
            secret: 32 bytes.
        """
        self._path = path
        self._file = AskarFile(path, secret)
        self._inventory: Inventory | None = None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # What there is.

    def inventory(self) -> Inventory:
        """How many there are of each, and how far the store has come. Raises StoreError."""
        if self._inventory is None:
            value = self._file.fetch(WALLET, INVENTORY)
            if value is None:
                raise self._damaged("it has no inventory")
            # No other process has the wallet: what was read stays so.
            self._inventory = self._decoded(Inventory.decode, value)
        return self._inventory

    def credentials(self) -> dict[str, KeptCredential]:
        """All credentials, by fingerprint, in the order in which they were received. Raises StoreError."""
        values, uses = self._file.fetch_all(KEPT), self.uses()
        if len(values) != self.inventory().credentials:
            raise self._damaged("a credential is missing")
        found = {name: self._decoded(KeptCredential.decode, value) for name, value in values.items()}
        for name, kept in found.items():
            if kept.holder in uses:
                found[name] = as_used(kept, uses[kept.holder])
        return dict(sorted(found.items(), key=lambda item: (item[1].received_at, item[1].name, item[0])))

    def is_held(self, fingerprint: str) -> bool:
        """Whether a credential is held. Raises StoreError."""
        return self._file.fetch(KEPT, fingerprint) is not None

    def text(self, fingerprint: str) -> str:
        """A credential as issued. Raises StoreError if it is not there."""
        value = self._file.fetch(TEXT, fingerprint)
        if value is None:
            raise self._damaged("the text of a credential is missing")
        return value.decode("ascii")

    def history(self) -> tuple[PresentationRecord, ...]:
        """What was shown, oldest first. Raises StoreError."""
        values = self._file.fetch_all(SHOWN)
        if len(values) != self.inventory().shown:
            raise self._damaged("a line of the history is missing")
        return tuple([self._decoded(decode_record, values[name]) for name in sorted(values)])

    def uses(self) -> dict[str, KeyUse]:
        """What is known of the use of keys, by thumbprint. Raises StoreError."""
        values = self._file.fetch_all(USE)
        if len(values) != self.inventory().uses:
            raise self._damaged("what is known of a key's use is missing")
        return {name: self._decoded(KeyUse.decode, value) for name, value in values.items()}

    def use(self, thumbprint: str) -> KeyUse:
        """What is known of the use of one key. Raises StoreError."""
        value = self._file.fetch(USE, thumbprint)
        return KeyUse() if value is None else self._decoded(KeyUse.decode, value)

    def signer(self, thumbprint: str) -> SoftwareSigner | None:
        """The key of that thumbprint, or None. Unwrapped for one use: do not keep it."""
        jwk = self._file.fetch_key(key_name(thumbprint))
        return None if jwk is None else self._decoded(read_key, jwk)

    def keys(self) -> dict[str, bytes]:
        """All private keys, JWK by name, for a backup. Raises StoreError."""
        keys = self._file.fetch_keys()
        if len(keys) != self.inventory().keys:
            raise self._damaged("a key is missing")
        return keys

    def settings(self) -> JsonObject:
        """What the holder has chosen; empty at first."""
        value = self._file.fetch(WALLET, SETTINGS)
        return {} if value is None else self._decoded(decode_json_object, value)

    # Changes, each durable or not made.

    def add_keys(self, signers: Iterable[SoftwareSigner], *, one_time: bool) -> None:
        """Keep new keys, each for one showing or for many. Raises StoreError."""
        new = {signer.public_key.thumbprint(): write_key(signer) for signer in signers}
        uses = dict.fromkeys(new, KeyUse(one_time=True)) if one_time else {}
        added = [Change(KEYS, key_name(thumbprint), jwk) for thumbprint, jwk in new.items()]
        self._change(added, keys=len(new), uses=uses)

    def add_credential(
        self, fingerprint: str, kept: KeptCredential, text: str, *, uses: Mapping[str, KeyUse]
    ) -> None:
        """Keep a new credential, and what its coming tells of keys. Raises StoreError."""
        self._change(credential_entries(fingerprint, kept, text), credentials=1, uses=uses)

    def remove_credentials(self, fingerprints: Iterable[str], *, keys: Iterable[str]) -> None:
        """Forget credentials, and keys with what is known of their use. Raises StoreError."""
        names, thumbprints = list(fingerprints), list(keys)
        gone = [Change(category, name, None) for name in names for category in (TEXT, KEPT)]
        gone += [Change(KEYS, key_name(thumbprint), None) for thumbprint in thumbprints]
        self._change(gone, credentials=-len(names), keys=-len(thumbprints), uses=dict.fromkeys(thumbprints))

    def change_credentials(self, changed: Mapping[str, KeptCredential]) -> None:
        """Change what is noted of credentials. Raises StoreError."""
        self._change([Change(KEPT, name, kept.encode(), is_new=False) for name, kept in changed.items()])

    def note_shown(self, record: PresentationRecord, *, uses: Mapping[str, KeyUse]) -> int:
        """Add a line to the history, and note the use of the key, in one step; returns the progress.

        Raises:
            StoreError: Then nothing may be shown.
        """
        line = Change(SHOWN, shown_name(self.inventory().shown), encode_record(record))
        self._change([line], shown=1, progress=1, uses=uses)
        return self.inventory().progress

    def note_progress(self, progress: int, uses: Mapping[str, KeyUse]) -> None:
        """Go on from a number, and note the use of keys, in one step. Raises StoreError."""
        self._change([], progress=progress - self.inventory().progress, uses=uses)

    def change_settings(self, settings: JsonObject) -> None:
        """Keep what the holder has chosen. Raises StoreError."""
        is_new = self._file.fetch(WALLET, SETTINGS) is None
        self._change([Change(WALLET, SETTINGS, encode_jcs(settings), is_new)])

    def _change(
        self,
        changes: Iterable[Change],
        *,
        credentials: int = 0,
        keys: int = 0,
        shown: int = 0,
        progress: int = 0,
        uses: Mapping[str, KeyUse | None] = MappingProxyType({}),
    ) -> None:
        """Make changes, and count them, in one step; a use of None is forgotten with its key."""
        before, used, more = self.inventory(), list[Change](), 0
        for thumbprint, use in uses.items():
            is_new = self._file.fetch(USE, thumbprint) is None
            if use is not None or not is_new:
                used.append(Change(USE, thumbprint, None if use is None else use.encode(), is_new))
            more += int(is_new and use is not None) - int(use is None and not is_new)
        after = Inventory(
            credentials=before.credentials + credentials,
            keys=before.keys + keys,
            shown=before.shown + shown,
            uses=before.uses + more,
            progress=before.progress + progress,
        )
        self._file.write([*changes, *used, Change(WALLET, INVENTORY, after.encode(), is_new=False)])
        self._inventory = after

    def _decoded(self, decode: Callable[[bytes], _Value], value: bytes) -> _Value:
        try:
            return decode(value)
        except DecodeError as error:
            raise self._damaged("an entry cannot be read") from error

    def _damaged(self, how: str) -> StoreError:
        return StoreError(f"{self._path} is damaged: {how}", hint=_DAMAGED_HINT)


def key_name(thumbprint: str) -> str:
    """A key goes by its thumbprint, so that a credential's `cnf` finds it."""
    return f"holder-{thumbprint}"


def shown_name(index: int) -> str:
    """Lines of the history sort by number."""
    return f"{index:012}"


def read_key(jwk: bytes) -> SoftwareSigner:
    """Read a private JWK as the store keeps it.

    Raises:
        DecodeError: It is none.
    """
    try:
        return SoftwareSigner.from_private_jwk(decode_json_object(jwk))
    except KeyMaterialError:
        # `from None`: what a library says about a key stays out of tracebacks.
        raise DecodeError("not a private key") from None


def write_key(signer: SoftwareSigner) -> bytes:
    """Write a private JWK as the store keeps it."""
    return encode_jcs(signer.to_private_jwk())


def credential_entries(fingerprint: str, kept: KeptCredential, text: str) -> list[Change]:
    return [Change(KEPT, fingerprint, kept.encode()), Change(TEXT, fingerprint, text.encode("ascii"))]

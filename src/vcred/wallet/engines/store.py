# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet's store: keys, credentials, what was shown, and settings, in one encrypted file.

    keys         holder-<thumbprint>      private JWK
    text         <fingerprint>            the credential as issued
    kept         <fingerprint>            what is noted of it (`vcred.wallet.kept`)
    shown        000000000007             one presentation (`vcred.wallet.record`)
    seen         <fingerprint>            when a credential was shown that is not held, or not any more
    wallet       inventory                how many there are of each; how far the store has come
    wallet       settings                 what the holder has chosen

The inventory is written with every change. What is counted and what is there must agree: an entry
that a damaged page has swallowed is noticed, and never taken for one that was not there.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, KeyMaterialError, StoreError
from vcred.keys.software import SoftwareSigner
from vcred.wallet.engines.askar import KEYS, AskarFile, Change
from vcred.wallet.inventory import Inventory
from vcred.wallet.kept import KeptCredential
from vcred.wallet.record import PresentationRecord, decode_record, encode_record

_Value = TypeVar("_Value")

STORE_FILE: Final = "wallet.sqlite"
KEPT: Final = "kept"
TEXT: Final = "text"
SHOWN: Final = "shown"
SEEN: Final = "seen"
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
        values = self._file.fetch_all(KEPT)
        if len(values) != self.inventory().credentials:
            raise self._damaged("a credential is missing")
        found = {name: self._decoded(KeptCredential.decode, value) for name, value in values.items()}
        return dict(sorted(found.items(), key=lambda item: (item[1].received_at, item[1].name, item[0])))

    def kept(self, fingerprint: str) -> KeptCredential | None:
        """What is noted of one credential; None if it is not held. Raises StoreError."""
        value = self._file.fetch(KEPT, fingerprint)
        return None if value is None else self._decoded(KeptCredential.decode, value)

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

    def seen(self) -> dict[str, int]:
        """When credentials were shown that are not held: NumericDate by fingerprint. Raises StoreError."""
        values = self._file.fetch_all(SEEN)
        if len(values) != self.inventory().seen:
            raise self._damaged("a line of what was shown is missing")
        return {name: int(value) for name, value in values.items()}

    def seen_at(self, fingerprint: str) -> int | None:
        """When a credential was shown, if it was, and is not held. Raises StoreError."""
        value = self._file.fetch(SEEN, fingerprint)
        return None if value is None else int(value)

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

    def add_keys(self, signers: Iterable[SoftwareSigner]) -> None:
        """Keep new keys. Raises StoreError."""
        new = [
            Change(KEYS, key_name(signer.public_key.thumbprint()), write_key(signer)) for signer in signers
        ]
        self._change(new, keys=len(new))

    def add_credential(
        self, fingerprint: str, kept: KeptCredential, text: str, *, changed: Mapping[str, KeptCredential]
    ) -> None:
        """Keep a new credential, and what its coming changes of others. Raises StoreError."""
        new = credential_entries(fingerprint, kept, text)
        self._change([*new, *_noted(changed)], credentials=1)

    def remove_credentials(
        self, fingerprints: Iterable[str], *, keys: Iterable[str], seen: Mapping[str, int]
    ) -> None:
        """Forget credentials and the keys of these thumbprints, but not that they were shown."""
        names, thumbprints = list(fingerprints), list(keys)
        changes = [Change(category, name, None) for name in names for category in (TEXT, KEPT)]
        changes += [Change(KEYS, key_name(thumbprint), None) for thumbprint in thumbprints]
        new, added = self._seen(seen)
        self._change([*changes, *new], credentials=-len(names), keys=-len(thumbprints), seen=added)

    def change_credentials(self, changed: Mapping[str, KeptCredential]) -> None:
        """Change what is noted of credentials. Raises StoreError."""
        self._change(_noted(changed))

    def note_shown(
        self, record: PresentationRecord, changed: Mapping[str, KeptCredential], *, seen: Mapping[str, int]
    ) -> int:
        """Add a line to the history, and mark what was shown, in one step; returns the progress.

        Raises:
            StoreError: Then nothing may be shown.
        """
        line = Change(SHOWN, shown_name(self.inventory().shown), encode_record(record))
        new, added = self._seen(seen)
        self._change([line, *_noted(changed), *new], shown=1, progress=1, seen=added)
        return self.inventory().progress

    def note_progress(self, progress: int, changed: Mapping[str, KeptCredential]) -> None:
        """Go on from a number, and change what is noted of credentials, in one step. Raises StoreError."""
        self._change(_noted(changed), progress=progress - self.inventory().progress)

    def change_settings(self, settings: JsonObject) -> None:
        """Keep what the holder has chosen. Raises StoreError."""
        is_new = self._file.fetch(WALLET, SETTINGS) is None
        self._change([Change(WALLET, SETTINGS, encode_jcs(settings), is_new)])

    def _seen(self, seen: Mapping[str, int]) -> tuple[list[Change], int]:
        """Changes that note when something was first shown, and how many of them are new."""
        new = {name: at for name, at in seen.items() if self.seen_at(name) is None}
        return [Change(SEEN, name, str(at).encode("ascii")) for name, at in new.items()], len(new)

    def _change(
        self,
        changes: Iterable[Change],
        *,
        credentials: int = 0,
        keys: int = 0,
        shown: int = 0,
        seen: int = 0,
        progress: int = 0,
    ) -> None:
        """Make changes, and count them, in one step."""
        before = self.inventory()
        after = Inventory(
            credentials=before.credentials + credentials,
            keys=before.keys + keys,
            shown=before.shown + shown,
            seen=before.seen + seen,
            progress=before.progress + progress,
        )
        self._file.write([*changes, Change(WALLET, INVENTORY, after.encode(), is_new=False)])
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


def _noted(changed: Mapping[str, KeptCredential]) -> list[Change]:
    return [Change(KEPT, name, kept.encode(), is_new=False) for name, kept in changed.items()]

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a backup holds: all of a wallet but what it believes. It is sealed before it is written anywhere.

    CBOR map
      1  made at, NumericDate          2  progress of the store          3  language
      4  network file, or null         5  settings, JSON                 6  keys: [private JWK, ...]
      7  credentials: [[noted, text], ...]                               8  history: [line, ...]
      9  what is known of the use of keys: {thumbprint: JSON}

The trust bundle is left out: a wallet that is restored a year later is to get a newer one.

Spec: docs/spec/wallet.md, Backup.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, KeyMaterialError, RefusedError
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.keys.software import SoftwareSigner
from vcred.limits import MAX_BACKUP_ITEMS, MAX_BOX_PLAINTEXT_BYTES
from vcred.wallet.kept import KeptCredential, fingerprint_of
from vcred.wallet.key_use import KeyUse, doubt
from vcred.wallet.record import PresentationRecord, decode_record, encode_record

BACKUP_TYPE: Final = "vcred-wallet-backup-1"
_MEMBERS: Final = frozenset(range(1, 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletBackup:
    """All that a wallet keeps.

    Attributes:
        made_at: NumericDate.
        progress: How far its store had come.
        language: Of the home.
        network_file: Content; None where the home has none.
        settings: As the store keeps them.
        keys: Private JWKs as JSON.
        credentials: What is noted of each, and its text, by fingerprint.
        history: Oldest first.
        uses: What is known of the use of keys, by thumbprint.
    """

    made_at: int
    progress: int
    language: str
    network_file: bytes | None
    settings: JsonObject
    keys: tuple[bytes, ...]
    credentials: Mapping[str, tuple[KeptCredential, str]]
    history: tuple[PresentationRecord, ...]
    uses: Mapping[str, KeyUse]

    def __repr__(self) -> str:
        return f"WalletBackup({len(self.credentials)} credentials, not shown)"


def encode_backup(backup: WalletBackup) -> bytes:
    """Write a backup, to be sealed."""
    credentials: list[CborValue] = [
        [kept.encode(), text.encode("ascii")] for kept, text in backup.credentials.values()
    ]
    document: dict[int | str, CborValue] = {
        1: backup.made_at,
        2: backup.progress,
        3: backup.language,
        4: backup.network_file,
        5: encode_jcs(backup.settings),
        6: list(backup.keys),
        7: credentials,
        8: [encode_record(record) for record in backup.history],
        9: {name: use.encode() for name, use in backup.uses.items()},
    }
    return encode_cbor(document)


def decode_backup(data: bytes) -> WalletBackup:
    """Read a backup that was opened. Every part is read: nothing is restored of one that is broken.

    Raises:
        DecodeError: Of another form, or a part of it is.
    """
    document = decode_cbor(data, max_bytes=MAX_BOX_PLAINTEXT_BYTES, max_items=MAX_BACKUP_ITEMS)
    if not isinstance(document, dict) or document.keys() != _MEMBERS:
        raise DecodeError("wallet backup: not of the form that this version writes")
    network_file = document[4]
    return WalletBackup(
        made_at=_whole(document[1]),
        progress=_whole(document[2]),
        language=_text(document[3]),
        network_file=None if network_file is None else _bytes(network_file),
        settings=decode_json_object(_bytes(document[5])),
        keys=tuple(map(_key, _list(document[6]))),
        credentials=dict(map(_credential, _list(document[7]))),
        history=tuple([decode_record(_bytes(line)) for line in _list(document[8])]),
        uses=_uses(document[9]),
    )


def as_restored(backup: WalletBackup) -> WalletBackup:
    """What a wallet begins with that is restored: each of its keys may have been shown since, or will be.

    Spec: threats WAL-15.
    """
    thumbprints = [
        SoftwareSigner.from_private_jwk(decode_json_object(jwk)).public_key.thumbprint()
        for jwk in backup.keys
    ]
    return replace(backup, uses=doubt(backup.uses, thumbprints), progress=backup.progress + 1)


def _key(value: CborValue) -> bytes:
    jwk = _bytes(value)
    try:
        SoftwareSigner.from_private_jwk(decode_json_object(jwk))
    except KeyMaterialError:
        # `from None`: what a library says about a key stays out of tracebacks.
        raise DecodeError("wallet backup: a key cannot be used") from None
    return jwk


def _credential(value: CborValue) -> tuple[str, tuple[KeptCredential, str]]:
    pair = _list(value)
    if len(pair) != 2:
        raise DecodeError("wallet backup: not a credential")
    kept = KeptCredential.decode(_bytes(pair[0]))
    try:
        text = _bytes(pair[1]).decode("ascii")
        return fingerprint_of(open_credential(text)), (kept, text)
    except (UnicodeDecodeError, RefusedError) as error:
        raise DecodeError("wallet backup: a credential cannot be read") from error


def _uses(value: CborValue) -> dict[str, KeyUse]:
    if not isinstance(value, dict):
        raise DecodeError("wallet backup: not a map")
    return {_text(name): KeyUse.decode(_bytes(use)) for name, use in value.items()}


def _whole(value: CborValue) -> int:
    if type(value) is not int or value < 0:
        raise DecodeError("wallet backup: not a number")
    return value


def _text(value: CborValue) -> str:
    if not isinstance(value, str):
        raise DecodeError("wallet backup: not a text")
    return value


def _bytes(value: CborValue) -> bytes:
    if not isinstance(value, bytes):
        raise DecodeError("wallet backup: not bytes")
    return value


def _list(value: CborValue) -> list[CborValue]:
    if not isinstance(value, list):
        raise DecodeError("wallet backup: not a list")
    return value

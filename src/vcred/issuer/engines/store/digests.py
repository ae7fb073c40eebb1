# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Under which secrets the digests in the journal are: one of the store, and one of the home.

Claims are few and guessable. Were both secrets in the store, a stolen copy would confirm any guess
at a person's claims. So half of it lies in the keyring, and the store keeps only a value to
tell by whether it is the right one: under another, every row would look like another's.
"""

import hmac
from collections.abc import Iterator
from typing import Final

from vcred.errors import StoreError
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.journal import DigestKeys, keyed_anew

_CHECK: Final = "digest_check"
_LABEL: Final = b"vcred issuer digest check"
_AT_ONCE: Final = 4096
_SOME: Final = "SELECT id, content, holder, old_id FROM journal WHERE id > ? ORDER BY id LIMIT ?"
_KEEP: Final = "UPDATE journal SET content = ?, holder = ? WHERE id = ?"


def digest_keys(db: StoreDriver, *, store: bytes, home: bytes) -> DigestKeys:
    """Return the keys of the digests, if the store is kept under this secret of the home.

    Digests that an older vcred has made are keyed anew, once. What it kept of contents is void, and
    erased.

    Args:
        db: The open store.
        store: The store's own secret, 32 bytes.
        home: `Keyring.secret("journal")` of the home, 32 bytes.

    Raises:
        StoreError: Another home's secret was used before.
    """
    check = hmac.digest(home, _LABEL, "sha256").hex()
    with db.transaction():
        row = db.row("SELECT value FROM setting WHERE name = ?", (_CHECK,))
        if row is None:
            for entries in _all(db):
                db.execute_many(_KEEP, [_anew(*entry, home=home) for entry in entries])
            db.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (_CHECK, check))
        elif not hmac.compare_digest(str(row[0]).encode(), check.encode()):
            raise StoreError(
                "the issuer's store belongs to the keyring of another home",
                hint="homes that share a store share keys/, see docs/operate/bulk.md",
            )
    return DigestKeys(store=store, home=home)


def _all(db: StoreDriver) -> Iterator[list[tuple[int, bytes, bytes | None, str | None]]]:
    # By pieces, for what a statement changes must not be under its own feet.
    last = -1
    while rows := db.rows(_SOME, (last, _AT_ONCE)):
        last = rows[-1][0]
        yield rows


def _anew(
    entry: int, content: bytes, holder: bytes | None, old_id: str | None, *, home: bytes
) -> tuple[bytes, bytes | None, int]:
    # Empty is what was forgotten, and paper; None, what is not known.
    kept = content and old_id is None
    return (
        keyed_anew(content, home=home) if kept else b"",
        keyed_anew(holder, home=home) if holder else holder,
        entry,
    )

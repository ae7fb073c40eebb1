# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Sign the copies of one row, and compute by what the row is known again.

Nothing here is secret but the key: the digests are for the store, which puts its own secret to them.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from vcred.codec.json_types import JsonObject
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import TypeDefinition
from vcred.formats.sd_jwt_vc.claim_writer import write_claims
from vcred.formats.sd_jwt_vc.issue import UnsignedCredential, sign_credential
from vcred.issuer.issuing import plan_copies, write_planned
from vcred.issuer.possession import HolderKey, Possession
from vcred.issuer.roster import ReadyRow, RowNote
from vcred.issuer.sealing import check_receivers, seal_credential
from vcred.issuer.terms import IssuingTerms
from vcred.keys.signer import Signer


class RowDone(NamedTuple):
    """A row that is in order.

    Attributes:
        claims_hash: See `journal.claims_hash`: for the store's eyes.
        flags: What deserves a second look.
        holders: Thumbprint of each copy's key, in the order of copies, empty text for paper.
        possession: How possession of each key was shown.
        nonces: SHA-256 of the enrolment code that the holder of each copy has answered, empty
            where there was none.
        texts: The signed texts, in the order of `RowTask.copies`.
        is_expired: Not valid any more by its expiry claim.
    """

    row_id: str
    claims_hash: bytes
    flags: tuple[RowNote, ...]
    holders: tuple[str, ...]
    possession: tuple[Possession, ...]
    nonces: tuple[bytes, ...]
    texts: tuple[str, ...]
    is_expired: bool


class WrittenRow(NamedTuple):
    """A row that is in order, before it is signed.

    Attributes:
        done: All but the texts.
        credentials: Those to sign, each with its holder (None: paper).
    """

    done: RowDone
    credentials: tuple[tuple[HolderKey | None, UnsignedCredential], ...]


class RowSigner:
    """Signs rows under one set of terms."""

    def __init__(
        self, terms: IssuingTerms, signer: Signer, *, copies: int, sealed: bool, now: datetime
    ) -> None:
        """Take what all rows have in common.

        Args:
            signer: The key that `terms.issuer` names.
            copies: How many credentials each row is to have.
            sealed: Each text is sealed to its holder's key.
            now: Time of issue, UTC.
        """
        self._terms = terms
        self._signer = signer
        self._copies = copies
        self._sealed = sealed
        self._seconds = now.timestamp()

    def done(
        self,
        row: ReadyRow,
        holders: Sequence[HolderKey],
        copies: Sequence[int] = (),
        statuses: Sequence[tuple[str, int]] = (),
    ) -> RowDone:
        """Plan all copies of a row, and sign some: `write`, then `sign`."""
        return self.sign(self.write(row, holders, copies, statuses))

    def write(
        self,
        row: ReadyRow,
        holders: Sequence[HolderKey],
        copies: Sequence[int] = (),
        statuses: Sequence[tuple[str, int]] = (),
    ) -> WrittenRow:
        """Plan all copies of a row, and write some, for `sign`.

        Args:
            row: Its claims fit their type.
            holders: One for each copy the row is to have; none at all for paper.
            copies: Numbers of those to sign.
            statuses: A durable place in a status list for each of them: URI and index.

        Raises:
            SchemaError: The holders are not what the type asks for.
            RuntimeError: The source of random bytes is broken; nothing is issued.
        """
        if self._sealed:
            check_receivers(holders)
        planned = plan_copies(row.row_id, row.claims, holders, self._terms, copies=self._copies)
        expires_at = self._terms.definition.expires_at(row.claims)
        done = RowDone(
            row_id=row.row_id,
            claims_hash=_claims_hash(row.claims, self._terms.definition),
            flags=row.flags,
            holders=tuple([_thumbprint(item.holder) for item in planned]),
            possession=tuple([item.possession for item in planned]),
            nonces=tuple([_nonce_digest(item.holder) for item in planned]),
            texts=(),
            is_expired=expires_at is not None and expires_at <= self._seconds,
        )
        places = [StatusReference(uri=uri, index=index) for uri, index in statuses]
        return WrittenRow(
            done=done,
            credentials=tuple(
                [
                    (planned[copy].holder, write_planned(planned[copy], self._terms, status))
                    for copy, status in zip(copies, places, strict=True)
                ]
            ),
        )

    def sign(self, row: WrittenRow) -> RowDone:
        """Sign what was written of a row.

        Raises:
            StoreError: The signer cannot sign.
        """
        texts = [self._text(unsigned, holder) for holder, unsigned in row.credentials]
        return row.done._replace(texts=tuple(texts))

    def _text(self, unsigned: UnsignedCredential, holder: HolderKey | None) -> str:
        text = sign_credential(unsigned, self._signer)
        return seal_credential(text, holder) if self._sealed else text


def _claims_hash(claims: JsonObject, definition: TypeDefinition) -> bytes:
    # The same as `journal.claims_hash`, by the writer of the type: half the time.
    return hashlib.sha256(write_claims(claims, definition)).digest()


def _thumbprint(holder: HolderKey | None) -> str:
    return "" if holder is None else holder.key.thumbprint()


def _nonce_digest(holder: HolderKey | None) -> bytes:
    if holder is None or holder.nonce is None:
        return b""
    return hashlib.sha256(holder.nonce.encode()).digest()

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Sign the copies of one row, and compute by what the row is known again.

Nothing here is secret but the key: the digests are for the store, which puts its own secret to them.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from vcred.credential.draft import CredentialDraft
from vcred.credential.status_reference import StatusReference
from vcred.errors import SchemaError
from vcred.formats.sd_jwt_vc.claim_writer import ClaimTexts, claim_writer
from vcred.formats.sd_jwt_vc.issue import UnsignedCredential, sign_credential, write_credentials
from vcred.issuer.issuing import draft_planned, plan_copies
from vcred.issuer.possession import HolderKey, Possession
from vcred.issuer.roster import ReadyRow, RowNote
from vcred.issuer.sealing import check_receivers, seal_credential
from vcred.issuer.terms import IssuingTerms
from vcred.keys.algorithms import Algorithm
from vcred.keys.signer import Signer
from vcred.limits import MAX_DISCLOSURES, MAX_PRESENTATION_BYTES
from vcred.securing.sd_jwt.salts import draw_salts

_TOO_LONG: Final = "more than one credential can hold"

# For some twenty credentials: asking for each costs more than drawing.
_SALTS_AT_ONCE: Final = 256


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


class PlannedRow(NamedTuple):
    """A row that is in order, before its credentials are written and signed.

    Attributes:
        done: All but the texts.
        claims: Written.
        drafts: Of the credentials to sign, each with its holder (None: paper).
    """

    done: RowDone
    claims: ClaimTexts
    drafts: tuple[tuple[HolderKey | None, CredentialDraft], ...]


class RowPlanner:
    """Plans the credentials of rows under one set of terms. `is_sealing`: each text is to be sealed."""

    def __init__(self, terms: IssuingTerms, *, copies: int, sealed: bool, now: datetime) -> None:
        """Take what all rows have in common.

        Args:
            copies: How many credentials each row is to have.
            sealed: Each text is sealed to its holder's key.
            now: Time of issue, UTC.
        """
        self._terms = terms
        self._copies = copies
        self.is_sealing = sealed
        self._writer = claim_writer(terms.definition)
        self._seconds = now.timestamp()

    def plan(
        self,
        row: ReadyRow,
        holders: Sequence[HolderKey],
        copies: Sequence[int] = (),
        statuses: Sequence[tuple[str, int]] = (),
    ) -> PlannedRow:
        """Plan all copies of a row, and draft some, for `RowSigner.sign_all`.

        Args:
            row: Its claims fit their type.
            holders: One for each copy the row is to have; none at all for paper.
            copies: Numbers of those to sign.
            statuses: A durable place in a status list for each of them: URI and index.

        Raises:
            SchemaError: The holders are not what the type asks for.
        """
        if self.is_sealing:
            check_receivers(holders)
        planned = plan_copies(row.row_id, row.claims, holders, self._terms, copies=self._copies)
        texts = self._writer.write(row.claims)
        expires_at = self._terms.definition.expires_at(row.claims)
        done = RowDone(
            row_id=row.row_id,
            # The same as `journal.claims_hash`, of texts that are needed anyway.
            claims_hash=hashlib.sha256(texts.whole()).digest(),
            flags=row.flags,
            holders=tuple([_thumbprint(item.holder) for item in planned]),
            possession=tuple([item.possession for item in planned]),
            nonces=tuple([_nonce_digest(item.holder) for item in planned]),
            texts=(),
            is_expired=expires_at is not None and expires_at <= self._seconds,
        )
        places = [StatusReference(uri=uri, index=index) for uri, index in statuses]
        return PlannedRow(
            done=done,
            claims=texts,
            drafts=tuple(
                [
                    (planned[copy].holder, draft_planned(planned[copy], self._terms, status))
                    for copy, status in zip(copies, places, strict=True)
                ]
            ),
        )


class RowSigner:
    """Signs rows that a planner has planned."""

    def __init__(self, planner: RowPlanner, signer: Signer) -> None:
        """Take both.

        Args:
            signer: The key that the issuer of the planner's terms names.
        """
        self._planner = planner
        self._signer = signer

    @property
    def is_sealing(self) -> bool:
        """Whether each text is sealed to its holder's key."""
        return self._planner.is_sealing

    def done(
        self,
        row: ReadyRow,
        holders: Sequence[HolderKey],
        copies: Sequence[int] = (),
        statuses: Sequence[tuple[str, int]] = (),
    ) -> RowDone:
        """Plan all copies of a row, and sign some.

        Raises:
            SchemaError: As `RowPlanner.plan`; or the credential would be too long.
        """
        (done,) = self.sign_all([self._planner.plan(row, holders, copies, statuses)])
        if isinstance(done, SchemaError):
            raise done
        return done

    def sign_all(self, rows: Sequence[PlannedRow]) -> list[RowDone | SchemaError]:
        """Write and sign what was drafted of rows, each step over all of them.

        Returns:
            For each row what came of it. A SchemaError: its credential would be longer than one that
            is ever read; it is not signed, and the other rows are.

        Raises:
            RuntimeError: The source of random bytes is broken; nothing is issued.
            StoreError: The signer cannot sign.
        """
        written = write_rows(rows, self._signer.public_key.algorithm)
        return [
            texts if isinstance(texts, SchemaError) else self._signed(row, texts)
            for row, texts in zip(rows, written, strict=True)
        ]

    def _signed(self, row: PlannedRow, written: Sequence[UnsignedCredential]) -> RowDone:
        holders = [holder for holder, _ in row.drafts]
        texts = [sign_credential(item, self._signer) for item in written]
        return row.done._replace(texts=tuple(map(self._sealed_to, holders, texts)))

    def _sealed_to(self, holder: HolderKey | None, text: str) -> str:
        return seal_credential(text, holder) if self._planner.is_sealing else text


def write_rows(
    rows: Sequence[PlannedRow], algorithm: Algorithm
) -> list[list[UnsignedCredential] | SchemaError]:
    """Write what was drafted of rows, each step over all of them: all of `RowSigner.sign_all` but signing.

    Args:
        algorithm: Of the key that is to sign.

    Raises:
        RuntimeError: The source of random bytes is broken; nothing is issued.
    """
    written = iter(
        write_credentials(
            [(draft, row.claims) for row in rows for _, draft in row.drafts],
            algorithm,
            draw_salts(secrets.token_bytes, at_once=_SALTS_AT_ONCE),
        )
    )
    texts = [[next(written) for _ in row.drafts] for row in rows]
    return [its if all(map(_is_read, its)) else SchemaError("claims", _TOO_LONG) for its in texts]


def _is_read(item: UnsignedCredential) -> bool:
    """Say whether anybody would read a credential: a wallet and a gate have limits."""
    signature = (4 * item.algorithm.signature_bytes + 2) // 3
    # A dot before the signature, a tilde behind it and behind each disclosure.
    length = len(item.signing_input) + signature + 2 + sum(map(len, item.disclosures)) + len(item.disclosures)
    return length <= MAX_PRESENTATION_BYTES and len(item.disclosures) <= MAX_DISCLOSURES


def _thumbprint(holder: HolderKey | None) -> str:
    return "" if holder is None else holder.key.thumbprint()


def _nonce_digest(holder: HolderKey | None) -> bytes:
    if holder is None or holder.nonce is None:
        return b""
    return hashlib.sha256(holder.nonce.encode()).digest()

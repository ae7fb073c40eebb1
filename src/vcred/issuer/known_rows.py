# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A row that comes again: how what is to be issued now stands to what was issued before.

A row is known again by its id; its content and the keys it goes to by digests under
secrets of store and home. An entry that keeps no digest counts as fitting: nobody knows better.
"""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from vcred.issuer.journal import (
    DigestKeys,
    JournalEntry,
    Place,
    SignedCopy,
    SignedRow,
    StatusValue,
    content_digest,
    holder_digest,
)
from vcred.issuer.row_signer import RowDone


class Finding(Enum):
    """The first of these that holds."""

    NEW = auto()
    OTHER_CONTENT = auto()
    OTHER_KEY = auto()
    REVOKED = auto()
    SAME = auto()


NOTHING_IN_ITS_WAY: Final = frozenset((Finding.NEW, Finding.SAME))

REPLACED: Final = frozenset((Finding.OTHER_CONTENT, Finding.OTHER_KEY, Finding.REVOKED))
"""What is issued anew by whoever says that it is to be."""


class RowDigests(NamedTuple):
    """By what a row's content, and the key of each of its copies, is known again."""

    content: bytes
    holders: tuple[bytes, ...]


def digests_of(done: RowDone, *, secret: DigestKeys) -> RowDigests:
    """Compute the digests that the journal keeps of a row.

    Args:
        secret: Of the store and of the home.
    """
    return RowDigests(
        content_digest(done.claims_hash, secret=secret),
        tuple([holder_digest(thumbprint, secret=secret) for thumbprint in done.holders]),
    )


def missing_copies(entries: Sequence[JournalEntry], copies: int) -> tuple[int, ...]:
    """Return the numbers of the copies that were never issued, or not with the others.

    Args:
        entries: The newest generation of a row.
        copies: How many the row is to have.
    """
    if not entries:
        return tuple(range(copies))
    known = {entry.copy for entry in entries}
    return tuple([copy for copy in range(copies) if copy not in known])


def find(digests: RowDigests, entries: Sequence[JournalEntry]) -> Finding:
    """Hold a row against what was issued for it before.

    Args:
        digests: Of what is to be issued now.
        entries: The newest generation of the row. Keys may have changed places between copies;
            copies that are missing in it bind to any key.
    """
    if not entries:
        return Finding.NEW
    if any(entry.content not in (None, digests.content) for entry in entries):
        return Finding.OTHER_CONTENT
    known = {entry.holder for entry in entries}
    missing = missing_copies(entries, len(digests.holders))
    kept = {holder for copy, holder in enumerate(digests.holders) if copy not in missing}
    if None not in known and not known.issuperset(kept):
        return Finding.OTHER_KEY
    if any(entry.value is StatusValue.REVOKED for entry in entries):
        return Finding.REVOKED
    return Finding.SAME


def lacks_copies(entries: Sequence[JournalEntry], digests: RowDigests) -> bool:
    """Say whether a row has fewer copies than it is to have."""
    return bool(missing_copies(entries, len(digests.holders)))


def is_suspended(entries: Sequence[JournalEntry]) -> bool:
    """Say whether any of a row's credentials waits for somebody's word on what becomes of it."""
    return any(entry.value is StatusValue.SUSPENDED for entry in entries)


def may_join(entries: Sequence[JournalEntry], digests: RowDigests) -> bool:
    """Say whether a further copy may stand beside those that a row has.

    A copy more is no way round a revocation, a suspension or the key that a row was issued to: all
    the others are valid, of this content, and bound to keys that its holders of now still have. Where
    nobody knows that, it is not so.

    Args:
        entries: The newest generation of the row.
        digests: Of what is to be issued, with the keys of all copies.
    """
    return all(
        entry.value is StatusValue.VALID
        and entry.content == digests.content
        and entry.holder in digests.holders
        for entry in entries
    )


def is_at(entry: JournalEntry, place: Place) -> bool:
    """Say whether an entry has this place: another process may have issued the row at another."""
    return entry.status.index == place.index and entry.status.uri == place.uri


def signed_row(
    done: RowDone,
    digests: RowDigests,
    copies: Sequence[int],
    places: Sequence[Place],
    *,
    issued_at: int,
    replaces: bool,
) -> SignedRow:
    """Put together what the store is to keep of a row.

    Args:
        done: With a text for each of `copies`.
        digests: Of the row.
        copies: Numbers of the copies that were signed.
        places: Theirs.
        issued_at: As the texts say, seconds since 1970.
        replaces: What was issued for the row before is to be revoked.
    """
    return SignedRow(
        row_id=done.row_id,
        content=digests.content,
        copies=tuple(
            [
                SignedCopy(
                    copy=copy,
                    place=place,
                    holder=digests.holders[copy],
                    possession=done.possession[copy],
                    text=text,
                )
                for copy, place, text in zip(copies, places, done.texts, strict=True)
            ]
        ),
        issued_at=issued_at,
        nonce_digests=tuple([done.nonces[copy] for copy in copies]),
        replaces=replaces,
        beside=tuple([holder for copy, holder in enumerate(digests.holders) if copy not in copies]),
    )

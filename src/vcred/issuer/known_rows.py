# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A row that comes again: how what is to be issued now stands to what was issued before.

A row is known again by its id, and by its type whatever the version; its content and the keys it
goes to by digests under secrets of store and home. An entry that keeps no digest counts as fitting:
nobody knows better; one that was taken over from a receipt stays as it is, too, until somebody says
that it is to be replaced. The same claims under another version are other content.
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
    UNKNOWN = auto()
    OTHER_CONTENT = auto()
    OTHER_KEY = auto()
    REVOKED = auto()
    SAME = auto()


NOTHING_IN_ITS_WAY: Final = frozenset((Finding.NEW, Finding.SAME))

REPLACED: Final = frozenset((Finding.OTHER_CONTENT, Finding.OTHER_KEY, Finding.REVOKED, Finding.UNKNOWN))
"""What is issued anew by whoever says that it is to be."""


class RowDigests(NamedTuple):
    """By what a row's content, and the key of each of its copies, is known again.

    `vct` is of the content: the version under which it is said.
    """

    vct: str
    content: bytes
    holders: tuple[bytes, ...]


def digests_of(done: RowDone, *, vct: str, secret: DigestKeys) -> RowDigests:
    """Compute the digests that the journal keeps of a row.

    Args:
        vct: Under which the row is to be issued.
        secret: Of the store and of the home.
    """
    return RowDigests(
        vct,
        content_digest(done.claims_hash, secret=secret),
        tuple([holder_digest(thumbprint, secret=secret) for thumbprint in done.holders]),
    )


def that_count(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Leave out what was replaced: the newest generation, and what else is not revoked, are left.

    There is nothing else but where an older vcred has issued the row under several versions, each
    for itself: what that has left valid or suspended still stands in the way.

    Args:
        entries: All that was ever issued for a row, of every version, in order of generation.
    """
    last = entries[-1].generation
    alive = {(entry.vct, entry.generation) for entry in entries if entry.value is not StatusValue.REVOKED}
    return [entry for entry in entries if entry.generation == last or (entry.vct, entry.generation) in alive]


def newest(entries: Sequence[JournalEntry], vct: str) -> list[JournalEntry]:
    """Return the newest generation of a row: that of a version if it has one, or of another.

    Args:
        entries: `that_count`.
        vct: The version.
    """
    its = [entry for entry in entries if entry.vct == vct] or entries
    return [entry for entry in its if entry.generation == its[-1].generation]


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
        entries: `that_count` of the row. Keys may have changed places between copies; copies that
            are missing in its newest generation bind to any key.
    """
    entries = newest(entries, digests.vct)
    if not entries:
        return Finding.NEW
    if is_unknown(entries, digests.vct):
        return Finding.UNKNOWN
    if not has_content(entries, digests.vct, digests.content):
        return Finding.OTHER_CONTENT
    known = {entry.holder for entry in entries}
    missing = missing_copies(entries, len(digests.holders))
    kept = {holder for copy, holder in enumerate(digests.holders) if copy not in missing}
    if None not in known and not known.issuperset(kept):
        return Finding.OTHER_KEY
    if any(entry.value is StatusValue.REVOKED for entry in entries):
        return Finding.REVOKED
    return Finding.SAME


def has_content(entries: Sequence[JournalEntry], vct: str, content: bytes) -> bool:
    """Say whether all entries are of this content, under this version, as far as anybody knows."""
    return all(entry.vct == vct and entry.content in (None, content) for entry in entries)


def is_unknown(entries: Sequence[JournalEntry], vct: str) -> bool:
    """Say whether a credential among these, of this version, is known by its receipt alone.

    The store has lost what it was about and whom it went to: it is issued, and may be replaced.
    """
    return all(entry.vct == vct for entry in entries) and any(entry.content == b"" for entry in entries)


def lacks_copies(entries: Sequence[JournalEntry], digests: RowDigests) -> bool:
    """Say whether a row, `that_count` of it, has fewer copies than it is to have."""
    return bool(missing_copies(newest(entries, digests.vct), len(digests.holders)))


def is_suspended(entries: Sequence[JournalEntry]) -> bool:
    """Say whether any of a row's credentials waits for somebody's word on what becomes of it."""
    return any(entry.value is StatusValue.SUSPENDED for entry in entries)


def may_join(entries: Sequence[JournalEntry], digests: RowDigests) -> bool:
    """Say whether a further copy may stand beside those that a row has.

    A copy more is no way round a revocation, a suspension or the key that a row was issued to: all
    the others are valid, of this content and version, and bound to keys that its holders of now
    still have. Where nobody knows that, it is not so.

    Args:
        entries: `that_count` of the row.
        digests: Of what is to be issued, with the keys of all copies.
    """
    return all(
        entry.value is StatusValue.VALID
        and entry.vct == digests.vct
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

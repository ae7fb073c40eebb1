# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What came of a roster: counts, and each row that was refused or flagged."""

from dataclasses import dataclass, field
from typing import Final

from vcred.issuer.change_request import ChangeRequest
from vcred.issuer.roster import RowNote
from vcred.limits import MAX_REPORTED_ROWS

_FEW: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The outcome of one roster.

    Attributes:
        rows: Rows read, without the header.
        issued: Credentials that left in this run; with copies, more than rows.
        skipped: Credentials issued in an earlier run, and so not again.
        missing: Those of them which are not in the output, as far as that is seen: a file that is not in
            the folder, or all of them where the file of lines was begun by this run. None is made again.
        waiting: Rows that are in order and have no holder yet; the type is not for paper.
        expired: Credentials issued although they are no longer valid by their expiry claim.
        refused: Rows refused, in the order of the file, at most `MAX_REPORTED_ROWS`.
        flagged: What deserves a second look in rows that were issued, likewise; of a row it may be more
            than one note.
        refused_count: Rows refused, all of them.
        flagged_count: Rows issued that deserve a second look, all of them.
        flag_count: The notes on them, all of them.
        other_key: Rows issued before, to another key than the holder's of now, likewise cut.
        other_key_count: Such rows, all of them.
        reissued: Those of `issued` that took the place of a former credential, which is revoked.
        seconds: How long it took, by the wall.
        resumed: Those of `issued` that a run which was stopped had signed, and this one delivered.
        to_reissue: In a check, rows that `reissue` would issue anew.
        approval_rows: Rows that are not issued anew (in a check: would not be): a second person has to
            approve first that their former credentials are revoked.
        request: What asks for that; None if nobody is in office who could approve, and in a check.
        unknown_holders: Row ids that have a holder and are not in the roster, the first few.
        unknown_holders_count: All of them.
        overridden_holders: Rows whose own holder column was not used: another holder was named beside
            the roster.
        checked: Every row was held against its type before the first was signed. If one was
            refused then, or if only a check was asked for, nothing is issued.
    """

    rows: int
    issued: int
    skipped: int
    waiting: int
    expired: int
    refused: tuple[RowNote, ...]
    flagged: tuple[RowNote, ...]
    refused_count: int
    flagged_count: int = 0
    flag_count: int = 0
    missing: int = 0
    other_key: tuple[RowNote, ...] = ()
    other_key_count: int = 0
    reissued: int = 0
    resumed: int = 0
    to_reissue: int = 0
    approval_rows: int = 0
    request: ChangeRequest | None = None
    unknown_holders: tuple[str, ...] = ()
    unknown_holders_count: int = 0
    overridden_holders: int = 0
    seconds: float = 0.0
    checked: bool = False

    @property
    def cut_lists(self) -> tuple[str, ...]:
        """Which of the lists of rows were cut at `MAX_REPORTED_ROWS`; the counts are whole."""
        lists = (
            ("refused", self.refused, self.refused_count),
            ("flagged", self.flagged, self.flag_count),
            ("other_key", self.other_key, self.other_key_count),
        )
        return tuple(name for name, notes, count in lists if count > len(notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a roster has come; given to the caller after each chunk.

    `percent` is the part of the file whose rows are done, or None where its size is not known;
    `checking` that this is the first pass of two, in which nothing is issued; `resumed`, as in
    `Summary`, is a part of `issued` and stands for none of `rows`.
    """

    rows: int
    issued: int
    skipped: int
    refused: int
    percent: int | None = None
    checking: bool = False
    resumed: int = 0


@dataclass(slots=True)
class Tally:
    """Counts while a roster runs. Reports are cut at a limit, so that memory is bounded."""

    rows: int = 0
    issued: int = 0
    skipped: int = 0
    waiting: int = 0
    expired: int = 0
    missing: int = 0
    reissued: int = 0
    resumed: int = 0
    to_reissue: int = 0
    approval_rows: int = 0
    unknown_holders_count: int = 0
    overridden_holders: int = 0
    refused_count: int = 0
    flagged_count: int = 0
    flag_count: int = 0
    other_key_count: int = 0
    _refused: list[RowNote] = field(default_factory=list)
    _flagged: list[RowNote] = field(default_factory=list)
    _other_key: list[RowNote] = field(default_factory=list)
    _unknown_holders: list[str] = field(default_factory=list)

    def refuse(self, note: RowNote) -> None:
        """Count a refused row."""
        self.refused_count += 1
        if len(self._refused) < MAX_REPORTED_ROWS:
            self._refused.append(note)

    def note_other_key(self, note: RowNote) -> None:
        """Count a row that another key has been given a credential for."""
        self.other_key_count += 1
        if len(self._other_key) < MAX_REPORTED_ROWS:
            self._other_key.append(note)

    def flag(self, notes: tuple[RowNote, ...]) -> None:
        """Count a row that deserves a second look.

        Args:
            notes: All that is to be said of it.
        """
        self.flagged_count += 1
        self.flag_count += len(notes)
        room = MAX_REPORTED_ROWS - len(self._flagged)
        self._flagged.extend(notes[:room])

    def note_unknown_holder(self, row_id: str) -> None:
        """Note that a holder was named for a row that the roster does not have."""
        self.unknown_holders_count += 1
        if len(self._unknown_holders) < _FEW:
            self._unknown_holders.append(row_id)

    def progress(self, *, percent: int | None, checking: bool = False) -> Progress:
        """Say how far it has come."""
        return Progress(
            rows=self.rows,
            issued=self.issued,
            skipped=self.skipped,
            refused=self.refused_count,
            percent=percent,
            checking=checking,
            resumed=self.resumed,
        )

    def summary(self, *, seconds: float = 0.0, checked: bool = False) -> Summary:
        """Close the count."""
        return Summary(
            rows=self.rows,
            issued=self.issued,
            skipped=self.skipped,
            waiting=self.waiting,
            expired=self.expired,
            refused=tuple(sorted(self._refused, key=lambda note: note.line)),
            flagged=tuple(self._flagged),
            refused_count=self.refused_count,
            flagged_count=self.flagged_count,
            flag_count=self.flag_count,
            missing=self.missing,
            other_key=tuple(self._other_key),
            other_key_count=self.other_key_count,
            reissued=self.reissued,
            resumed=self.resumed,
            to_reissue=self.to_reissue,
            approval_rows=self.approval_rows,
            unknown_holders=tuple(self._unknown_holders),
            unknown_holders_count=self.unknown_holders_count,
            overridden_holders=self.overridden_holders,
            seconds=seconds,
            checked=checked,
        )

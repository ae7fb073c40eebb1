# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What comes of rows that were worked on: counted, refused, or to be kept and delivered.

Rows are judged here and nothing leaves: `Judged` says what is to be done for a chunk.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from vcred.issuer.chunk import ChunkResult, RowWaiting
from vcred.issuer.engines.runs.roster_chunks import Chunk, ChunkRow
from vcred.issuer.journal import DigestKeys, JournalEntry, Place, Refusal, SignedRow, StatusValue
from vcred.issuer.known_rows import (
    NOTHING_IN_ITS_WAY,
    REPLACED,
    Finding,
    RowDigests,
    digests_of,
    find,
    is_suspended,
    lacks_copies,
    may_join,
    newest,
    signed_row,
)
from vcred.issuer.roster import RowNote
from vcred.issuer.roster_pass import RosterPass
from vcred.issuer.row_signer import RowDone
from vcred.issuer.summary import Tally

OTHER_CONTENT: Final = "issued before with other content"
OTHER_KEY: Final = "issued before, to another key"
SUSPENDED: Final = "issued before, and suspended: reinstate or revoke it first"
NO_FURTHER_COPY: Final = "issued before, and revoked, suspended or bound to other keys: no further copy"
REVOKED_BEFORE: Final = "revoked before, and issued anew"
OTHER_COPY: Final = "a copy that stands is bound to a key that is not named"
FORMER_KEY: Final = "issued to this key before, and then to another: the holder needs a new key"
ISSUED_RULES: Final = {
    Refusal.FORMER_KEY: FORMER_KEY,
    Refusal.OTHER_CONTENT: OTHER_CONTENT,
    Refusal.SUSPENDED: SUSPENDED,
    Refusal.NO_FURTHER_COPY: NO_FURTHER_COPY,
}
"""What is said of a row for which the store finds something that was issued."""


class SignedOne(NamedTuple):
    """A row with new texts: what the store is to keep, and what is told of it."""

    row: ChunkRow
    done: RowDone
    signed: SignedRow


@dataclass(slots=True, kw_only=True)
class Judged:
    """What is to be done for the rows of a chunk.

    Attributes:
        signed: Rows with texts, to be kept.
        known: Entries of rows that were issued before, each with whether it has expired.
        again: Rows that are to be signed anew, in place of what was issued before.
        unused: Places with which nothing was signed.
    """

    signed: list[SignedOne] = field(default_factory=list)
    known: list[tuple[JournalEntry, bool]] = field(default_factory=list)
    again: list[ChunkRow] = field(default_factory=list)
    unused: list[Place] = field(default_factory=list)


class RowJudge:
    """Holds worked rows against what was issued before, for one pass over a roster."""

    def __init__(
        self,
        roster: RosterPass,
        tally: Tally,
        *,
        vct: str,
        secret: DigestKeys,
        row_id_column: str,
        reissue: bool,
    ) -> None:
        """Take what all rows have in common.

        Args:
            tally: Counts what is refused, flagged or waits.
            vct: Under which they are issued.
            secret: Of the digests in the journal.
            row_id_column: Named where a row was issued before with other content.
            reissue: A row whose content, version or key is another one, or which was revoked, is
                issued anew.
        """
        self._roster = roster
        self._tally = tally
        self._vct = vct
        self._secret = secret
        self._row_id_column = row_id_column
        self._reissue = reissue

    def judge(self, chunk: Chunk, result: ChunkResult, *, issued_at: int) -> Judged:
        """Judge the rows of a chunk, in the order of the file.

        Args:
            issued_at: As the signed texts say.
        """
        judged = Judged()
        for row, outcome in zip(chunk.rows, result.rows, strict=True):
            if not row.replaces:
                self._tally.rows += 1
                # Asked once for each row: the first answer is remembered.
                if not isinstance(outcome, RowNote):
                    row.flags = self._roster.person_flags(outcome.row_id, row.raw.line, row.raw.cells)
            if isinstance(outcome, RowDone):
                self._judge_done(row, outcome, judged, issued_at)
                continue
            judged.unused += row.places
            if isinstance(outcome, RowWaiting):
                self._tally.waiting += 1
                if outcome.flags or row.flags:
                    self._tally.flag((*outcome.flags, *row.flags))
            else:
                self._tally.refuse(outcome)
        return judged

    def refuse_issued(self, row: ChunkRow, row_id: str, rule: str) -> None:
        """Count a row that is refused for what was issued for it before.

        Args:
            rule: One of `ISSUED_RULES`.
        """
        column = "holder" if rule == FORMER_KEY else self._row_id_column
        self._tally.refuse(RowNote(row_id=row_id, line=row.raw.line, column=column, rule=rule))

    def refuse_nonce(self, row: ChunkRow, row_id: str) -> None:
        """Count a row whose enrolment code was used before."""
        note = RowNote(row_id=row_id, line=row.raw.line, column="holder", rule="refused (nonce_wrong)")
        self._tally.refuse(note)

    def note_other_key(self, row: ChunkRow, row_id: str) -> None:
        """Count a row whose credential is bound to another key: its holder of now has nothing."""
        note = RowNote(row_id=row_id, line=row.raw.line, column="holder", rule=OTHER_KEY)
        self._tally.note_other_key(note)

    def _flag_revoked(self, row: ChunkRow, row_id: str) -> None:
        """Let nobody be given back by the way, in a roster of many, what was taken from them."""
        if any(entry.value is StatusValue.REVOKED for entry in newest(row.known, self._vct)):
            self._flag(row, row_id, REVOKED_BEFORE)

    def _flag_other_copy(self, row: ChunkRow, digests: RowDigests, row_id: str) -> None:
        """Tell who names fewer keys, of a phone that is lost, that its copy was not taken back by that."""
        standing = [entry for entry in row.known if entry.value is not StatusValue.REVOKED]
        if any(entry.holder and entry.holder not in digests.holders for entry in standing):
            self._flag(row, row_id, OTHER_COPY)

    def _flag(self, row: ChunkRow, row_id: str, rule: str) -> None:
        column = self._row_id_column
        self._tally.flag((RowNote(row_id=row_id, line=row.raw.line, column=column, rule=rule),))

    def _judge_done(self, row: ChunkRow, done: RowDone, judged: Judged, issued_at: int) -> None:
        digests = digests_of(done, vct=self._vct, secret=self._secret)
        finding = Finding.NEW if row.replaces else find(digests, row.known)
        # Texts that were signed for missing copies are dropped where the row is refused, or is another's
        # by now, and their places burned.
        if self._reissue and finding in REPLACED:
            if is_suspended(row.known):
                self.refuse_issued(row, done.row_id, SUSPENDED)
            else:
                judged.again.append(row)
                self._flag_revoked(row, done.row_id)
            return
        if finding is Finding.OTHER_CONTENT:
            self.refuse_issued(row, done.row_id, OTHER_CONTENT)
            return
        is_further = bool(row.known) and not row.replaces and lacks_copies(row.known, digests)
        if is_further and finding is not Finding.OTHER_KEY and not may_join(row.known, digests):
            self.refuse_issued(row, done.row_id, NO_FURTHER_COPY)
            return
        if finding is Finding.OTHER_KEY:
            self.note_other_key(row, done.row_id)
        if done.flags or row.flags:
            self._tally.flag((*done.flags, *row.flags))
        if self._reissue and finding is Finding.SAME:
            self._flag_other_copy(row, digests, done.row_id)
        if row.known and not row.replaces:
            copies = len(done.holders)
            before = newest(row.known, self._vct)
            judged.known += [(entry, done.is_expired) for entry in before if entry.copy < copies]
        if done.is_expired and not (done.texts or row.known):
            # Only a check leaves a new row unsigned.
            self._tally.expired += len(done.holders)
        if done.texts and finding in NOTHING_IN_ITS_WAY:
            signed = signed_row(
                done,
                digests,
                row.copies,
                row.places,
                issued_at=issued_at,
                replaces=row.replaces,
            )
            judged.signed.append(SignedOne(row, done, signed))

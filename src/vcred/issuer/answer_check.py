# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Hold what a worker answers against what it was asked, before any of it is kept.

Two rows whose places were exchanged would be revoked for one another, and a text that names a list
of nobody could never be taken back. So of each text is seen that it is one SD-JWT from end to end, no
longer than one that is ever read: whatever else stood in it would be a line for another row in the
output. And that it says this issuer, type and time, and the place that was dealt for it. Of a sealed
one only its form and for whom it is can be seen.

That much costs a twentieth of the work, and of a process that this one has started, with the same
program and key, more would show nothing. Of workers on other machines the key in each text is held
against the holder's DID, and some rows of each chunk, drawn when the answer is there, are worked on
once more (`AnswerReader`), as are all that were refused: who answers falsely in general is found out
at the first chunk. To do it for all rows would take one machine as long as to sign them,
and no cluster could be faster than it. A worker is trusted as far as the key it holds: with it, it
could sign anything without being asked.

Spec: RFC 9901 section 4; threats ISS-15, ISS-17.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.jcs import encode_jcs_text
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import StoreError, VcredError
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.issuer.answer_reader import SAYS_OTHER, AnswerReader
from vcred.issuer.applications import Application
from vcred.issuer.chunk import ChunkResult, ChunkTask, RosterTerms, RowOutcome, RowTask, RowWaiting
from vcred.issuer.journal import DIGEST_BYTES
from vcred.issuer.possession import Possession, names_key, resolve_holder
from vcred.issuer.roster import RowNote
from vcred.issuer.row_signer import RowDone
from vcred.limits import MAX_PRESENTATION_BYTES, MAX_ROW_ID_CHARACTERS
from vcred.securing.jwe import unverified_recipient
from vcred.securing.jws import write_signing_input

# What goes wrong with an answer that is not even of the right form: it comes unpickled.
_MALFORMED: Final = (VcredError, AttributeError, IndexError, KeyError, TypeError, ValueError)
# An SD-JWT without key binding, and not one character more: what is written for it is not escaped.
_PART: Final = "[A-Za-z0-9_-]+"
_SD_JWT: Final = re.compile(rf"{_PART}\.{_PART}\.{_PART}~(?:{_PART}~)*")
_BOUND: Final = re.compile(r'"cnf":{"jwk":({[^{}]*})}')
_ANOTHER_KEY: Final = "another key"
_RANDOM: Final = secrets.SystemRandom()
_ROWS_READ: Final = 8
"""Of each chunk from another machine, one row in 64: a fortieth of the work."""


class AnswerCheck:
    """Knows what all answers of one roster must say."""

    def __init__(
        self,
        terms: RosterTerms,
        definition: TypeDefinition,
        *,
        elsewhere: bool,
        draw: Callable[[Sequence[int], int], Iterable[int]] = _RANDOM.sample,
    ) -> None:
        """Take what all rows have in common.

        Args:
            definition: The type of `terms`.
            elsewhere: The workers are on other machines.
            draw: Draws so many of the rows; nobody may foresee which.
        """
        self._terms = terms
        self._reader = AnswerReader(terms, definition) if elsewhere else None
        self._draw = draw
        self._is_for_paper = definition.paper
        self._row_id = terms.header.index(definition.roster.row_id)
        holder = definition.roster.holder
        self._holder = terms.header.index(holder) if holder in terms.header else None
        header: JsonObject = {"kid": terms.issuer.key_id, "typ": MEDIA_TYPE}
        # All that comes before the payload, the dot with it.
        self._header = write_signing_input(header, b"", terms.issuer.key.algorithm)
        said: JsonObject = {"iat": terms.issued_at, "iss": terms.issuer.did, "vct": terms.vct}
        self._common = [encode_jcs_text({name: value})[1:-1] for name, value in said.items()]

    def check(self, task: ChunkTask, result: ChunkResult) -> None:
        """Prove that an answer is one to this task.

        Raises:
            StoreError: It is not; nothing of it may be kept.
        """
        if len(task.rows) != len(result.rows):
            raise _wrong(f"{len(result.rows)} rows for {len(task.rows)}")
        for row, outcome in zip(task.rows, result.rows, strict=True):
            self._refuse(row, outcome, self._fault)
        if self._reader is not None:
            for number in self._to_read(result):
                self._refuse(task.rows[number], result.rows[number], self._reader.fault)

    def _to_read(self, result: ChunkResult) -> set[int]:
        """Some rows, and all that were refused or flagged, whose texts were kept or whose words are any."""
        rows = range(len(result.rows))
        told = [number for number in rows if isinstance(row := result.rows[number], RowNote) or row.flags]
        return {*told, *self._draw(rows, min(_ROWS_READ, len(rows)))}

    def _refuse(
        self, row: RowTask, outcome: RowOutcome, find_fault: Callable[[RowTask, RowOutcome], str | None]
    ) -> None:
        try:
            fault = find_fault(row, outcome)
        except _MALFORMED as error:
            raise _wrong(f"line {row.line}: not of the form that it should have") from error
        if fault is not None:
            raise _wrong(f"line {row.line}: {fault}")

    def _fault(self, row: RowTask, outcome: RowOutcome) -> str | None:
        if isinstance(outcome, RowNote):
            return None if self._is_note_of(outcome, row, also="") else "a refusal of another row"
        if outcome.row_id != row.cells[self._row_id]:
            return "another row id"
        if not all(self._is_note_of(note, row) for note in outcome.flags):
            return "a note on another row"
        if isinstance(outcome, RowWaiting):
            names_nobody = not (self._applications(row) or self._is_for_paper)
            return None if names_nobody else "a row with a holder that waits for one"
        if len(outcome.texts) != len(row.copies):
            return f"{len(outcome.texts)} texts for {len(row.copies)} copies"
        return self._fault_of_done(row, outcome)

    def _is_note_of(self, note: RowNote, row: RowTask, *, also: str | None = None) -> bool:
        if note.line != row.line:
            return False
        # A row whose columns have moved has no id.
        if note.row_id == also:
            return True
        return note.row_id == row.cells[self._row_id][:MAX_ROW_ID_CHARACTERS]

    def _fault_of_done(self, row: RowTask, done: RowDone) -> str | None:
        copies = self._terms.copies
        applications: Sequence[Application | None] = self._applications(row)[:copies]
        if not applications and self._is_for_paper:
            applications = [None] * copies
        if {len(applications), len(done.holders), len(done.possession), len(done.nonces)} != {copies}:
            return f"not as many keys as {copies} copies need"
        if len(done.claims_hash) != DIGEST_BYTES:
            return "no digest of its claims"
        told = zip(done.holders, done.possession, done.nonces, strict=True)
        for application, (thumbprint, possession, code) in zip(applications, told, strict=True):
            if (possession, code) != _shown(application):
                return "another proof of possession"
            if (application is None) != (thumbprint == ""):
                return _ANOTHER_KEY
        for text, copy, status in zip(done.texts, row.copies, row.statuses, strict=True):
            fault = self._fault_of_text(text, applications[copy], done.holders[copy], status)
            if fault is not None:
                return fault
        return None

    def _applications(self, row: RowTask) -> Sequence[Application]:
        if row.applications is not None:
            return row.applications
        did = "" if self._holder is None else row.cells[self._holder]
        return (Application(did=did),) if did else ()

    def _fault_of_text(
        self, text: str, application: Application | None, holder: str, status: tuple[str, int]
    ) -> str | None:
        did = None if application is None or self._reader is None else application.did
        if self._terms.sealed:
            # Takes all of it apart: five parts, each in its only spelling.
            if unverified_recipient(text) != holder:
                return "a text that is not sealed to its holder"
            return None if did is None or resolve_holder(did).thumbprint() == holder else _ANOTHER_KEY
        if len(text) > MAX_PRESENTATION_BYTES or _SD_JWT.fullmatch(text) is None:
            return "a text that is not an SD-JWT from end to end"
        if not text.startswith(self._header):
            return "a text by another key"
        payload = decode_base64url(text[len(self._header) :].partition(".")[0]).decode("utf-8")
        uri, index = status
        wanted = [*self._common, f'"status":{StatusReference(uri=uri, index=index).to_text()}']
        # What our own program writes, it writes in JCS form: this costs a third of reading it.
        bound = _BOUND.search(payload)
        jwk = "" if bound is None else bound[1]
        if not all(member in payload for member in wanted) or _thumbprint(jwk) != holder:
            return SAYS_OTHER
        return None if did is None or names_key(did, decode_json_object(jwk.encode())) else _ANOTHER_KEY


def _thumbprint(jwk: str) -> str:
    """Of a JWK that is written as RFC 7638 section 3 has it hashed; empty text is paper."""
    return encode_base64url(hashlib.sha256(jwk.encode()).digest()) if jwk else ""


def _shown(application: Application | None) -> tuple[Possession, bytes]:
    """How possession of a key is shown by what was sent of it, and the digest of the enrolment code."""
    if application is None:
        return Possession.NONE, b""
    if application.did is not None:
        return Possession.DID, b""
    return Possession.PROOF, hashlib.sha256((application.nonce or "").encode()).digest()


def _wrong(what: str) -> StoreError:
    return StoreError(
        f"a worker has answered what it was not asked: {what}",
        hint="nothing of its rows was issued; see that all workers are yours and run this vcred,"
        " then run the same command again",
    )

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Hold what a worker answers against what it was asked, before any of it is kept.

A worker has the issuer's key, so it can sign whatever it likes; what it answers must not become
the issuer's word in the journal all the same. Two rows whose places were exchanged would be revoked
for one another, and a text that names a list of nobody could never be taken back. So of each text
is seen that it is one SD-JWT from end to end, no longer than one that is ever read: whatever else
stood in it would be a line for another row in the output. And that it says this issuer, type and
time, the place that was dealt for it, and the key of this row's holder. Of a sealed one only its
form and for whom it is can be seen.

Of workers on other machines the disclosures are opened, too: each belongs to the text, and the claims
are those by whose digest the row will be known again. Not seen is whether these are the claims of
the row: that would be the worker's work done once more. Who runs a worker is trusted with that, as
with the key.

Spec: RFC 9901 sections 4 and 4.1; threats ISS-15, ISS-17.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from vcred.codec.base64url import decode_base64url
from vcred.codec.jcs import encode_jcs_text
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import RefusedError, StoreError, VcredError
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE, NEVER_DISCLOSED
from vcred.issuer.applications import Application, verify_application
from vcred.issuer.chunk import ChunkResult, ChunkTask, RosterTerms, RowOutcome, RowTask, RowWaiting
from vcred.issuer.journal import DIGEST_BYTES, claims_hash
from vcred.issuer.possession import Possession, resolve_holder
from vcred.issuer.roster import RowNote
from vcred.issuer.row_signer import RowDone
from vcred.keys.public import PublicKey
from vcred.limits import MAX_PRESENTATION_BYTES, MAX_ROW_ID_CHARACTERS
from vcred.securing.jwe import unverified_recipient
from vcred.securing.jws import parse_jws, verify_jws, write_signing_input
from vcred.securing.sd_jwt.combined import split_sd_jwt
from vcred.securing.sd_jwt.disclosure import parse_disclosure
from vcred.securing.sd_jwt.process import process

# What goes wrong with an answer that is not even of the right form: it comes unpickled.
_MALFORMED: Final = (VcredError, AttributeError, IndexError, KeyError, TypeError, ValueError)
# An SD-JWT without key binding, and not one character more: what is written for it is not escaped.
_PART: Final = "[A-Za-z0-9_-]+"
_SD_JWT: Final = re.compile(rf"{_PART}\.{_PART}\.{_PART}~(?:{_PART}~)*")
_SAYS_OTHER: Final = "a text that says something else: issuer, type, time, key or status"


class _Asked(NamedTuple):
    """What a copy of a row must be bound to.

    `key` is None for paper; and, if it is not `is_known`, where the worker alone reads a proof.
    """

    key: PublicKey | None
    possession: Possession
    code: bytes
    is_known: bool

    @property
    def thumbprint(self) -> str:
        return "" if self.key is None else self.key.thumbprint()


class AnswerCheck:
    """Knows what all answers of one roster must say."""

    def __init__(self, terms: RosterTerms, definition: TypeDefinition, *, elsewhere: bool) -> None:
        """Take what all rows have in common.

        Args:
            definition: The type of `terms`.
            elsewhere: The workers are on other machines. Then signatures and proofs of possession
                are verified, and disclosures opened. That costs nearly as much as signing does, and of a
                process that this one has started, with the same program and key, it would show nothing.
        """
        self._terms = terms
        self._definition = definition
        self._is_for_paper = definition.paper
        self._elsewhere = elsewhere
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
            try:
                fault = self._fault(row, outcome)
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
            return None
        if len(outcome.texts) != len(row.copies):
            return f"{len(outcome.texts)} texts for {len(row.copies)} copies"
        return self._fault_of_holders(row, outcome)

    def _is_note_of(self, note: RowNote, row: RowTask, *, also: str | None = None) -> bool:
        if note.line != row.line:
            return False
        # A row whose columns have moved has no id.
        if note.row_id == also:
            return True
        return note.row_id == row.cells[self._row_id][:MAX_ROW_ID_CHARACTERS]

    def _fault_of_holders(self, row: RowTask, done: RowDone) -> str | None:
        copies = self._terms.copies
        applications: Sequence[Application | None] = self._applications(row)[:copies]
        if not applications and self._is_for_paper:
            applications = [None] * copies
        if {len(applications), len(done.holders), len(done.possession), len(done.nonces)} != {copies}:
            return f"not as many keys as {copies} copies need"
        if len(done.claims_hash) != DIGEST_BYTES:
            return "no digest of its claims"
        asked = [self._asked(application) for application in applications]
        told = zip(done.holders, done.possession, done.nonces, strict=True)
        for one, (thumbprint, possession, code) in zip(asked, told, strict=True):
            if (possession, code) != (one.possession, one.code):
                return "another proof of possession"
            if one.is_known and thumbprint != one.thumbprint:
                return "another key"
        for text, copy, status in zip(done.texts, row.copies, row.statuses, strict=True):
            fault = self._fault_of_text(text, asked[copy], status, done.claims_hash)
            if fault is not None:
                return fault
        return None

    def _applications(self, row: RowTask) -> Sequence[Application]:
        if row.applications is not None:
            return row.applications
        did = "" if self._holder is None else row.cells[self._holder]
        return (Application(did=did),) if did else ()

    def _asked(self, application: Application | None) -> _Asked:
        if application is None:
            return _Asked(None, Possession.NONE, b"", is_known=True)
        if application.did is not None:
            return _Asked(resolve_holder(application.did), Possession.DID, b"", is_known=True)
        code = hashlib.sha256((application.nonce or "").encode()).digest()
        if not self._elsewhere:
            return _Asked(None, Possession.PROOF, code, is_known=False)
        terms = self._terms
        holder = verify_application(application, audience=terms.issuer.did, now=terms.now)
        return _Asked(holder.key, Possession.PROOF, code, is_known=True)

    def _fault_of_text(
        self, text: str, asked: _Asked, status: tuple[str, int], claims_sha256: bytes
    ) -> str | None:
        if self._terms.sealed:
            # Takes all of it apart: five parts, each in its only spelling.
            is_for_it = unverified_recipient(text) == asked.thumbprint or not asked.is_known
            return None if is_for_it else "a text that is not sealed to its holder"
        if len(text) > MAX_PRESENTATION_BYTES or _SD_JWT.fullmatch(text) is None:
            return "a text that is not an SD-JWT from end to end"
        if not text.startswith(self._header):
            return "a text by another key"
        if self._elsewhere:
            return self._fault_of_contents(text, asked, status, claims_sha256)
        payload = decode_base64url(text[len(self._header) :].partition(".")[0])
        return None if self._seems_to_say(payload, asked, status) else _SAYS_OTHER

    def _fault_of_contents(
        self, text: str, asked: _Asked, status: tuple[str, int], claims_sha256: bytes
    ) -> str | None:
        sd_jwt = split_sd_jwt(text)
        jws = parse_jws(sd_jwt.issuer_jwt)
        verify_jws(jws, self._terms.issuer.key)
        payload = decode_json_object(jws.payload)
        try:
            opened = process(payload, [parse_disclosure(one) for one in sd_jwt.disclosures]).claims
        except RefusedError:
            return "disclosures that do not belong to it"
        registered = {name: value for name, value in payload.items() if name in NEVER_DISCLOSED}
        claims = {name: value for name, value in opened.items() if name not in registered}
        # The program that reads it would take one of these for the issuer's word on the whole.
        if not NEVER_DISCLOSED.isdisjoint(claims):
            return "a disclosure of what is never disclosed"
        if registered != self._registered(asked, status, claims):
            return _SAYS_OTHER
        return None if claims_hash(claims) == claims_sha256 else "claims of another digest"

    def _registered(self, asked: _Asked, status: tuple[str, int], claims: JsonObject) -> JsonObject:
        """Return what a text says beside its claims: all of it, so that it is not good for longer."""
        terms, (uri, index) = self._terms, status
        said: JsonObject = {
            "iss": terms.issuer.did,
            "vct": terms.vct,
            "iat": terms.issued_at,
            "status": StatusReference(uri=uri, index=index).to_json(),
        }
        if asked.key is not None:
            said["cnf"] = {"jwk": asked.key.to_jwk()}
        expires_at = self._definition.expires_at(claims)
        return said if expires_at is None else {**said, "exp": expires_at}

    def _seems_to_say(self, payload: bytes, asked: _Asked, status: tuple[str, int]) -> bool:
        # What our own program writes, it writes in JCS form: this costs a third of reading it, and a tenth
        # of signing it. Somebody else's could hide the same words further down.
        uri, index = status
        wanted = [*self._common, f'"status":{StatusReference(uri=uri, index=index).to_text()}']
        if asked.key is not None:
            wanted.append(f'"cnf":{{"jwk":{asked.key.jwk_text()}}}')
        is_paper = asked.key is None and asked.is_known
        text = payload.decode("utf-8")
        return all(member in text for member in wanted) and not (is_paper and '"cnf":' in text)


def _wrong(what: str) -> StoreError:
    return StoreError(
        f"a worker has answered what it was not asked: {what}",
        hint="nothing of its rows was issued; see that all workers are yours and run this vcred,"
        " then run the same command again",
    )

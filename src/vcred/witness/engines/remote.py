# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A witness behind its URL. What it answers is as trustworthy as a stranger's: the quorum verifies it.

Spec: C2SP tlog-witness, add-checkpoint.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from vcred.codec.fields import get_text
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, FetchError
from vcred.fetch import Answer, Site
from vcred.limits import MAX_NOTE_BYTES, MAX_SMALL_ANSWER_BYTES
from vcred.tlog.add_checkpoint import AddCheckpoint, encode_add_checkpoint, parse_size_answer
from vcred.tlog.checkpoint import parse_checkpoint_text
from vcred.tlog.note import NoteSignature, parse_note, parse_signature_lines
from vcred.tlog.witness import RefusalKind, WitnessRefusedError
from vcred.witness.refusals import refused

_KIND_OF_STATUS: Final[Mapping[int, RefusalKind]] = {
    400: RefusalKind.MALFORMED,
    403: RefusalKind.UNSIGNED,
    404: RefusalKind.ORIGIN_UNKNOWN,
    422: RefusalKind.PROOF_INVALID,
}
_CONFLICT: Final = 409
_OK: Final = 200


class HttpWitness:
    """A witness that is asked over HTTP."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._known_size = 0

    @property
    def name(self) -> str:
        """Its URL: the key name stands in its answers only."""
        return str(self._site)

    def known_size(self) -> int:
        """The size that it was last heard to have; 0 at first."""
        return self._known_size

    def cosign(self, note: bytes, *, old_size: int, proof: Sequence[bytes]) -> tuple[NoteSignature, ...]:
        """Ask for cosignatures. They are not verified here.

        Args:
            note: The log's own checkpoint; that it is one is not asked again here.

        Raises:
            WitnessRefusedError: It says that it does not; for SIZE_CONFLICT ask again from its size.
            FetchError: It cannot be reached, or does not answer as a witness does.
        """
        request = AddCheckpoint(old_size=old_size, proof=tuple(proof), note=note)
        answer = self._site.post(
            "/add-checkpoint",
            encode_add_checkpoint(request),
            media_type="text/plain; charset=utf-8",
            max_bytes=max(MAX_NOTE_BYTES, MAX_SMALL_ANSWER_BYTES),
        )
        if answer.status != _OK:
            raise self._refusal(answer, note, old_size)
        try:
            return parse_signature_lines(answer.body.decode("utf-8"))
        except (DecodeError, UnicodeDecodeError) as error:
            raise self._strange() from error

    def _refusal(self, answer: Answer, note: bytes, old_size: int) -> WitnessRefusedError | FetchError:
        if answer.status == _CONFLICT:
            return self._conflict(answer, note, old_size)
        kind = _reason_of(answer) or _KIND_OF_STATUS.get(answer.status)
        if kind is None:
            return FetchError(f"{self._site} answers {answer.status}", hint="ask again later")
        return refused(kind, recorded_size=self._known_size)

    def _conflict(self, answer: Answer, note: bytes, old_size: int) -> WitnessRefusedError | FetchError:
        try:
            recorded_size = parse_size_answer(answer.body)
        except DecodeError:
            return self._strange()
        # More than the log has is told on, and not remembered: it would never be asked again.
        if recorded_size <= parse_checkpoint_text(parse_note(note).text).size:
            self._known_size = recorded_size
        # From that very size it was asked: what it objects to is the root.
        kind = RefusalKind.FORK if recorded_size == old_size else RefusalKind.SIZE_CONFLICT
        return refused(kind, recorded_size=recorded_size)

    def _strange(self) -> FetchError:
        return FetchError(f"{self._site} does not answer as a witness does", hint="is that its URL?")


def _reason_of(answer: Answer) -> RefusalKind | None:
    """The reason that a witness of ours gives in its problem details, if it fits the status."""
    try:
        kind = RefusalKind(
            get_text(decode_json_object(answer.body, max_bytes=MAX_SMALL_ANSWER_BYTES), "reason")
        )
    except (DecodeError, ValueError):
        return None
    return kind if kind.http_status == answer.status else None

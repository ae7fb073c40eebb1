# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A ledger on another machine, over HTTP. Nothing that it says is taken for granted.

The entries are fetched and replayed by the same rules as everywhere; those below the
checkpoint must have its root, and the checkpoint the quorum of the network that they found.
Entries beyond it are durable there and not published yet: their signatures are verified, and
a statement may follow them, but nothing is decided on them. What it answers is bounded before
anything is replayed: each leaf, each answer, and all that one call fetches, in bytes and in time.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from vcred.clock import Clock
from vcred.codec.fields import get_bool, get_int, get_text, get_texts, optional_text
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, FetchError, LedgerError
from vcred.fetch import Answer, Site
from vcred.ledger.entries import MAX_LEAF_BYTES
from vcred.ledger.outcomes import Appended
from vcred.ledger.published import Published
from vcred.ledger.rules import replay
from vcred.ledger.state import State
from vcred.limits import (
    DEFAULT_CLOCK_SKEW,
    MAX_ENTRIES_ANSWER_BYTES,
    MAX_ENTRIES_PER_ANSWER,
    MAX_LOG_GROWTH_PER_IMPORT,
    MAX_NOTE_BYTES,
    MAX_SMALL_ANSWER_BYTES,
    MAX_TIME,
    MIB,
)
from vcred.reasons import Reason
from vcred.tlog.checkpoint import open_checkpoint, parse_checkpoint_text
from vcred.tlog.note import decode_base64, parse_note
from vcred.tlog.quorum import verify_quorum
from vcred.tlog.tree import leaf_hash, root_of

# In base64, with its quotation marks and commas, and one more leaf than fits.
_MAX_ENTRIES_BODY: Final = 2 * MAX_ENTRIES_ANSWER_BYTES
# Of an answer, beyond those that are known.
_SPARE_MEMBERS: Final = 16
_MAX_LEAF_CHARACTERS: Final = (MAX_LEAF_BYTES + 2) // 3 * 4
# Of one call for entries: together with one answer that is being decoded, less than 64 MiB.
_MAX_FETCHED_BYTES: Final = 40 * MIB
_MAX_FETCHING_TIME: Final = timedelta(minutes=2)
_OK: Final = 200
_CREATED: Final = 201
_NOT_FOUND: Final = 404
_REFUSED: Final = 422


class RemoteLog:
    """The bare log: what it gives is not verified."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __str__(self) -> str:
        return str(self._site)

    def append(self, operation: JsonObject) -> Appended:
        """Hand an operation over; one that is there already keeps its index.

        Raises:
            LedgerError: The rules refuse it.
            FetchError: The ledger cannot be reached, or does not answer as one.
        """
        body = encode_jcs(operation)
        answer = self._site.post(
            "/operations", body, media_type="application/json", max_bytes=MAX_SMALL_ANSWER_BYTES
        )
        if answer.status == _REFUSED:
            raise self._refusal(answer)
        value = self._object(answer, max_bytes=MAX_SMALL_ANSWER_BYTES)
        try:
            appended = Appended(
                index=get_int(value, "index"),
                logged_at=get_int(value, "logged_at"),
                is_new=get_bool(value, "new"),
            )
        except DecodeError as error:
            raise self._strange() from error
        # No entry has such a place, and no calendar such a date.
        if appended.index < 0 or not 0 <= appended.logged_at <= MAX_TIME:
            raise self._strange()
        return appended

    def checkpoint(self) -> bytes | None:
        """The newest published checkpoint, a signed note; None while there is none. Raises FetchError."""
        answer = self._site.get("/checkpoint", max_bytes=MAX_NOTE_BYTES)
        if answer.status == _NOT_FOUND:
            return None
        if answer.status != _OK:
            raise self._strange(answer.status)
        return answer.body

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves `start <= index < end`, fewer where there are no more (a `LeafSource`).

        Raises:
            FetchError: As `append`; or they are more, or come more slowly, than one call takes.
        """
        ends = time.monotonic() + _MAX_FETCHING_TIME.total_seconds()
        found: list[bytes] = []
        fetched_bytes = 0
        while start + len(found) < end:
            page = self._page(start + len(found), end)
            if not page:
                break
            found += page
            fetched_bytes += sum(map(len, page))
            # One leaf an answer, or an answer as late as can be, would hold the caller for days.
            if fetched_bytes > _MAX_FETCHED_BYTES or time.monotonic() > ends:
                raise FetchError(
                    f"the entries of {self._site} are too many, or come too slowly, to be fetched at once",
                    hint="import a bundle, or ask another copy of the ledger",
                )
        return found

    def _page(self, start: int, end: int) -> list[bytes]:
        upto = min(end, start + MAX_ENTRIES_PER_ANSWER)
        answer = self._site.get(f"/entries?start={start}&end={upto}", max_bytes=_MAX_ENTRIES_BODY)
        # A value in two bytes takes thirty times as many once it is decoded; a comma stands between any two.
        if answer.body.count(b",") > upto - start + _SPARE_MEMBERS:
            raise self._strange()
        value = self._object(answer, max_bytes=_MAX_ENTRIES_BODY)
        try:
            texts = get_texts(value, "leaves")
            # Before they are decoded: no ledger takes a leaf that is larger.
            asked_for = get_int(value, "start") == start and len(texts) <= upto - start
            if not asked_for or any(len(text) > _MAX_LEAF_CHARACTERS for text in texts):
                raise self._strange()
            return [decode_base64(text) for text in texts]
        except DecodeError as error:
            raise self._strange() from error

    def _object(self, answer: Answer, *, max_bytes: int) -> JsonObject:
        if answer.status not in (_OK, _CREATED):
            raise self._strange(answer.status)
        try:
            return decode_json_object(answer.body, max_bytes=max_bytes)
        except DecodeError as error:
            raise self._strange() from error

    def _refusal(self, answer: Answer) -> LedgerError | FetchError:
        try:
            value = decode_json_object(answer.body, max_bytes=MAX_SMALL_ANSWER_BYTES)
            reason, detail = Reason(get_text(value, "reason")), optional_text(value, "detail")
        except (DecodeError, ValueError):
            return self._strange(answer.status)
        return LedgerError(reason, detail or "the ledger refuses it")

    def _strange(self, status: int | None = None) -> FetchError:
        if status is not None:
            return FetchError(f"{self._site} answers {status}", hint="try again later")
        return FetchError(f"{self._site} does not answer as a ledger does", hint="is that its URL?")


class RemoteLedger:
    """A remote log with the state that its entries make. Use it as a context manager, like a `Ledger`."""

    def __init__(self, log: RemoteLog, *, clock: Clock, network_id: str | None) -> None:
        """Fetch and replay all of it.

        Args:
            log: Where.
            clock: Tells which cosignatures are not from the future.
            network_id: The network that is meant, if the caller knows it.

        Raises:
            FetchError: It cannot be reached, or does not answer as a ledger.
            LedgerError: It is of another network, or its entries are not those of its checkpoint.
            SignatureError: Another key than the log's has signed the checkpoint.
            QuorumError: Too few witnesses have cosigned it.
        """
        self._log = log
        # The checkpoint first: what is published meanwhile is then among the entries too.
        note = log.checkpoint()
        leaves = self._leaves = log.leaves(0, MAX_LOG_GROWTH_PER_IMPORT)
        self.state: State = replay(leaves)
        if network_id is not None and leaves and self.state.require_network().id != network_id:
            raise LedgerError(Reason.NOT_AUTHORISED, f"{log} is the ledger of another network")
        self._published = None if note is None else self._opened(note, leaves, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    def append(self, operation: JsonObject) -> Appended:
        """Hand an operation over. As `RemoteLog.append`; the state stays the one that was fetched."""
        return self._log.append(operation)

    def published(self) -> Published | None:
        """The newest published checkpoint, as it was fetched and verified."""
        return self._published

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        """The leaves `start <= index < end`."""
        return tuple(self._leaves[start:end])

    def _opened(self, note: bytes, leaves: Sequence[bytes], clock: Clock) -> Published:
        try:
            size = parse_checkpoint_text(parse_note(note).text).size
            if not 1 <= size <= len(leaves):
                raise LedgerError(Reason.BUNDLE_INCONSISTENT, f"{self._log} gives too few entries")
            network = self.state.network_at(size)
            checkpoint, opened = open_checkpoint(note, origin=network.origin, keys=[network.log_key])
        except DecodeError as error:
            raise LedgerError(Reason.MALFORMED, f"the checkpoint of {self._log} is none") from error
        if root_of(map(leaf_hash, leaves[:size])) != checkpoint.root:
            raise LedgerError(
                Reason.BUNDLE_INCONSISTENT,
                f"the entries that {self._log} gives are not those that it signs",
                hint="sign nothing on top of them; ask another copy of the ledger",
            )
        not_after = int((clock() + DEFAULT_CLOCK_SKEW).timestamp())
        verify_quorum(opened, network.quorum, network.witnesses, not_after=not_after)
        return Published(size=size, root=checkpoint.root, note=note)

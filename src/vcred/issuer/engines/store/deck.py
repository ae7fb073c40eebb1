# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Deal places in status lists: random, without repetition, durable before anything is signed.

Each list has a deck: all its indices in an order that is drawn once, when the list opens, and
kept. To deal is to count on by one: nothing is looked up, nothing drawn again, and what was
dealt once can never be dealt again, whatever stops in between. Seven eighths of a deck are
dealt; the rest is never given to anybody, and some of it may lie (`decoy`).

Called inside a transaction of `store.py`, unless it says otherwise.

Spec: Token Status List sections 12.5.1 and 13.
"""

import secrets
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from vcred.credential.status_reference import StatusReference
from vcred.errors import StoreError
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.engines.store.schema import HAND_SIZE
from vcred.issuer.journal import Place
from vcred.issuer.status_lists import list_bits, next_list_size
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.status.allotment import allottable

_HAND_BYTES: Final = 4 * HAND_SIZE
_KEY_BYTES: Final = 8
# The type of lists of which the store knows no credential.
_UNKNOWN_TYPE: Final = ""
_UNUSED_URI: Final = "unused:"
_UNUSED_BITS: Final = 2
_NEWEST: Final = (
    "SELECT number, uri, size, dealt FROM list WHERE type = ? AND closed = 0 ORDER BY number DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewList:
    """A list that opens.

    Attributes:
        reserve: Indices, in the order of the deck, that are never dealt.
        deck_digest: As `deck_digest` gives it.
        at: NumericDate now.
    """

    number: int
    vct: str
    uri: str
    bits: int
    size: int
    reserve: Sequence[int]
    deck_digest: str
    at: int


OnOpen: TypeAlias = Callable[[NewList], None]
"""Called in the transaction in which a list opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """Places that were dealt, from one list: deals `start` to `stop`, not including `stop`."""

    number: int
    uri: str
    start: int
    stop: int


class DeckTable:
    """The tables `list` and `hand`, as far as dealing goes."""

    def __init__(self, db: StoreDriver, on_open: OnOpen) -> None:
        self._db = db
        self._on_open = on_open
        # The hand that was dealt from last: a run deals from one for a while.
        self._hand: tuple[tuple[int, int], array[int]] | None = None

    def deal(self, type_id: int, vct: str, base: str, count: int, *, at: int) -> list[Deal]:
        """Deal `count` places of a type, from the newest list and from as many new ones as it takes.

        Args:
            type_id: Number of the type in this store.
            vct: The type.
            base: URI of a list, without its number.
            count: At least 1.
            at: NumericDate now.
        """
        deals: list[Deal] = []
        while count > 0:
            number, uri, size, dealt = self._newest(type_id, vct, base, at=at)
            taken = min(count, allottable(size) - dealt)
            if taken > 0:
                self._db.execute("UPDATE list SET dealt = dealt + ? WHERE number = ?", (taken, number))
                deals.append(Deal(number=number, uri=uri, start=dealt, stop=dealt + taken))
                count -= taken
            if count > 0:
                self._db.execute("UPDATE list SET closed = 1 WHERE number = ?", (number,))
        return deals

    def places(self, deals: Sequence[Deal]) -> list[Place]:
        """Return the places of deals. Outside the transaction: what it reads never changes."""
        return [
            Place(deal.number, dealt, StatusReference(uri=deal.uri, index=index))
            for deal in deals
            for dealt, index in enumerate(self.indices(deal.number, deal.start, deal.stop), deal.start)
        ]

    def indices(self, number: int, start: int, stop: int) -> Iterator[int]:
        """Yield what a list's deck holds from `start` to `stop`, not including `stop`.

        Raises:
            StoreError: The deck is damaged.
        """
        while start < stop:
            hand, first = divmod(start, HAND_SIZE)
            last = min(HAND_SIZE, first + stop - start)
            yield from self._read(number, hand)[first:last]
            start += last - first

    def close_all(self) -> None:
        """Deal from no list any more; the next place opens a new one."""
        self._db.execute("UPDATE list SET closed = 1 WHERE closed = 0")

    def burn(self, count: int, *, next_list: int) -> None:
        """Never deal the next `count` places of any open list, nor open one below a number.

        Args:
            count: At least 0.
            next_list: The number from which lists may open.
        """
        for number, size, dealt in self._db.rows("SELECT number, size, dealt FROM list WHERE closed = 0"):
            kept = min(dealt + count, allottable(size))
            self._db.execute("UPDATE list SET dealt = ? WHERE number = ?", (kept, number))
        known = int(self._db.value("SELECT coalesce(max(number) + 1, 0) FROM list"))
        if next_list > known:
            number = next_list - 1
            self.keep_number(number, f"{_UNUSED_URI}{number}", bits=_UNUSED_BITS, size=MIN_STATUS_LIST_SIZE)

    def keep_number(self, number: int, uri: str, *, bits: int, size: int) -> None:
        """Keep the number of a list from being used again, by a closed one from which nothing is dealt."""
        self._db.execute(
            "INSERT INTO list (number, type, uri, bits, size, dealt, closed, last_issued_at)"
            " VALUES (?, ?, ?, ?, ?, 0, 1, 0)",
            (number, self._unknown_type(), uri, bits, size),
        )

    def _unknown_type(self) -> int:
        row = self._db.row("SELECT id FROM type WHERE vct = ?", (_UNKNOWN_TYPE,))
        if row is not None:
            return int(row[0])
        number = int(self._db.value("SELECT coalesce(max(id) + 1, 1) FROM type"))
        self._db.execute("INSERT INTO type (id, vct) VALUES (?, ?)", (number, _UNKNOWN_TYPE))
        return number

    def _newest(self, type_id: int, vct: str, base: str, *, at: int) -> tuple[int, str, int, int]:
        row = self._db.row(_NEWEST, (type_id,))
        if row is not None:
            number, uri, size, dealt = row
            if uri == f"{base}{number}":
                return number, uri, size, dealt
            # Under a base that the issuer has left.
            self._db.execute("UPDATE list SET closed = 1 WHERE number = ?", (number,))
        return self._open(type_id, vct, base, at=at)

    def _open(self, type_id: int, vct: str, base: str, *, at: int) -> tuple[int, str, int, int]:
        issued = self._db.value("SELECT coalesce(sum(dealt), 0) FROM list WHERE type = ?", (type_id,))
        purposes = self._db.row("SELECT value FROM setting WHERE name = 'purposes'")
        size, bits = next_list_size(int(issued)), list_bits(None if purposes is None else purposes[0])
        number = self._db.value("SELECT coalesce(max(number) + 1, 0) FROM list")
        uri = f"{base}{number}"
        self._db.execute(
            "INSERT INTO list (number, type, uri, bits, size, dealt, closed, last_issued_at)"
            " VALUES (?, ?, ?, ?, ?, 0, 0, 0)",
            (number, type_id, uri, bits, size),
        )
        deck = shuffled(size)
        kept = _little_endian(deck[:])
        self._db.execute_many(
            "INSERT INTO hand (list, number, indices) VALUES (?, ?, ?)",
            [
                (number, start // _HAND_BYTES, kept[start : start + _HAND_BYTES])
                for start in range(0, len(kept), _HAND_BYTES)
            ],
        )
        self._on_open(
            NewList(
                number=number,
                vct=vct,
                uri=uri,
                bits=bits,
                size=size,
                reserve=deck[allottable(size) :],
                deck_digest=deck_digest(kept),
                at=at,
            )
        )
        return number, uri, size, 0

    def _read(self, number: int, hand: int) -> "array[int]":
        if self._hand is not None and self._hand[0] == (number, hand):
            return self._hand[1]
        row = self._db.row("SELECT indices FROM hand WHERE list = ? AND number = ?", (number, hand))
        if row is None or type(row[0]) is not bytes or len(row[0]) != _HAND_BYTES:
            raise damaged_deck()
        indices = parse_deck(row[0])
        self._hand = ((number, hand), indices)
        return indices


def read_deck(db: StoreDriver, number: int) -> bytes | None:
    """Return the whole deck of a list as it is kept; None of a list that has none.

    Raises:
        StoreError: A part of it is missing or damaged.
    """
    rows = db.rows("SELECT number, indices FROM hand WHERE list = ? ORDER BY number", (number,))
    if not rows:
        return None
    for expected, (hand, indices) in enumerate(rows):
        if hand != expected or type(indices) is not bytes or len(indices) != _HAND_BYTES:
            raise damaged_deck()
    return b"".join(indices for _, indices in rows)


def parse_deck(kept: bytes) -> "array[int]":
    """Return the indices of a deck, or of a part of it, in the order in which they are dealt."""
    indices = array("I", kept)
    if sys.byteorder == "big":
        indices.byteswap()
    return indices


def deck_digest(kept: bytes) -> str:
    """Return what the audit log says of a deck: SHA-256 of it as it is kept, in hexadecimal.

    It gives no place away, in the log or in a copy of it. To find the order back one would have to
    guess it whole: of 131,072 indices there are more orders than numbers of two million bits, and who
    knows all that was dealt still has those of the reserve to guess, 16,384 or more.
    """
    return sha256(kept).hexdigest()


def damaged_deck() -> StoreError:
    """Return the error of a deck that is not whole."""
    return StoreError("the deck of a status list is damaged", hint="restore the store from a copy")


def shuffled(size: int) -> "array[int]":
    """Return the numbers from 0 to `size` in random order, each order as likely as another.

    By sorting under random keys, which takes the system's randomness in one draw. Two equal
    keys would leave their two numbers in order: of a million keys of 64 bits, once in 30
    million decks.
    """
    keys = array("Q", secrets.token_bytes(_KEY_BYTES * size))
    return array("I", sorted(range(size), key=keys.__getitem__))


def _little_endian(hand: "array[int]") -> bytes:
    if sys.byteorder == "big":
        hand.byteswap()
    return hand.tobytes()

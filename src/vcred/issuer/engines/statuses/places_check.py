# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Hold journal, decks and decoys of the issuer's store against one another, and decks against the log.

An audit reads all of it, one list at a time. Before a publication only that is read which gets into
the lists: the decoys, and the credentials that are not valid.

Spec: docs/spec/changes.md, What the tables must say.
"""

from array import array
from collections.abc import Iterable
from typing import Final, NamedTuple

from vcred.errors import RefusedError, StoreError
from vcred.issuer.audit.findings import DifferenceKind, Findings
from vcred.issuer.audit.places import ListPlaces, decoys_outside
from vcred.issuer.audit.replay import FIRST_SOUND_SETTING, Replay
from vcred.issuer.engines.store.deck import damaged_deck, deck_digest, parse_deck, read_deck
from vcred.issuer.engines.store.driver import StoreDriver, marks
from vcred.issuer.engines.store.journal import journal_id, place_of_entry
from vcred.issuer.engines.store.statuses import slices
from vcred.issuer.journal import CredentialIds
from vcred.issuer.status_lists import ListRecord, damaged_list
from vcred.reasons import Reason

_LISTS: Final = "SELECT number, size, dealt FROM list ORDER BY number"
_CREDENTIALS: Final = "SELECT id, idx, old_id FROM journal WHERE id >= ? AND id < ? ORDER BY id"
_CHANGED: Final = "SELECT id, idx FROM journal WHERE id >= ? AND id < ? AND status != 0"
_STRAY: Final = (
    "SELECT id, old_id FROM journal"
    " WHERE NOT EXISTS (SELECT 1 FROM list WHERE list.number = journal.id >> 32) ORDER BY id"
)
_DECOYS: Final = "SELECT idx FROM decoy WHERE list = ? ORDER BY idx"
_STRAY_DECOYS: Final = "SELECT list FROM decoy WHERE list NOT IN (SELECT number FROM list) ORDER BY list"


class _List(NamedTuple):
    """A list as its table has it."""

    number: int
    size: int
    dealt: int


class PlacesCheck:
    """One reading of the places, for an audit. Inside one `moment` of the store.

    Memory: some bytes for each place of one list.
    """

    def __init__(self, db: StoreDriver, ids: CredentialIds, *, replay: Replay, found: Findings) -> None:
        self._db = db
        self._ids = ids
        self._decks = dict(replay.decks)
        self._dealt = replay.dealt
        self._found = found
        first_sound = replay.settings.get(FIRST_SOUND_SETTING, "0")
        self._first_sound = int(first_sound) if first_sound.isdecimal() else 0

    def compare(self) -> None:
        """Add every difference to what was found."""
        for row in self._db.rows(_LISTS):
            self._compare_list(_List(*row))
        # What is left has a deck by the log, and no list.
        for number in self._decks:
            self._found.add(DifferenceKind.DECK, str(number))
        for entry, old_id in self._db.stream(_STRAY):
            self._misplaced(entry, old_id)
        for (number,) in self._db.stream(_STRAY_DECOYS):
            self._found.add(DifferenceKind.DECOY, str(number))

    def _compare_list(self, one: _List) -> None:
        told = self._decks.pop(one.number, None)
        deck, is_right = self._read(one.number, told)
        is_taken_over = one.number < self._first_sound
        places = ListPlaces(size=one.size, deck=deck, is_taken_over=is_taken_over)
        is_older, last = True, -1
        for entry, index, old_id in self._db.stream(_CREDENTIALS, _within(one.number)):
            is_older = is_older and old_id is not None
            last = place_of_entry(entry)[1]
            if not places.take(last, index):
                self._misplaced(entry, old_id)
        if deck is not None and not is_taken_over and one.dealt <= last:
            self._dealt_less(one)
        # Without a deck are lists of before there were decks, and those that were lost and taken over.
        is_accounted_for = deck is not None or is_taken_over or is_older
        if not (is_right and is_accounted_for and places.is_whole):
            self._found.add(DifferenceKind.DECK, str(one.number))
        for (index,) in self._db.stream(_DECOYS, (one.number,)):
            if not places.may_lie(index):
                self._found.add(DifferenceKind.DECOY, str(one.number))

    def _dealt_less(self, one: _List) -> None:
        # Where it is less than the log says, too, that is told already.
        if one.dealt >= self._dealt.get(one.number, 0):
            self._found.add(DifferenceKind.DEALT, str(one.number))

    def _read(self, number: int, told: str | None) -> "tuple[array[int] | None, bool]":
        """Return the deck of a list, and whether it is what the log says, if it says anything of it."""
        try:
            kept = read_deck(self._db, number)
        except StoreError:
            return None, False
        if kept is None:
            return None, told is None
        return parse_deck(kept), told in (None, deck_digest(kept))

    def _misplaced(self, entry: int, old_id: str | None) -> None:
        (made,) = self._ids.encode([place_of_entry(entry)])
        self._found.add(DifferenceKind.PLACE, made if old_id is None else old_id)


def refuse_other_places(db: StoreDriver, records: Iterable[ListRecord], *, first_sound: int) -> None:
    """Refuse to publish what is about somebody else than the journal and the decks say.

    Only that is looked at which gets into the lists: a million credentials that are valid cost nothing.

    Args:
        db: The store, inside the transaction that signs.
        records: The lists that are to be signed.
        first_sound: Lists of a lower number were taken over from what was published.

    Raises:
        RefusedError: STATUS_INVALID: somebody has changed a place, or a decoy, beside the log.
        StoreError: A deck or a list is damaged.
    """
    for record in records:
        kept = read_deck(db, record.number)
        if kept is None:
            # Older than decks, or taken over. That a deck was taken away, the audit tells.
            continue
        deck = parse_deck(kept)
        if len(deck) != record.size:
            raise damaged_deck()
        outside = decoys_outside({index for (index,) in db.rows(_DECOYS, (record.number,))}, deck)
        if not all(0 <= index < record.size for index in outside):
            # Before decoys move: the one in question may go by it.
            raise damaged_list()
        if outside and record.number < first_sound:
            outside &= _given(db, record.number, deck, outside)
        if outside or _is_elsewhere(db, record.number, deck):
            raise RefusedError(
                Reason.STATUS_INVALID,
                "a status list would say something of another credential than the store's own decks do",
                hint='somebody has altered the store: "vcred status audit" says where',
            )


def _is_elsewhere(db: StoreDriver, number: int, deck: "array[int]") -> bool:
    """Say whether a credential that is not valid has another index than its deal."""
    first, size = journal_id(number, 0), len(deck)
    changed = db.rows(_CHANGED, _within(number))
    return any(entry - first >= size or deck[entry - first] != index for entry, index in changed)


def _given(db: StoreDriver, number: int, deck: "array[int]", indices: set[int]) -> set[int]:
    """Return which of some indices a credential has, by the deck."""
    deals = {journal_id(number, deal): index for deal, index in enumerate(deck) if index in indices}
    given: set[int] = set()
    for some in slices([*deals]):
        rows = db.rows(f"SELECT id FROM journal WHERE id IN ({marks(len(some))})", some)  # noqa: S608
        given.update(deals[entry] for (entry,) in rows)
    return given


def _within(number: int) -> tuple[int, int]:
    """Return the numbers between which the entries of a list stand in the journal."""
    return journal_id(number, 0), journal_id(number + 1, 0)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The status lists of the issuer's store, as far as publishing goes: values, decoys, tokens, settings.

What is written here is written inside a transaction of `publication.py`, `reconcile.py` or, when a
list opens, of `store.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from random import SystemRandom
from typing import Final, overload

from vcred.codec.json_types import JsonObject
from vcred.errors import StoreError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.decoys import open_decoys, plan_decoys
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.deck import DeckTable, NewList, deck_digest, read_deck
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.status_lists import (
    ListRecord,
    PublishedStatusList,
    Purposes,
    interval_of,
    purposes_of,
)
from vcred.status.allotment import allottable

_RANDOM: Final = SystemRandom()
_LIST_SHIFT: Final = 32
_EVERY: Final = "publish_every"
_PURPOSES: Final = "purposes"
_FIRST_SOUND: Final = "first_sound_list"
_NOTED: Final = "noted_of_list_"
# A row that only keeps its number from being used again was never dealt from, and never published. One
# of which receipts tell (`receipts_taken`) was dealt from, and that is lost.
_RECORDS: Final = (
    "SELECT number, uri, bits, size, last_issued_at, token FROM list WHERE dealt > 0 OR last_issued_at > 0"
    " OR EXISTS (SELECT 1 FROM journal WHERE id >= number << 32 AND id < (number + 1) << 32) ORDER BY number"
)


class PublicationTable:
    """The tables `list` and `decoy`, and of `setting` what is about publishing."""

    def __init__(self, db: StoreDriver, decks: DeckTable, audit: AuditTable) -> None:
        self._db = db
        self._decks = decks
        self._audit = audit

    # Settings.

    def interval(self) -> int:
        """Return the interval of publication in seconds."""
        return interval_of(self.setting(_EVERY))

    def set_interval(self, seconds: int, *, at: int) -> None:
        """Change the interval; `parse_interval` has read it."""
        self._change(_EVERY, str(seconds), at=at)

    def purposes(self) -> Purposes:
        """Return for what lists are that open from now on."""
        return purposes_of(self.setting(_PURPOSES))

    def set_purposes(self, purposes: Purposes, *, at: int) -> None:
        """Change for what lists are that open from now on; those that are open are closed."""
        self._change(_PURPOSES, purposes.value, at=at)
        self._decks.close_all()

    def first_sound(self) -> int:
        """Return the number below which lists were taken over from what was published."""
        number = self.setting(_FIRST_SOUND) or "0"
        if not number.isdecimal():
            raise StoreError(f"the setting {_FIRST_SOUND} is damaged", hint="restore the store from a copy")
        return int(number)

    def set_first_sound(self, number: int) -> None:
        """Say that the store knows less of the lists below a number than was published."""
        self.keep_setting(_FIRST_SOUND, str(number))

    # Lists.

    def opened(self, made: NewList) -> None:
        """Let the reserve of a new list say something, and the log what its deck is.

        In the transaction in which it opens: afterwards the deck could be another one already.
        """
        values = open_decoys(made.reserve, bits=made.bits, size=made.size, random=_RANDOM)
        self.keep_decoys(made.number, values)
        event = _list_opened(made.number, size=made.size, bits=made.bits, deck=made.deck_digest)
        self._audit.append([event], at=made.at)
        self.keep_setting(f"{_NOTED}{made.number}", "0")

    def burn(self, count: int, *, next_list: int) -> None:
        """See `DeckTable.burn`."""
        self._decks.burn(count, next_list=next_list)

    def keep_number(self, number: int, uri: str, *, bits: int, size: int) -> None:
        """See `DeckTable.keep_number`."""
        self._decks.keep_number(number, uri, bits=bits, size=size)

    def records(self) -> list[ListRecord]:
        """Return every list that was dealt from or published, with its values."""
        return [
            ListRecord(
                number=number,
                uri=uri,
                bits=bits,
                size=size,
                last_issued_at=last_issued_at,
                token=token,
                values=self._values(number),
            )
            for number, uri, bits, size, last_issued_at, token in self._db.rows(_RECORDS)
        ]

    def last_issued_at(self) -> Mapping[str, int]:
        """Return the `iat` of the newest token by URI of the list, 0 where there is none."""
        return {str(uri): int(at) for uri, at in self._db.rows("SELECT uri, last_issued_at FROM list")}

    def signed_together(self) -> set[str]:
        """Return the URIs of the lists that each publication signs: those of `records`."""
        return {str(row[1]) for row in self._db.rows(_RECORDS)}

    def decoys(self, number: int) -> dict[int, int]:
        """Return what the decoys of a list say, by index."""
        return dict(self._db.rows("SELECT idx, value FROM decoy WHERE list = ?", (number,)))

    def keep_decoys(self, number: int, values: Mapping[int, int]) -> None:
        """Let decoys of a list say something else."""
        self._db.execute_many(
            "INSERT INTO decoy (list, idx, value) VALUES (?, ?, ?)"
            " ON CONFLICT (list, idx) DO UPDATE SET value = excluded.value",
            [(number, index, value) for index, value in values.items()],
        )

    def drop_decoys(self, entries: Iterable[tuple[int, int]]) -> None:
        """Let entries, each a list's number and an index, say nothing of their own: they are somebody's."""
        self._db.execute_many("DELETE FROM decoy WHERE list = ? AND idx = ?", entries)

    def index_dealt(self, number: int, deal: int) -> int | None:
        """Return the index that a deal of a list has by its deck; None if the deck is not here."""
        if not self._has_deck(number):
            return None
        (index,) = self._decks.indices(number, deal, deal + 1)
        return index

    def move_decoys(self, record: ListRecord) -> ListRecord:
        """Change decoys of a list as with each token, and return the list with them."""
        # Which entries are nobody's is not known of a list that was taken over, or is older than decks.
        if record.number < self.first_sound() or not self._has_deck(record.number):
            return record
        reserve = _Reserve(self._decks, record.number, record.size)
        decoys = self.decoys(record.number)
        moved = plan_decoys(reserve, decoys, bits=record.bits, size=record.size, random=_RANDOM)
        self.keep_decoys(record.number, moved)
        return record.changed(moved)

    def keep_token(self, number: int, published: PublishedStatusList, *, seq: int) -> None:
        """Keep a list's newest token, and the number of the audit entry that tells of it."""
        self._db.execute(
            "UPDATE list SET last_issued_at = ?, token = ?, published_seq = ? WHERE number = ?",
            (published.issued_at, published.token, seq, number),
        )

    # What the audit log says of lists.

    def note_dealt(self, *, at: int) -> None:
        """Enter in the audit log which lists have opened, and how many places of each are dealt."""
        noted = {
            int(name.removeprefix(_NOTED)): int(value)
            for name, value in self._db.rows(
                "SELECT name, value FROM setting WHERE name LIKE ?", (f"{_NOTED}%",)
            )
        }
        events: list[AuditEvent] = []
        for number, size, bits, dealt in self._db.rows(
            "SELECT number, size, bits, dealt FROM list WHERE dealt > 0 ORDER BY number"
        ):
            if number not in noted:
                # Opened by an older vcred. One that is older still dealt without a deck.
                kept = read_deck(self._db, number)
                deck = None if kept is None else deck_digest(kept)
                events.append(_list_opened(number, size=size, bits=bits, deck=deck))
            if dealt != noted.get(number):
                events.append(AuditEvent(kind=AuditKind.DEALT, members={"list": number, "dealt": dealt}))
                self.keep_setting(f"{_NOTED}{number}", str(dealt))
        if events:
            self._audit.append(events, at=at)

    def note_published(self, numbers: Iterable[int], *, issued_at: int, at: int) -> int:
        """Enter a publication in the audit log; return the number of the entry."""
        members: JsonObject = {"lists": list(numbers), "iat": issued_at}
        return self._audit.append([AuditEvent(kind=AuditKind.PUBLISHED, members=members)], at=at).seq

    def setting(self, name: str) -> str | None:
        """Return a setting of the store, or None."""
        row = self._db.row("SELECT value FROM setting WHERE name = ?", (name,))
        return None if row is None else row[0]

    def keep_setting(self, name: str, value: str) -> None:
        """Change a setting of the store."""
        self._db.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def _change(self, name: str, value: str, *, at: int) -> None:
        self.keep_setting(name, value)
        members: JsonObject = {"setting": name, "value": value}
        self._audit.append([AuditEvent(kind=AuditKind.SETTING_CHANGED, members=members)], at=at)

    def _values(self, number: int) -> dict[int, int]:
        decoys = "SELECT idx, value FROM decoy WHERE list = ? AND value != 0"
        values: dict[int, int] = dict(self._db.rows(decoys, (number,)))
        first, end = number << _LIST_SHIFT, (number + 1) << _LIST_SHIFT
        # A credential that was revoked here outweighs what was published of a place.
        values.update(
            self._db.rows(
                "SELECT idx, status FROM journal WHERE id >= ? AND id < ? AND status != 0", (first, end)
            )
        )
        return values

    def _has_deck(self, number: int) -> bool:
        return self._db.row("SELECT 1 FROM hand WHERE list = ? AND number = 0", (number,)) is not None


def _list_opened(number: int, *, size: int, bits: int, deck: str | None) -> AuditEvent:
    members: JsonObject = {"list": number, "size": size, "bits": bits}
    if deck is not None:
        members["deck"] = deck
    return AuditEvent(kind=AuditKind.LIST_OPENED, members=members)


class _Reserve(Sequence[int]):
    """The indices of a list that are never dealt; read where they are looked at."""

    def __init__(self, decks: DeckTable, number: int, size: int) -> None:
        self._decks = decks
        self._number = number
        self._first = allottable(size)
        self._length = size - self._first

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice):
            return [self[item] for item in range(*place.indices(self._length))]
        if not 0 <= place < self._length:
            raise IndexError(place)
        (index,) = self._decks.indices(self._number, self._first + place, self._first + place + 1)
        return index

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Let a store that was put back go on: from what it knows and from what was published, never backwards.

What was revoked by the newest published lists is revoked again. Every list that there was is closed
for ever: which of its places were given after the copy was made, nobody knows. New lists open far
above the highest number, so that no place is given twice, even of lists that were never published.

What is lost stays lost: who was issued to after the copy was made. Their credentials are good
until they expire or are revoked; a row that is issued again has two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vcred.errors import RefusedError
from vcred.issuer.audit import AuditEvent, AuditKind
from vcred.issuer.engines.store import IssuerStore
from vcred.issuer.engines.store_journal import VALUES
from vcred.issuer.restored import number_after, values_lost
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.status.snapshot import StatusSnapshot
from vcred.status.values import StatusValue
from vcred.trust.belief import Belief
from vcred.trust.statuses import open_status_token

_CHANGE: Final = "reconcile"
_LIST_SHIFT: Final = 32
_PLACEHOLDER_BITS: Final = 2
# The type of lists of which the store knows no credential.
_UNKNOWN_TYPE: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A list of the issuer as it was published: the token, and what it says."""

    token: str
    snapshot: StatusSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What was done.

    Attributes:
        lists: Lists of which the store knew less than was published.
        revoked: Credentials of the journal that are revoked again.
        suspended: Credentials of the journal that are suspended again.
        unknown: Entries that say something about credentials which the store does not know, or
            about nobody; they stay as they were published.
        first_list: Number of the first list that will open.
    """

    lists: int
    revoked: int
    suspended: int
    unknown: int
    first_list: int


def newest_published(belief: Belief, tokens: Iterable[str], *, did: str) -> dict[str, Published]:
    """Find the newest list of an issuer at each URI, in the trust bundle and among tokens.

    Args:
        belief: Of the issuer's own trust bundle.
        tokens: Status list tokens, such as `vcred status publish` wrote.
        did: The issuer.

    Raises:
        TrustBundleError: STATUS_INVALID: a token is of nobody, or not by a status key.
        RefusedError: STATUS_INVALID: it is another issuer's.
    """
    held = [status.token for status in belief.statuses.values() if status.did == did]
    found: dict[str, Published] = {}
    for token in (*held, *tokens):
        opened = open_status_token(token, belief.state)
        if opened.did != did:
            raise RefusedError(Reason.STATUS_INVALID, "a status list is another issuer's")
        known = found.get(opened.snapshot.uri)
        if known is None or known.snapshot.issued_at < opened.snapshot.issued_at:
            found[opened.snapshot.uri] = Published(token=token, snapshot=opened.snapshot)
    return found


def reconcile(store: IssuerStore, published: Mapping[str, Published], *, base: str, at: int) -> Reconciled:
    """Take over what was published, close every list, and let new ones open far above: one transaction.

    Args:
        store: The issuer's; opened and perhaps an old copy.
        published: As `newest_published` gave it.
        base: Under which the issuer's lists stand now.
        at: NumericDate now.
    """
    taking = _Taking(store, at=at)
    with store.db.transaction():
        for uri, item in sorted(published.items()):
            taking.take(uri, item)
        numbers = [row[0] for row in store.db.rows("SELECT number FROM list")]
        first = number_after([*numbers, *(_number_in(uri) for uri in published)], at=at)
        taking.open_from(first, base=base)
        done = Reconciled(
            lists=taking.lists,
            revoked=taking.revoked,
            suspended=taking.suspended,
            unknown=taking.unknown,
            first_list=first,
        )
        members = {
            "lists": done.lists,
            "revoked": done.revoked,
            "suspended": done.suspended,
            "unknown": done.unknown,
            "first_list": done.first_list,
        }
        store.changes.audit.append([AuditEvent(kind=AuditKind.RECONCILED, members=dict(members))], at=at)
    return done


class _Taking:
    """One reconciliation, inside its transaction."""

    def __init__(self, store: IssuerStore, *, at: int) -> None:
        self._db = store.db
        self._lists = store.lists
        self._statuses = store.changes.statuses
        self._at = at
        self.lists = self.revoked = self.suspended = self.unknown = 0

    def take(self, uri: str, item: Published) -> None:
        """Take over one list, if the store knows less of it."""
        row = self._db.row("SELECT number, last_issued_at FROM list WHERE uri = ?", (uri,))
        number = self._add(uri, item.snapshot) if row is None else int(row[0])
        if row is not None and row[1] >= item.snapshot.issued_at:
            return
        entries = self._entries(number)
        known, unknown = values_lost(
            item.snapshot.list, {index: status for index, (_, status) in entries.items()}
        )
        for value, indices in known.items():
            self._set([entries[index][0] for index in indices], value)
        self._lists.keep_decoys(number, unknown)
        self._db.execute(
            "UPDATE list SET last_issued_at = ?, token = ? WHERE number = ?",
            (item.snapshot.issued_at, item.token, number),
        )
        self.lists += 1
        self.revoked += len(known[StatusValue.REVOKED])
        self.suspended += len(known[StatusValue.SUSPENDED])
        self.unknown += len(unknown)

    def open_from(self, first: int, *, base: str) -> None:
        """Close every list, and keep every number below `first` from being used."""
        self._db.execute("UPDATE list SET closed = 1 WHERE closed = 0")
        self._insert(first - 1, f"{base}{first - 1}", bits=_PLACEHOLDER_BITS, size=MIN_STATUS_LIST_SIZE)
        self._lists.set_first_sound(first)

    def _add(self, uri: str, snapshot: StatusSnapshot) -> int:
        wanted = _number_in(uri)
        taken = self._db.row("SELECT 1 FROM list WHERE number = ?", (wanted,))
        number = wanted if taken is None else int(self._db.value("SELECT max(number) + 1 FROM list"))
        self._insert(number, uri, bits=snapshot.bits, size=snapshot.list.size)
        return number

    def _insert(self, number: int, uri: str, *, bits: int, size: int) -> None:
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

    def _entries(self, number: int) -> dict[int, tuple[int, int]]:
        """Number in the journal and status of every credential of a list, by index."""
        rows = self._db.rows(
            "SELECT idx, id, status FROM journal WHERE id >= ? AND id < ?",
            (number << _LIST_SHIFT, (number + 1) << _LIST_SHIFT),
        )
        return {index: (entry, status) for index, entry, status in rows}

    def _set(self, entries: list[int], value: StatusValue) -> None:
        self._statuses.set(
            entries,
            VALUES[value],
            change=_CHANGE,
            at=self._at,
            # It was published, so it was allowed.
            is_approved=True,
            kind=AuditKind.RECONCILED,
        )


def _number_in(uri: str) -> int:
    return int(uri.rpartition("/")[2])

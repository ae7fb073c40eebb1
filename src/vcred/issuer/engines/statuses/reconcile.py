# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Let a store that was put back go on: from what it knows and from what was published, never backwards.

What was revoked by the newest published lists is revoked again. Every list that there was is closed
for ever: which of its places were dealt after the copy was made, nobody knows. New lists open far
above the highest number, so that no place is dealt twice, even of lists that were never published.

What one person may change alone in 24 hours counts as used up, and what is taken over as changed by
one: else whoever puts a copy back, again and again, takes back any number alone (threats ISS-21).

What is lost stays lost: who was issued to after the copy was made, but for what receipts say of it
(`receipts_taken`). Their credentials are good until they expire or are revoked; a row that is issued
again has two.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.codec.times import format_timestamp
from vcred.errors import RefusedError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.store.journal import VALUES
from vcred.issuer.engines.store.memory import EPOCH
from vcred.issuer.engines.store.store import IssuerStore
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
_EPOCH_BYTES: Final = 8


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


def lists_missing(
    kept: Mapping[str, int], issued: Mapping[str, int], *, together: Collection[str]
) -> list[str]:
    """Return the URIs of lists that were signed with the newest which was found, and are not here.

    Args:
        kept, issued, together: As for `require_newer`.
    """
    newest = max(issued.values(), default=0)
    if newest <= max(kept.values(), default=0):
        return []
    return [uri for uri in together if issued.get(uri, 0) < newest]


def require_newer(
    kept: Mapping[str, int],
    issued: Mapping[str, int],
    *,
    together: Collection[str],
    known: int,
    is_all_known: bool,
    nothing_was_published: bool,
) -> None:
    """Refuse to reconcile a store with nothing but itself: what was revoked would be good again.

    Args:
        kept: Of the store: `iat` of the newest token by URI of the list, 0 where there is none.
        issued: Of the lists that were found: likewise.
        together: URIs of those that each publication signs, with one `iat`.
        known: `iat` of the newest list that the home's mark knows of, 0 if of none.
        is_all_known: Whether no newer one can have been published.
        nothing_was_published: The operator says that nothing was, since the copy was made, but what
            is here.

    Raises:
        RefusedError: ROLLBACK: a list is missing that was published, or may have been.
    """
    newest = max((*kept.values(), *issued.values()), default=0)
    if newest < known:
        when = format_timestamp(datetime.fromtimestamp(known, UTC))
        raise RefusedError(
            Reason.ROLLBACK,
            f"this issuer has published status lists at {when}, and none so new is here",
            hint="import the newest bundle, or name a folder of the newest lists: --lists DIR",
        )
    missing = lists_missing(kept, issued, together=together)
    if missing and not nothing_was_published:
        # One list left out, and whoever was revoked in it would be good again.
        raise RefusedError(
            Reason.ROLLBACK,
            f"{len(missing)} of the status lists that were published last are not here, as {missing[0]}",
            hint="name a folder with all lists of that publication: --lists DIR; only if they were never"
            " published with these: --nothing-was-published",
        )
    is_newer = any(at > kept.get(uri, 0) for uri, at in issued.items())
    if not (is_newer or is_all_known or nothing_was_published):
        raise RefusedError(
            Reason.ROLLBACK,
            "no status list is here that is newer than this store: what was revoked since would be"
            " good again",
            hint="import the newest bundle, or name a folder of the newest lists: --lists DIR; only if"
            " no list was published after the copy was made: --nothing-was-published",
        )


def reconcile(
    store: IssuerStore,
    published: Mapping[str, Published],
    *,
    base: str,
    at: int,
    next_list: int,
    nothing_was_published: bool = False,
    request: str | None = None,
) -> Reconciled:
    """Take over what was published, close every list, and let new ones open far above.

    Inside a transaction.

    Args:
        store: The issuer's; opened and perhaps an old copy.
        published: As `newest_published` gave it.
        base: Under which the issuer's lists stand now.
        at: NumericDate now.
        next_list: Lists of a lower number may be known to somebody, says the mark.
        nothing_was_published: The operator has said so; the audit log keeps it.
        request: Id of what a second person has approved; None where one person alone may.
    """
    taking = _Taking(store, at=at)
    for uri, item in sorted(published.items()):
        taking.take(uri, item)
    numbers = [row[0] for row in store.db.rows("SELECT number FROM list")]
    first = number_after([*numbers, *(_number_in(uri) for uri in published), next_list - 1], at=at)
    taking.open_from(first, base=base)
    done = Reconciled(
        lists=taking.lists,
        revoked=taking.revoked,
        suspended=taking.suspended,
        unknown=taking.unknown,
        first_list=first,
    )
    epoch = secrets.token_hex(_EPOCH_BYTES)
    members: JsonObject = {
        EPOCH: epoch,
        "nothing_published": nothing_was_published,
        "lists": done.lists,
        "revoked": done.revoked,
        "suspended": done.suspended,
        "unknown": done.unknown,
        "first_list": done.first_list,
    }
    if request is not None:
        members["request"] = request
    event = AuditEvent(
        kind=AuditKind.RECONCILED,
        members=members,
        unapproved=max(done.revoked + done.suspended, store.changes.changes_left(at=at)),
    )
    head = store.changes.audit.append([event], at=at)
    # Other homes of a shared store know by it that this was done, and need not do it again.
    store.lists.keep_setting(EPOCH, f"{head.seq}:{epoch}")
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
        self._lists.keep_number(
            first - 1, f"{base}{first - 1}", bits=_PLACEHOLDER_BITS, size=MIN_STATUS_LIST_SIZE
        )
        self._lists.set_first_sound(first)

    def _add(self, uri: str, snapshot: StatusSnapshot) -> int:
        wanted = _number_in(uri)
        taken = self._db.row("SELECT 1 FROM list WHERE number = ?", (wanted,))
        number = wanted if taken is None else int(self._db.value("SELECT max(number) + 1 FROM list"))
        self._lists.keep_number(number, uri, bits=snapshot.bits, size=snapshot.list.size)
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

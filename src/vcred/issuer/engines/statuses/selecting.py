# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Find what a selection is about in the issuer's store: all of it, or nothing.

An id under which nothing was issued is refused with all the others: a slip must never take
back somebody else's credential, nor pass unnoticed (threats STA-21). So is one that is a credential's
id and somebody else's row id, too: whoever writes a roster may have named the row so, to be taken
back in place of the credential, or it in theirs.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from vcred.errors import RefusedError, UsageError
from vcred.issuer.engines.store.statuses import Standing, slices
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import JournalEntry, StatusValue, holder_digest, may_become
from vcred.issuer.possession import resolve_holder
from vcred.issuer.selection import ByHolder, ByIds, ByRow, Selection
from vcred.reasons import Reason

_SHOWN: Final = 20
_HINT: Final = (
    'an id is the row_id of a roster, or what "vcred issue" printed;'
    ' "vcred status show ID" shows what it stands for'
)
_BOTH_HINT: Final = (
    '"vcred status show ID" shows what it stands for, each with its row: name the one that is meant by'
    ' "--row ROW"'
)
_HOLDER_HINT: Final = (
    "a wallet makes a new key for each credential: the file of holders says which one a row went to;"
    ' "vcred status show --row ROW" shows what was issued for it'
)


class NothingIssuedError(UsageError):
    """The store knows of no credential under what was named."""


def select_for(store: IssuerStore, selection: Selection, value: StatusValue) -> "array[int]":
    """Return the numbers, in the journal, of what shall get another status; each once, sorted.

    Raises:
        UsageError: Nothing was issued under an id, or it is the row id of several types, or a
            credential's id and the row id of others.
        RefusedError: REVOKED: all that was issued under an id is revoked, and that is final.
            DID_INVALID: the holder's DID is of no usable key.
    """
    groups = _groups(store, selection)
    if not isinstance(selection, ByHolder):
        # All versions of one type are one row, and one person's: they are taken back together.
        types = store.types.names()
        several = [name for name, group in groups if len({types.get(one.type_id) for one in group}) > 1]
        if several:
            raise UsageError(
                f"rows of several types have this row id{_listed(several)}",
                hint="name the credential ids of the receipts",
            )
    # Copies that were revoked one by one do not stand in the way of the rest of their row.
    final = [name for name, group in groups if not any(may_become(one.value, value) for one in group)]
    if final:
        raise RefusedError(
            Reason.REVOKED,
            f"it was revoked, and that is final{_listed(final)}",
            hint="issue a new credential instead",
        )
    return array("q", sorted({one.number for _, group in groups for one in group}))


def select_entries(store: IssuerStore, selection: Selection) -> Iterator[JournalEntry]:
    """Yield the entries of a selection; of a file line by line.

    Of an id that stands for a credential and for a row, both.

    Raises:
        UsageError: Nothing was issued under an id.
        RefusedError: DID_INVALID: the holder's DID is of no usable key.
    """
    match selection:
        case ByIds(ids):
            _require_all(ids, _known(store, ids))
            for some in slices(ids):
                entries, rows = store.entries_of(some), store.changes.statuses.of_rows(some)
                for name in some:
                    if name in entries:
                        yield entries[name]
                    if name in rows:
                        yield from (one for one in store.entries(row_id=name) if one.credential_id != name)
        case ByRow(row_id):
            _require_all([row_id], store.changes.statuses.of_rows([row_id]))
            yield from store.entries(row_id=row_id)
        case ByHolder():
            yield from _held(store, selection)


def refuse_ambiguous(store: IssuerStore, ids: Sequence[str]) -> None:
    """Refuse ids that are a credential's, and the row id of others.

    Raises:
        UsageError: One of them is.
    """
    statuses = store.changes.statuses
    credentials = statuses.of_credentials(ids)
    rows = statuses.of_rows(list(credentials))
    both = [name for name, one in credentials.items() if rows.get(name, [one]) != [one]]
    if both:
        raise UsageError(
            f"this is a credential's id, and the row id of another one{_listed(both)}", hint=_BOTH_HINT
        )


def _groups(store: IssuerStore, selection: Selection) -> list[tuple[str, Sequence[Standing]]]:
    """Return what each name of a selection stands for."""
    statuses = store.changes.statuses
    match selection:
        case ByIds(ids):
            refuse_ambiguous(store, ids)
            known = _known(store, ids)
        case ByRow(row_id):
            ids, known = (row_id,), dict(statuses.of_rows([row_id]))
        case ByHolder(did):
            held = [entry.credential_id for entry in _held(store, selection)]
            ids, known = (did,), {did: tuple(statuses.of_credentials(held).values())}
    _require_all(ids, known)
    return [(name, known[name]) for name in ids]


def _known(store: IssuerStore, ids: Sequence[str]) -> dict[str, Sequence[Standing]]:
    statuses = store.changes.statuses
    known: dict[str, Sequence[Standing]] = {
        name: (one,) for name, one in statuses.of_credentials(ids).items()
    }
    return known | statuses.of_rows([name for name in ids if name not in known])


def _held(store: IssuerStore, selection: ByHolder) -> Iterator[JournalEntry]:
    digest = holder_digest(resolve_holder(selection.did).thumbprint(), secret=store.digest_keys)
    found = False
    for entry in store.by_holder(digest):
        found = True
        yield entry
    if not found:
        raise NothingIssuedError("nothing was issued to this holder", hint=_HOLDER_HINT)


def _require_all(ids: Iterable[str], known: Collection[str]) -> None:
    unknown = [name for name in ids if name not in known]
    if unknown:
        raise NothingIssuedError(f"nothing was issued under this id{_listed(unknown)}", hint=_HINT)


def _listed(names: Sequence[str]) -> str:
    """Say which, and how many more."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f": {', '.join(names[:_SHOWN])}{more}"

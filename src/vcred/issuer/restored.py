# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Is the issuer's store older than what has left the house? The rules; `engines/statuses/safeguard.py` asks.

A store that was put back from a copy deals places a second time, and publishes lists in which
revoked credentials are good again. It is told by what others have meanwhile:

* a status list of the issuer, in the trust bundle held here, that is newer than the store knows, or
  that it does not know at all;
* an evidence record of the issuer on the ledger, of which the home has no batch;
* the mark beside the store, which has come further than the store, or is itself a copy;
* the home's secret by which the store knows rows, which comes after them, where both are gone.

The last tells a store that was put back alone at once, and a whole home where it was copied back
file by file. A disk image or a snapshot of a file system tells nothing by itself: there it is the
next bundle that does. So import the newest bundle after any restoring, before anything is issued.

Spec: docs/spec/evidence.md, What an issuer must keep (threats FI-13, INV-4).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from vcred.ledger.state import State
from vcred.status.bits import StatusList
from vcred.status.values import StatusValue
from vcred.trust.held import HeldStatus

NUMBER_STEP: Final = 1000
_YEAR_2020: Final = 1_577_836_800


class Loss(StrEnum):
    """By what it is told that the store is an old copy; the value says it to a person."""

    LIST_NEWER = "the trust bundle held here has a newer status list of this issuer than its store"
    LIST_UNKNOWN = "the trust bundle held here has a status list of this issuer that its store lacks"
    EVIDENCE_UNKNOWN = "the ledger has an evidence record of this issuer that its home lacks"
    SET_BACK = "the store of this issuer was once further than it is now"
    COPIED = "the home of this issuer is a copy, or was put back from one"
    STORE_COPIED = "the shared store of this issuer was put back from a dump, or moved"
    STORE_GONE = "the store of this issuer is gone, and the mark beside it"
    UNMARKED = "the mark beside the store of this issuer is gone"


def lists_lost(held: Iterable[HeldStatus], kept: Mapping[str, int], *, did: str) -> Loss | None:
    """Say whether a list of the issuer was published that its store does not know of.

    Args:
        held: All lists that the trust bundle has.
        kept: Of the store: `iat` of the newest token by URI of the list, 0 where there is none.
        did: The issuer.
    """
    for status in held:
        if status.did != did:
            continue
        if status.uri not in kept:
            return Loss.LIST_UNKNOWN
        if status.issued_at > kept[status.uri]:
            return Loss.LIST_NEWER
    return None


def own_records(state: State, *, did: str, accepted: int) -> list[bytes]:
    """Return the roots (32 bytes) of an issuer's evidence records on the ledger.

    Args:
        state: The ledger, as far as it is known here.
        did: The issuer.
        accepted: Records at this index or before are known to be lost, and left out.
    """
    return [
        record.root for record in state.evidence.values() if record.author == did and record.index > accepted
    ]


def number_after(numbers: Iterable[int], *, at: int) -> int:
    """Return the number of the first list after a reconciliation.

    Not simply the next one: lists that were opened and dealt from, and never published, are known
    to nobody now. A thousand of them are 115 million credentials. And never that of an earlier
    reconciliation of which nothing is known any more: the seconds since 2020 have gone on.

    Args:
        numbers: Of all lists that the store knows or that were published.
        at: NumericDate now.
    """
    after_known = (max((0, *numbers)) // NUMBER_STEP + 2) * NUMBER_STEP
    return max(after_known, at - _YEAR_2020)


def values_lost(
    published: StatusList, journal: Mapping[int, int]
) -> tuple[dict[StatusValue, list[int]], dict[int, int]]:
    """Compare a newer published list with what the store knows of it.

    What was taken back stays so; what was suspended in the store stays so too, for nobody can tell
    whether its reinstatement was meant to last.

    Args:
        published: As the issuer signed it, later than the store knows.
        journal: Status by index of every credential that the store has in the list.

    Returns:
        By value, the indices of known credentials that get it; and what is said of indices of which
        the store knows no credential: decoys, and credentials that are lost to it.
    """
    known: dict[StatusValue, list[int]] = {StatusValue.REVOKED: [], StatusValue.SUSPENDED: []}
    unknown: dict[int, int] = {}
    for index, value in published.nonzero():
        status = journal.get(index)
        if status is None:
            unknown[index] = value
        elif value == StatusValue.REVOKED != status:
            known[StatusValue.REVOKED].append(index)
        elif value == StatusValue.SUSPENDED and status == StatusValue.VALID:
            known[StatusValue.SUSPENDED].append(index)
    return known, unknown

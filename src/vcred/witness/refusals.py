# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Why a witness does not cosign, in words, and what to do about it."""

from collections.abc import Collection, Mapping
from typing import Final

from vcred.tlog.witness import RefusalKind, WitnessRefusedError
from vcred.witness.monitor import Handed

_RETIRE_HINT: Final = (
    'make a new one with "vcred ledger witness-key", and let network.change put it in the place of this one'
)
_WORDS: Final[Mapping[RefusalKind, tuple[str, str | None]]] = {
    RefusalKind.MALFORMED: ("this is no checkpoint, or its old size is above its size", None),
    RefusalKind.UNSIGNED: ("the log key in force at that size has not signed it", None),
    RefusalKind.ORIGIN_UNKNOWN: (
        "it is of another log",
        "a witness cosigns the network that its authority has founded, or has the network file of",
    ),
    RefusalKind.SIZE_CONFLICT: ("it has cosigned another size", None),
    RefusalKind.FORK: (
        "it has cosigned another root of this size: a fork",
        "keep both heads, they are evidence; publish nothing, and find out which one is whose",
    ),
    RefusalKind.PROOF_INVALID: ("the proof does not lead from its record to this head", None),
    RefusalKind.ENTRIES_MISSING: (
        "it cannot read the entries",
        "can the witness reach the ledger? ask again when it does",
    ),
    RefusalKind.ENTRIES_DIFFER: (
        "the entries that it was shown do not have the root that was signed",
        "the ledger's store is damaged, or somebody lies: publish nothing before it is found",
    ),
    RefusalKind.LOGGED_AHEAD: (
        "an entry is dated more than 5 minutes ahead",
        "compare the clocks of ledger and witness, then ask again",
    ),
    RefusalKind.LOGGED_BACKWARD: ("an entry is dated before the one in front of it", None),
    RefusalKind.VERSION_UNSUPPORTED: ("it has no rule for an entry", "upgrade vcred at the witness"),
    RefusalKind.WITHHELD: (
        "operations that its authority handed over are missing for too long",
        'append them; see "vcred ledger handed" in the home of the authority',
    ),
    RefusalKind.RETIRED: ("its key is not one that the network lists", _RETIRE_HINT),
}
_RETIREMENTS: Final[Mapping[str, str]] = {
    "lost": "its record was lost",
    "copied": "its record is a copy",
    "unmarked": "its record has heads, and no mark beside the keys",
    "set_back": "its record was set back to an older one",
    "contradicted": "its key has cosigned what it does not know of: its record is older, or the key stolen",
}


def refused(
    kind: RefusalKind, *, recorded_size: int, evidence: tuple[bytes, ...] = ()
) -> WitnessRefusedError:
    """The error that says so."""
    words, hint = _WORDS[kind]
    return WitnessRefusedError(kind, words, recorded_size=recorded_size, evidence=evidence, hint=hint)


def refused_for_ever(why: str, *, recorded_size: int) -> WitnessRefusedError:
    """The error for a key that its own witness has retired."""
    words = f"its key is retired for ever: {_RETIREMENTS[why]}"
    return WitnessRefusedError(RefusalKind.RETIRED, words, recorded_size=recorded_size, hint=_RETIRE_HINT)


def refused_as_withheld(missing: Collection[Handed], *, recorded_size: int) -> WitnessRefusedError:
    """The error that names what is missing: hashes are public."""
    error = refused(RefusalKind.WITHHELD, recorded_size=recorded_size)
    named = ", ".join(item.hash for item in missing)
    return WitnessRefusedError(error.kind, f"{error}: {named}", recorded_size=recorded_size, hint=error.hint)

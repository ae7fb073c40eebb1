# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How many witnesses of which jurisdictions make a checkpoint believable, and as of when.

A quorum names groups (jurisdictions) and how many witnesses of each are needed, so
that no jurisdiction alone can vouch for a log.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vcred.errors import QuorumError, SignatureError
from vcred.keys.public import PublicKey
from vcred.tlog.cosignature import verify_cosignature
from vcred.tlog.note import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessKey:
    """A witness that counts: its key name, its Ed25519 key, its group."""

    name: str
    key: PublicKey
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """Any `groups[g]` witnesses of every group g.

    Raises:
        ValueError: No groups, or a group that needs no witness: that would be no quorum.
    """

    groups: Mapping[str, int]

    def __post_init__(self) -> None:
        if not self.groups or any(needed < 1 for needed in self.groups.values()):
            raise ValueError("a quorum needs at least one group, and at least one witness of each")


def cosignature_times(note: Note, witnesses: Collection[WitnessKey]) -> dict[str, int]:
    """Return, by witness name, the POSIX seconds at which known witnesses cosigned the note.

    A line that does not verify counts for nothing, and takes nothing from the others:
    whoever carries the note could add such a line to silence them.
    """
    times: dict[str, int] = {}
    for witness in witnesses:
        try:
            timestamp = verify_cosignature(note, witness.name, witness.key)
        except SignatureError:
            continue
        if timestamp is not None:
            times[witness.name] = timestamp
    return times


def quorum_time(
    cosignatures: Mapping[str, int],
    quorum: Quorum,
    witnesses: Collection[WitnessKey],
    *,
    not_after: int,
) -> int | None:
    """Return the greatest T such that the cosignatures dated T or later still make the quorum.

    Args:
        cosignatures: Verified times by witness name, POSIX seconds.
        quorum: What is needed.
        witnesses: Who counts, and in which group. A key counts once, by its first
            listing, however many names and groups it is listed under.
        not_after: POSIX seconds. What is dated later is not counted: a witness with a
            fast clock must not make old evidence look fresh.

    Returns:
        POSIX seconds, or None where the quorum is not reached.
    """
    times: dict[str, list[int]] = {group: [] for group in quorum.groups}
    seen: set[PublicKey] = set()
    for witness in witnesses:
        timestamp = cosignatures.get(witness.name)
        if witness.key in seen or witness.group not in times:
            continue
        seen.add(witness.key)
        if timestamp is not None and timestamp <= not_after:
            times[witness.group].append(timestamp)
    # The needed-th greatest time is the group's own T; the slowest group decides.
    if any(len(times[group]) < needed for group, needed in quorum.groups.items()):
        return None
    return min(sorted(times[group])[-needed] for group, needed in quorum.groups.items())


def verify_quorum(note: Note, quorum: Quorum, witnesses: Collection[WitnessKey], *, not_after: int) -> int:
    """Prove that a quorum cosigned the note; return the quorum time in POSIX seconds.

    Raises:
        QuorumError: Too few cosignatures that verify and are dated `not_after` or before.
    """
    times = cosignature_times(note, witnesses)
    reached = quorum_time(times, quorum, witnesses, not_after=not_after)
    if reached is None:
        raise QuorumError(f"{len(times)} valid cosignatures do not make the quorum")
    return reached

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Entries of a status list that say something about nobody.

Whoever collects an issuer's lists counts what is revoked, and sees which entries change from
one to the next: the number of the one would tell how an issuer works, the other whose credential
it was, if an event of that minute is known. So an eighth of each list, its *reserve*, belongs to
nobody, and lies: some of it is revoked from the first day on, and with each token, whether or not
anything else has changed, a random number of entries changes.

    at opening       revoked: 1/512 to 1/64 of the reserve; suspended: up to twice the usual number
    at each token    revoked: a quarter of an entry for 131,072, in the mean, and the less the more
                     of the reserve is used up, so that it lasts; suspended: two come for 131,072,
                     and each of those that are there goes with a chance of 1/64

The numbers that come are drawn from a geometric distribution: small ones mostly, large ones now and
then. What this does not hide: that hundreds are revoked at once; nor how many more are revoked in a
year than the reserve could ever have been.

Spec: Token Status List section 12.5.1 (a hint there; the numbers are ours).
"""

from collections.abc import Mapping, Sequence
from math import log
from random import Random
from typing import Final

from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.status.values import StatusValue

_REVOKED_AT_OPENING: Final = (512, 64)
_REVOKED_A_TOKEN: Final = 1 / 4
_SUSPENDED_A_TOKEN: Final = 2
_TOKENS_SUSPENDED: Final = 64
_MAX_DRAWS: Final = 64


def open_decoys(reserve: Sequence[int], *, bits: int, size: int, random: Random) -> dict[int, int]:
    """Choose what the reserve of a new list says.

    Args:
        reserve: The indices that are never dealt.
        bits: Bits to an entry: 1 has no suspension.
        size: Entries of the list.
        random: Unpredictable.

    Returns:
        Value by index, none of them 0.
    """
    least, most = (len(reserve) // part for part in _REVOKED_AT_OPENING)
    revoked = random.randint(least, most)
    usual = _SUSPENDED_A_TOKEN * _TOKENS_SUSPENDED * size // MIN_STATUS_LIST_SIZE
    suspended = random.randint(0, 2 * usual) if bits > 1 else 0
    chosen = random.sample(range(len(reserve)), revoked + suspended)
    values = [StatusValue.REVOKED] * revoked + [StatusValue.SUSPENDED] * suspended
    return {reserve[place]: int(value) for place, value in zip(chosen, values, strict=True)}


def plan_decoys(
    reserve: Sequence[int], values: Mapping[int, int], *, bits: int, size: int, random: Random
) -> dict[int, int]:
    """Choose which decoys change with the next token. What is revoked stays so, as everywhere.

    Args:
        reserve: As for `open_decoys`; few of its items are looked at.
        values: What the decoys of this list say now; an index that is missing says 0.
        bits: As for `open_decoys`.
        size: As for `open_decoys`.
        random: Unpredictable.

    Returns:
        New value by index, 0 among them.
    """
    scale = size / MIN_STATUS_LIST_SIZE
    # Compared as numbers: there are thousands of them.
    used = [*values.values()].count(int(StatusValue.REVOKED))
    unused = max(0.0, 1 - used / len(reserve))
    changed: dict[int, int] = {}
    if bits > 1:
        suspended = int(StatusValue.SUSPENDED)
        for index, value in values.items():
            if value == suspended and random.random() < 1 / _TOKENS_SUSPENDED:
                changed[index] = int(StatusValue.VALID)
        for _ in range(_geometric(_SUSPENDED_A_TOKEN * scale * unused, random)):
            _turn(StatusValue.SUSPENDED, reserve, values, changed, random)
    for _ in range(_geometric(_REVOKED_A_TOKEN * scale * unused, random)):
        _turn(StatusValue.REVOKED, reserve, values, changed, random)
    return changed


def _turn(
    value: StatusValue,
    reserve: Sequence[int],
    values: Mapping[int, int],
    changed: dict[int, int],
    random: Random,
) -> None:
    """Let an entry of the reserve that is valid say something else; if almost none is, none may be found."""
    for _ in range(_MAX_DRAWS):
        index = reserve[random.randrange(len(reserve))]
        if index not in changed and values.get(index, 0) == StatusValue.VALID:
            changed[index] = int(value)
            return


def _geometric(mean: float, random: Random) -> int:
    """Draw a number of 0 or more with that mean."""
    if mean <= 0:
        return 0
    # 1 - random() is never 0.
    return int(log(1 - random.random()) / log(mean / (1 + mean)))

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the wallet holds, as its holder sees it: one line for each name, copies together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vcred.credential.type_definition import TypeDefinition
from vcred.errors import RefusedError, UsageError
from vcred.formats.sd_jwt_vc.present import StoredCredential
from vcred.reasons import Reason
from vcred.verifier.case import Case
from vcred.wallet.kept import KeptCredential
from vcred.wallet.states import Standing, standing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One name of the wallet.

    Attributes:
        name: In this wallet.
        type, type_name: `vct`, and the name in it.
        issuer: DID.
        standing: How it stands: of copies, the one that would be shown next.
        expires_at, received_at: NumericDates.
        copies: How many one-time copies there are; 0 where it can be shown again and again.
        left: How many of them can still be shown.
    """

    name: str
    type: str
    type_name: str
    issuer: str
    standing: Standing
    expires_at: int | None
    received_at: int
    copies: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCredential:
    """One credential with all that it says.

    Attributes:
        holding: Its line of the list.
        stored: Taken apart.
        definition: Of its type, with the labels; None where no bundle is held.
    """

    holding: Holding
    stored: StoredCredential
    definition: TypeDefinition | None


def hold_all(kept: Mapping[str, KeptCredential], case: Case | None, *, now: int) -> tuple[Holding, ...]:
    """Put what is kept in one line for each name, oldest first.

    Args:
        kept: By fingerprint.
        case: Of the wallet's bundle (`states.judging_case`); None without one.
        now: NumericDate.
    """
    by_name: dict[str, list[KeptCredential]] = {}
    for one in kept.values():
        by_name.setdefault(one.name, []).append(one)
    return tuple([_hold(copies, case, now=now) for copies in by_name.values()])


def _hold(copies: Sequence[KeptCredential], case: Case | None, *, now: int) -> Holding:
    shown = next((one for one in copies if not one.is_spent), copies[-1])
    is_one_time = shown.one_time
    return Holding(
        name=shown.name,
        type=shown.type,
        type_name=shown.type_name,
        issuer=shown.issuer,
        standing=standing_of(shown, case, now=now),
        expires_at=shown.expires_at,
        received_at=shown.received_at,
        copies=len(copies) if is_one_time else 0,
        left=sum(not one.is_spent for one in copies) if is_one_time else 0,
    )


def require_named(kept: Mapping[str, KeptCredential], name: str) -> dict[str, KeptCredential]:
    """Return what is kept under a name.

    Raises:
        UsageError: Nothing is.
    """
    named = {fingerprint: one for fingerprint, one in kept.items() if one.name == name}
    if not named:
        raise no_such_name()
    return named


def no_such_name() -> UsageError:
    """Say that nothing is held under a name."""
    return UsageError("the wallet holds no credential of that name", hint='see "vcred wallet list"')


def next_copy(named: Mapping[str, KeptCredential]) -> str | None:
    """Choose which of the copies of a name is shown next, by its fingerprint; None if none is left."""
    return next((fingerprint for fingerprint, one in named.items() if not one.is_spent), None)


def spent() -> RefusedError:
    """Say that no one-time copy is left."""
    return RefusedError(
        Reason.COPIES_SPENT,
        "every one-time copy of this credential has been shown, or may have been",
        hint='ask its issuer for new ones: "vcred wallet apply ISSUER --copies N"',
    )

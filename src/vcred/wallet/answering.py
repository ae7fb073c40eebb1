# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a wallet could answer to a request, and what it proposes: never more than was asked.

    offered       asked, here, and showing nothing else; excess where no registration covers it
    always        asked, and in every code of the credential anyway
    missing       asked, and not in this credential
    together      asked, and here only as part of a whole that shows more: never offered

Preselected are the offered claims that a registration covers, of an asker whom the ledger names, where
the purpose is the registered one and nothing that was asked is lacking. In every other case nothing is:
default No. Only a proposal, and nothing is decided here for the holder; the wallet applies
`selection.check_request` to the choice.

Spec: docs/spec/requests.md section 5; threats: H9, H15, WAL-09.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from vcred.formats.sd_jwt_vc.present import select
from vcred.verifier.asking import AskedRequest, Standing
from vcred.wallet.choosing import Unit, offer_choices
from vcred.wallet.detail import ClaimRow, claim_label
from vcred.wallet.holding import HeldCredential, Holding
from vcred.wallet.selection import is_asked_type


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedUnit:
    """Something that was asked for and can be shown.

    Attributes:
        unit: What can be chosen.
        group: The label of the group it is in.
        is_excess: No registration covers it; of an unknown asker true of all.
    """

    unit: Unit
    group: str
    is_excess: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerable:
    """What one credential can answer.

    Attributes:
        always: All that the credential always shows, asked or not.
        offered: What can be chosen.
        missing: Labels of what was asked and is not in it.
        together: Labels of what was asked and cannot be shown without more than that.
        preselected: Paths of units.
    """

    always: tuple[ClaimRow, ...]
    offered: tuple[OfferedUnit, ...]
    missing: tuple[str, ...]
    together: tuple[str, ...]
    preselected: frozenset[str]


def find_answering(asked: AskedRequest, holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """Find what could answer: of the type that is asked for, and not used up."""
    return tuple(
        [
            holding
            for holding in holdings
            if is_asked_type(holding.type, asked.request.type) and (holding.copies == 0 or holding.left > 0)
        ]
    )


def prepare_answer(asked: AskedRequest, held: HeldCredential, language: str) -> Answerable:
    """Say what a credential has of what was asked, and what is proposed.

    Args:
        asked: The request.
        held: A credential of the type that is asked for.
        language: One of `vcred.text.languages.LANGUAGES`.
    """
    choices = offer_choices(held, language)
    groups = {unit.path: group.label for group in choices.groups for unit in group.units}
    offered = tuple(
        [
            OfferedUnit(unit=unit, group=groups[unit.path], is_excess=_is_excess(asked, held, unit.path))
            for unit in choices.units
            if _shows_only_asked(asked, held, unit.path)
        ]
    )
    always = [row.path for row in choices.always]
    leaves = always + [path for path, _ in held.stored.leaves]
    shown = [*always, *select(held.stored, [one.unit.path for one in offered]).revealed]
    missing = [claim for claim in asked.request.claims if not _is_any_within(leaves, claim)]
    lacking = [claim for claim in asked.request.claims if not _is_any_within(shown, claim)]
    together = [claim for claim in lacking if claim not in missing]
    return Answerable(
        always=choices.always,
        offered=offered,
        missing=tuple([claim_label(held.definition, path, language) for path in missing]),
        together=tuple([claim_label(held.definition, path, language) for path in together]),
        preselected=_preselected(asked, offered, is_complete=not lacking),
    )


def _preselected(
    asked: AskedRequest, offered: tuple[OfferedUnit, ...], *, is_complete: bool
) -> frozenset[str]:
    if asked.standing is not Standing.REGISTERED or not is_complete:
        return frozenset()
    # Claims that are registered for one purpose do not count for another.
    if not asked.is_purpose_registered:
        return frozenset()
    return frozenset([one.unit.path for one in offered if not one.is_excess])


def _shows_only_asked(asked: AskedRequest, held: HeldCredential, path: str) -> bool:
    """Whether showing a unit shows something, its parents counted, and only what was asked."""
    revealed = select(held.stored, (path,)).revealed
    return bool(revealed) and _are_within(revealed, asked.request.claims)


def _is_excess(asked: AskedRequest, held: HeldCredential, path: str) -> bool:
    """Whether a unit shows anything that is asked for beyond the registration."""
    covered = [claim for claim in asked.request.claims if claim not in asked.excess]
    return not _are_within(select(held.stored, (path,)).revealed, covered)


def _are_within(leaves: Iterable[str], claims: Iterable[str]) -> bool:
    outer = tuple([f"{claim}." for claim in claims])
    return all(f"{leaf}.".startswith(outer) for leaf in leaves)


def _is_any_within(leaves: Iterable[str], claim: str) -> bool:
    return any(f"{leaf}.".startswith(f"{claim}.") for leaf in leaves)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""From validated claims to the drafts of their credentials."""

from collections.abc import Sequence
from dataclasses import dataclass

from vcred.codec.json_types import JsonObject
from vcred.credential.draft import CredentialDraft
from vcred.credential.status_reference import StatusReference
from vcred.errors import SchemaError
from vcred.issuer.possession import HolderKey, Possession
from vcred.issuer.terms import IssuingTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCredential:
    """One credential to be: claims that fit the type, and whom it is bound to (None: paper)."""

    row_id: str
    copy: int
    claims: JsonObject
    holder: HolderKey | None

    @property
    def possession(self) -> Possession:
        """How possession of the key was shown."""
        return Possession.NONE if self.holder is None else self.holder.possession


def draft_planned(
    planned: PlannedCredential, terms: IssuingTerms, status: StatusReference
) -> CredentialDraft:
    """Draft one credential whose status index is durable already.

    Raises:
        SchemaError: The claims or the holder do not fit the type.
    """
    return CredentialDraft(
        type_definition=terms.definition,
        vct=terms.vct,
        issuer=terms.issuer.did,
        key_id=terms.issuer.key_id,
        claims=planned.claims,
        holder_key=None if planned.holder is None else planned.holder.key,
        issued_at=terms.issued_at,
        expires_at=terms.definition.expires_at(planned.claims),
        status=status,
    )


def plan_copies(
    row_id: str, claims: JsonObject, holders: Sequence[HolderKey], terms: IssuingTerms, *, copies: int
) -> tuple[PlannedCredential, ...]:
    """Plan the copies of one row: each with a key of its own, so that no two can be linked by it.

    Args:
        holders: One for each copy; none at all for a credential on paper.

    Raises:
        SchemaError: No key for a type that is not issued on paper, too few keys, one key for two
            copies, or less proof than the type requires.

    Spec: RFC 9901 section 10.1; threats ISS-14.
    """
    if not holders and terms.definition.paper:
        return tuple(
            PlannedCredential(row_id=row_id, copy=copy, claims=claims, holder=None) for copy in range(copies)
        )
    if not holders or len(holders) < copies:
        rule = f"{copies} copies need as many keys"
        if not holders:
            rule = f"{terms.definition.name} is not issued on paper: name a holder"
        raise SchemaError("holder", rule, hint="--holder DID, or a line of the holders file, for each copy")
    if len(holders) > 1 and len({holder.key for holder in holders}) != len(holders):
        raise SchemaError("holder", "one key for two copies")
    if terms.definition.possession_required and any(
        holder.possession is not Possession.PROOF for holder in holders
    ):
        raise SchemaError("holder", "a proof of possession is required")
    return tuple(
        [
            PlannedCredential(row_id=row_id, copy=copy, claims=claims, holder=holders[copy])
            for copy in range(copies)
        ]
    )

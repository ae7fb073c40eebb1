# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Seal a credential to its holder's key: whoever carries the output reads nothing of it."""

from collections.abc import Sequence

from vcred.errors import SchemaError
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.issuer.possession import HolderKey
from vcred.securing.jwe import can_receive, seal_to


def check_receivers(holders: Sequence[HolderKey]) -> None:
    """Refuse holders to whom nothing can be sealed.

    Raises:
        SchemaError: None at all, for paper; or a key that only signs.
    """
    if not holders:
        raise SchemaError("holder", "sealed files need a holder's key")
    if not all(can_receive(holder.key) for holder in holders):
        raise SchemaError("holder", "nothing can be sealed to an Ed25519 key")


def seal_credential(text: str, holder: HolderKey | None) -> str:
    """Return the JWE of a signed credential, which only its holder opens.

    Args:
        holder: As `check_receivers` let them pass.
    """
    if holder is None:
        raise ValueError("a credential on paper is for everybody who sees it")
    return seal_to(text.encode("ascii"), holder.key, content_type=MEDIA_TYPE)

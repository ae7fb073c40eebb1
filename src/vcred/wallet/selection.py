# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""May this choice answer that request? The rule a wallet applies before it signs an answer."""

from vcred.credential.request import PresentationRequest
from vcred.errors import RefusedError, UsageError
from vcred.formats.sd_jwt_vc.present import Selection
from vcred.reasons import Reason


def check_request(request: PresentationRequest, selection: Selection, *, vct: str | None, now: int) -> None:
    """Refuse to answer a late request, with another credential, or with more than was asked.

    Showing less is the holder's right: what that is worth is the verifier's decision.

    Args:
        request: What was asked.
        selection: What would be shown.
        vct: The type of the credential that would be shown.
        now: Epoch seconds.

    Raises:
        RefusedError: REQUEST_EXPIRED.
        UsageError: Another type than was asked for, or a claim that was not.
    """
    if now >= request.expires_at:
        raise RefusedError(
            Reason.REQUEST_EXPIRED, "the request has expired", hint="ask the verifier for a new one"
        )
    if not is_asked_type(vct, request.type):
        raise UsageError("the request asks for a credential of another type")
    asked = tuple(f"{path}." for path in request.claims)
    excess = [path for path in selection.revealed if not f"{path}.".startswith(asked)]
    # Nobody is helped by more than was asked, and the holder may be harmed.
    if excess:
        raise UsageError(f"not asked for: {', '.join(excess)}", hint="show only what the request names")


def is_asked_type(vct: str | None, asked: str) -> bool:
    """Whether `asked` is the type itself, or the name in "<publisher>/types/<name>/<version>"."""
    return vct is not None and (vct == asked or vct.rpartition("/")[0].endswith(f"/types/{asked}"))

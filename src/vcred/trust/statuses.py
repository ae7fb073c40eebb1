# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whose status list is it? Only the issuer's own key, under the issuer's own base, may say.

Spec: docs/spec/trust-bundle.md, Import step 8; Token Status List section 8.3.
"""

import re
from dataclasses import dataclass

from vcred.did.operations import Purpose
from vcred.errors import RefusedError, TrustBundleError
from vcred.keys.algorithms import ALGORITHMS
from vcred.ledger.state import Organisation, State
from vcred.reasons import Reason
from vcred.status.snapshot import StatusSnapshot
from vcred.status.token_status_list import parse_status_token, verify_status_token

_LIST_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BelievedStatus:
    """A status list and the DID whose it is."""

    did: str
    snapshot: StatusSnapshot


def list_number(uri: str, organisation: Organisation) -> int | None:
    """The number of the list at `uri` under one of the organisation's bases, or None."""
    for base in organisation.status_bases:
        if uri.startswith(base) and _LIST_NUMBER.fullmatch(uri[len(base) :]):
            return int(uri[len(base) :])
    return None


def open_status_token(text: str, state: State) -> BelievedStatus:
    """Prove that a token is by the organisation under whose base its list stands.

    Says nothing about whether it is the newest, or has expired.

    Raises:
        TrustBundleError: `status_invalid`.
        LimitExceededError: The token is too large.
    """
    try:
        token = parse_status_token(text)
        did, _, fragment = (token.key_id or "").partition("#")
        organisation = state.organisations.get(did)
        if organisation is None or not fragment:
            raise _invalid("a status list is of nobody on the ledger")
        if list_number(token.uri, organisation) is None:
            raise _invalid("a status list does not stand under its issuer's base")
        method = next((m for m in organisation.methods if m.id == token.key_id), None)
        if method is None or method.purpose is not Purpose.STATUS or not method.in_force(token.issued_at):
            raise _invalid("a status list is not by a status key in force at its date")
        if method.is_distrusted(token.issued_at):
            raise _invalid("a status list is by a key that was declared void")
        snapshot = verify_status_token(token, key=method.key, allowed=ALGORITHMS)
    except RefusedError as error:
        raise _invalid(str(error)) from error
    return BelievedStatus(did=did, snapshot=snapshot)


def _invalid(message: str) -> TrustBundleError:
    return TrustBundleError(Reason.STATUS_INVALID, message)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which credentials a request is about, where they are few enough for a line."""

from dataclasses import dataclass
from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.errors import UsageError
from vcred.issuer.change_request import ChangeRequest, ChangeStatus
from vcred.issuer.engines.statuses.status_desk import StatusDesk
from vcred.issuer.selection import ByIds

FEW: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFew:
    """Credential ids and rows of a request; both empty where they are many, or it is about none."""

    credential_ids: tuple[str, ...] = ()
    row_ids: tuple[str, ...] = ()

    def say(self) -> str:
        """Name the rows, or else the credentials, behind what is asked."""
        names = self.row_ids or self.credential_ids
        return f": {', '.join(names)}" if names else ""

    def to_json(self) -> JsonObject:
        """The members that say so."""
        return {"credentials": [*self.credential_ids], "rows": [*self.row_ids]}


def name_few(status: StatusDesk, request: ChangeRequest) -> NamedFew:
    """Name what a request is about, if it is a change of few credentials."""
    if not isinstance(request.wish, ChangeStatus) or request.wish.count > FEW:
        return NamedFew()
    try:
        ids = tuple(status.request_credentials(request.request_id))
    except UsageError:
        # A store of an older vcred has kept none.
        return NamedFew()
    return NamedFew(credential_ids=ids, row_ids=_rows(status, ids))


def _rows(status: StatusDesk, ids: tuple[str, ...]) -> tuple[str, ...]:
    wanted = set(ids)
    try:
        # An id may be somebody else's row id, too: that row is not what was asked about.
        found = [one.receipt for one in status.show(ByIds(ids)) if one.receipt.credential_id in wanted]
    except UsageError:
        # One of them was forgotten meanwhile.
        return ()
    return tuple(dict.fromkeys(receipt.row_id for receipt in found))

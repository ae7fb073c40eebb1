# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an audit log says the store should hold, gathered entry by entry.

    statuses     of every credential that is not valid now, by its id
    in office    who may approve
    settings     limits, interval, purposes, the first list that is sound
    dealt        places of each list, of which none is ever taken back
    published    `iat` of each list's newest token

The log is the witness, the tables are what is asked about. Memory is bounded by the credentials
that are not valid now, not by the log.

Spec: docs/spec/changes.md, What the tables must say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from vcred.codec.fields import get_int, get_text
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError
from vcred.issuer.audit import AuditEntry, AuditKind
from vcred.issuer.change_request import Limit
from vcred.issuer.journal import StatusValue

LIMIT_SETTINGS: Final[Mapping[Limit, str]] = {Limit.CHANGES: "change_limit", Limit.ISSUING: "issue_limit"}
FIRST_SOUND_SETTING: Final = "first_sound_list"


class DifferenceKind(StrEnum):
    """In what the tables say something else than the log; the words are stable."""

    STATUS = "status"
    APPROVER = "approver"
    APPROVAL = "approval"
    ISSUING = "issuing"
    SETTING = "setting"
    DEALT = "dealt"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One kind of difference: how often, and the first one that was found.

    `first`: id of a credential, DID of an approver, name of a setting or number of a list.
    """

    kind: DifferenceKind
    count: int
    first: str


class Differences:
    """Differences as they are found, counted by kind."""

    def __init__(self) -> None:
        self._found: dict[DifferenceKind, tuple[int, str]] = {}

    def add(self, kind: DifferenceKind, which: str) -> None:
        """Count one more."""
        count, first = self._found.get(kind, (0, which))
        self._found[kind] = (count + 1, first)

    def all(self) -> list[Difference]:
        """Return what was found, in the order of the kinds."""
        return [
            Difference(kind=kind, count=self._found[kind][0], first=self._found[kind][1])
            for kind in DifferenceKind
            if kind in self._found
        ]


@dataclass(slots=True, kw_only=True)
class Replay:
    """What the entries that were taken in so far say.

    Attributes:
        statuses: Of credentials that are suspended or revoked now. Those that an upgraded store
            has brought with it are only in `inherited`, by number.
        inherited: How many credentials were revoked, or suspended, before the log began, and have
            not been named in it since.
        published: By number of the list. One that is not here was published before the log began,
            taken over from others, or never.
        places: Of all lists, as the newest entry says.
        differences: What the log itself says that cannot be.
    """

    statuses: dict[str, StatusValue] = field(default_factory=dict)
    inherited: dict[StatusValue, int] = field(default_factory=dict)
    in_office: set[str] = field(default_factory=set)
    settings: dict[str, str] = field(default_factory=dict)
    issuing: list[tuple[int, int]] = field(default_factory=list)
    dealt: dict[int, int] = field(default_factory=dict)
    published: dict[int, int] = field(default_factory=dict)
    places: int = 0
    differences: Differences = field(default_factory=Differences)

    def take(self, entry: AuditEntry) -> None:
        """Take in the next entry.

        Raises:
            DecodeError: It has not the members of its kind.
        """
        self.places = max(self.places, entry.places)
        members = entry.members
        match entry.kind:
            case AuditKind.STATUS | AuditKind.REPLACED:
                self._change(members)
            case AuditKind.RECONCILED if "credential" in members:
                self._change(members)
            case AuditKind.RECONCILED if "first_list" in members:
                self.settings[FIRST_SOUND_SETTING] = str(get_int(members, "first_list"))
                # What was taken over of lists, the entry does not say.
                self.published.clear()
            case AuditKind.UPGRADED:
                for value in (StatusValue.REVOKED, StatusValue.SUSPENDED):
                    self.inherited[value] = get_int(members, value.value)
            case AuditKind.APPROVER_ADDED:
                self.in_office.add(get_text(members, "approver"))
            case AuditKind.APPROVER_REMOVED:
                self.in_office.discard(get_text(members, "approver"))
            case AuditKind.APPROVAL:
                self._approve(get_text(members, "approver"))
            case AuditKind.DEALT if "list" in members:
                self.dealt[get_int(members, "list")] = get_int(members, "dealt")
            case AuditKind.PUBLISHED:
                self._publish(members)
            case _:
                self._set(entry.kind, members)

    def _change(self, members: JsonObject) -> None:
        credential, before = get_text(members, "credential"), _value(members, "before")
        known = self.statuses.get(credential)
        if known is None and self.inherited.get(before, 0):
            # It was so before the log began; only how many were is told.
            self.inherited[before] -= 1
        elif before is not (known or StatusValue.VALID):
            # Changed beside the log, and back by a command.
            self.differences.add(DifferenceKind.STATUS, credential)
        after = _value(members, "after")
        if after is StatusValue.VALID:
            self.statuses.pop(credential, None)
        else:
            self.statuses[credential] = after

    def _approve(self, approver: str) -> None:
        if approver not in self.in_office:
            self.differences.add(DifferenceKind.APPROVAL, approver)

    def _publish(self, members: JsonObject) -> None:
        numbers, issued_at = members.get("lists"), members.get("iat")
        if type(numbers) is not list or type(issued_at) is not int:
            raise DecodeError("a publication without lists or time")
        for number in numbers:
            if type(number) is not int:
                raise DecodeError("a publication of a list without number")
            self.published[number] = issued_at

    def _set(self, kind: AuditKind, members: JsonObject) -> None:
        if kind is AuditKind.LIMIT_CHANGED:
            limit = get_text(members, "limit")
            if limit not in tuple(Limit):
                raise DecodeError("a limit that is not known")
            self.settings[LIMIT_SETTINGS[Limit(limit)]] = str(get_int(members, "number"))
        elif kind is AuditKind.SETTING_CHANGED:
            self.settings[get_text(members, "setting")] = get_text(members, "value")
        elif kind is AuditKind.ISSUING_ALLOWED:
            self.issuing.append((get_int(members, "number"), get_int(members, "until")))


def _value(members: JsonObject, name: str) -> StatusValue:
    value = get_text(members, name)
    if value not in tuple(StatusValue):
        raise DecodeError(f"{name} is no status")
    return StatusValue(value)

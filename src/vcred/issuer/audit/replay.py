# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an audit log says the store should hold, gathered entry by entry.

    statuses     of every credential that is not valid now, by its id
    approvals    who may approve, and whether each change that needs it was (`approvals`)
    settings     limits, interval, purposes, the first list that is sound
    dealt        places of each list, of which none is ever taken back
    published    `iat` of each list's newest token
    decks        what the deck of each list was when it opened

The log is the witness, the tables are what is asked about. But its end can be appended to by whoever
can write the store: so an entry counts only if what was before it allows it. What is revoked stays
so. Memory is bounded by the credentials that are not valid now and by the requests, not by the log.

Spec: docs/spec/changes.md, What the tables must say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vcred.codec.fields import get_int, get_text
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError
from vcred.issuer.audit.approvals import ApprovalReplay
from vcred.issuer.audit.findings import DifferenceKind, Findings, NoticeKind
from vcred.issuer.audit.going_on import GoingOnReplay
from vcred.issuer.audit.log import AuditEntry, AuditKind
from vcred.issuer.change_request import Limit
from vcred.issuer.journal import StatusValue

LIMIT_SETTINGS: Final[Mapping[Limit, str]] = {Limit.CHANGES: "change_limit", Limit.ISSUING: "issue_limit"}
HOURS_SETTING: Final = "issuing_hours"
FIRST_SOUND_SETTING: Final = "first_sound_list"


@dataclass(slots=True, kw_only=True)
class Replay:
    """What the entries that were taken in so far say.

    Attributes:
        issuer: Whose log it is; an approval for any other, or for none, is no good.
        statuses: Of credentials that are suspended or revoked now. Those that an upgraded store
            has brought with it are only in `inherited`, by number.
        inherited: How many credentials were revoked, or suspended, before the log began, and have
            not been named in it since.
        published: By number of the list. One that is not here was published before the log began,
            taken over from others, or never.
        decks: Digest by number of the list. An older vcred did not enter it.
        places: Of all lists, as the newest entry says.
        findings: What the log itself says that cannot be, or that cannot be proved.
    """

    issuer: str = ""
    statuses: dict[str, StatusValue] = field(default_factory=dict)
    inherited: dict[StatusValue, int] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    issuing: list[tuple[int, int]] = field(default_factory=list)
    dealt: dict[int, int] = field(default_factory=dict)
    published: dict[int, int] = field(default_factory=dict)
    decks: dict[int, str] = field(default_factory=dict)
    places: int = 0
    findings: Findings = field(default_factory=Findings)
    approvals: ApprovalReplay = field(init=False)
    _going_on: GoingOnReplay = field(init=False)
    _unapproved: int = 0

    def __post_init__(self) -> None:
        self.approvals = ApprovalReplay(self.issuer, self.findings)
        self._going_on = GoingOnReplay(self.findings)

    def take(self, entry: AuditEntry) -> None:
        """Take in the next entry.

        Raises:
            DecodeError: It has not the members of its kind.
        """
        self.places = max(self.places, entry.places)
        alone, self._unapproved = entry.unapproved - self._unapproved, entry.unapproved
        self._going_on.take(entry, is_staffed=bool(self.approvals.in_office))
        self.approvals.take(entry, alone=alone)
        members = entry.members
        match entry.kind:
            case AuditKind.STATUS | AuditKind.REPLACED:
                self._change(members)
            case AuditKind.RECONCILED if "credential" in members:
                self._change(members)
                self._reconcile(members)
            case AuditKind.RECONCILED if "first_list" in members:
                self.settings[FIRST_SOUND_SETTING] = str(get_int(members, "first_list"))
                # What was taken over of lists, the entry does not say.
                self.published.clear()
            case AuditKind.UPGRADED:
                if entry.seq != 1:
                    # Later on it would say anew how many are revoked, of no credential in particular.
                    self.findings.add(DifferenceKind.STATUS, "of before the log began")
                for value in (StatusValue.REVOKED, StatusValue.SUSPENDED):
                    self.inherited[value] = get_int(members, value.value)
            case AuditKind.LIST_OPENED if "deck" in members:
                self._open(get_int(members, "list"), get_text(members, "deck"))
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
            self.findings.add(DifferenceKind.STATUS, credential)
        after = _value(members, "after")
        if before is StatusValue.REVOKED is not after:
            # No command does: it was appended, to make a table that was edited look right.
            self.findings.add(DifferenceKind.STATUS, credential)
        if after is StatusValue.VALID:
            self.statuses.pop(credential, None)
        else:
            self.statuses[credential] = after

    def _reconcile(self, members: JsonObject) -> None:
        credential = get_text(members, "credential")
        if _value(members, "after") is StatusValue.VALID:
            # From what was published nothing becomes good.
            self.findings.add(DifferenceKind.STATUS, credential)
        else:
            self.findings.notice(NoticeKind.RECONCILED, credential)

    def _open(self, number: int, deck: str) -> None:
        # A list opens once: a second deck was appended to make one that was exchanged look right.
        if self.decks.setdefault(number, deck) != deck:
            self.findings.add(DifferenceKind.DECK, str(number))

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
            limit = Limit(get_text(members, "limit"))
            self.settings[LIMIT_SETTINGS[limit]] = str(get_int(members, "number"))
        elif kind is AuditKind.HOURS_CHANGED:
            self.settings[HOURS_SETTING] = get_text(members, "hours")
        elif kind is AuditKind.SETTING_CHANGED:
            self.settings[get_text(members, "setting")] = get_text(members, "value")
        elif kind is AuditKind.ISSUING_ALLOWED:
            self.issuing.append((get_int(members, "number"), get_int(members, "until")))


def _value(members: JsonObject, name: str) -> StatusValue:
    value = get_text(members, name)
    if value not in tuple(StatusValue):
        raise DecodeError(f"{name} is no status")
    return StatusValue(value)

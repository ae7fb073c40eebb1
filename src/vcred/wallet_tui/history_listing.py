# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The lines of the history: what was shown, to whom, when, and which claims, in the language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from vcred.credential.presentation import Binding
from vcred.text.reasons import say_binding
from vcred.text.words import Words
from vcred.trust.belief import Belief
from vcred.wallet.detail import claim_label, type_label
from vcred.wallet.kept import type_name_of
from vcred.wallet.parties import organisation_name
from vcred.wallet.record import PresentationRecord
from vcred.wallet_tui.listing import say_name
from vcred.wallet_tui.widgets.text import foreign


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One presentation; every text is sanitised."""

    when: str
    what: str
    to_whom: str
    how: str
    issuer: str
    claims: tuple[str, ...]


class HistoryListing:
    """What was shown, the newest first."""

    def __init__(
        self,
        records: Iterable[PresentationRecord],
        belief: Belief | None,
        *,
        words: Words,
        zone: tzinfo,
    ) -> None:
        self._belief = belief
        self._words = words
        self._zone = zone
        self.records = tuple(reversed(tuple(records)))

    def entry(self, record: PresentationRecord) -> HistoryEntry:
        """Say one of them."""
        language = self._words.language
        label = type_label(self._belief, record.type, type_name_of(record.type), language)
        return HistoryEntry(
            when=self._words.datetime(record.at, self._zone),
            what=foreign(label),
            to_whom=self._to_whom(record),
            how=say_binding(str(record.binding), language),
            issuer=self._name(record.issuer),
            claims=self._claims(record),
        )

    def matching(self, typed: str) -> tuple[PresentationRecord, ...]:
        """Those of whose texts one has every word that was typed; all for nothing typed."""
        wanted = typed.casefold().split()
        if not wanted:
            return self.records
        return tuple([record for record in self.records if self._has(record, wanted)])

    def _has(self, record: PresentationRecord, wanted: list[str]) -> bool:
        entry = self.entry(record)
        text = "\n".join((entry.when, entry.what, entry.to_whom, entry.how, *entry.claims)).casefold()
        return all(word in text for word in wanted)

    def _to_whom(self, record: PresentationRecord) -> str:
        if record.binding is Binding.CHALLENGE:
            return self._name(record.audience)
        if record.binding is Binding.LIVE:
            return self._words.gettext("any gate of the network")
        return self._words.gettext("whoever has the paper")

    def _name(self, did: str) -> str:
        name = organisation_name(self._belief, did, self._words.language)
        return foreign(did) if name is None else say_name(name)

    def _claims(self, record: PresentationRecord) -> tuple[str, ...]:
        definition = None if self._belief is None else self._belief.type_definition(record.type)
        labels = [claim_label(definition, path, self._words.language) for path in record.revealed]
        return tuple(dict.fromkeys(foreign(label) for label in labels))

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One credential in words: how it stands, who stands behind it, and all that it says."""

from datetime import UTC, date, datetime, tzinfo

from vcred.text.scripts import is_mixed_script
from vcred.text.states import describe_state
from vcred.text.words import Words
from vcred.trust.belief import Belief
from vcred.wallet.detail import ClaimRow, Shown, sections_of, type_label
from vcred.wallet.holding import HeldCredential, Holding
from vcred.wallet.parties import Voucher, organisation_name, vouchers_of
from vcred.wallet_tui.listing import COLOURS, SIGNS, say_copies, say_name
from vcred.wallet_tui.widgets.sheet import SheetLine, SheetPart
from vcred.wallet_tui.widgets.text import foreign


class DetailSheet:
    """Says credentials in one language, as of one belief."""

    def __init__(self, belief: Belief | None, *, words: Words, zone: tzinfo) -> None:
        self._belief = belief
        self._words = words
        self._zone = zone

    def title(self, holding: Holding) -> str:
        """What kind of credential it is."""
        return foreign(type_label(self._belief, holding.type, holding.type_name, self._words.language))

    def parts(self, held: HeldCredential, *, with_paths: bool) -> tuple[SheetPart, ...]:
        """All of it.

        Args:
            held: Of the wallet.
            with_paths: Write the claim path below each label.
        """
        issued_at = held.stored.presentation.issued_at or 0
        return (
            SheetPart(title=self.title(held.holding), lines=self._standing(held.holding)),
            SheetPart(title=None, lines=self.provenance(held.holding, issued_at=issued_at)),
            *self._claims(held, with_paths=with_paths),
        )

    def provenance(self, holding: Holding, *, issued_at: int) -> tuple[SheetLine, ...]:
        """Who issued it, who vouches for that, until when, and what it is called here."""
        words = self._words
        copies = say_copies(holding, words)
        lines = [
            SheetLine(label=words.gettext("Issued by"), value=self._issuer(holding.issuer)),
            self._trusted(holding, issued_at),
            SheetLine(label=words.gettext("Issued on"), value=self.moment(issued_at)),
            SheetLine(label=words.gettext("Valid until"), value=self._end(holding)),
            SheetLine(label=words.gettext("Status as of"), value=self._as_of(holding)),
            SheetLine(label=words.gettext("Name in this wallet"), value=foreign(holding.name)),
        ]
        if copies:
            lines.append(SheetLine(label=words.gettext("One-time copies"), value=copies))
        return tuple(lines)

    def moment(self, seconds: int) -> str:
        """Write a NumericDate in the holder's zone."""
        return self._words.datetime(datetime.fromtimestamp(seconds, UTC), self._zone)

    def _standing(self, holding: Holding) -> tuple[SheetLine, ...]:
        state = holding.standing.state.value
        said = f"{SIGNS[state]} {describe_state(state, self._words)}"
        return (SheetLine(label=None, value=said, colour=COLOURS[state]),)

    def _issuer(self, did: str) -> str:
        name = organisation_name(self._belief, did, self._words.language)
        return foreign(did) if name is None else say_name(name)

    def _trusted(self, holding: Holding, issued_at: int) -> SheetLine:
        words, language = self._words, self._words.language
        label = words.gettext("Trusted by")
        found = vouchers_of(
            self._belief, holding.issuer, holding.type, issued_at=issued_at, language=language
        )
        if not found:
            value = words.gettext("Nobody that this wallet knows of")
            return SheetLine(label=label, value=f"⚠ {value}", colour="warning")
        return SheetLine(label=label, value="\n".join(self._voucher(one) for one in found))

    def _voucher(self, voucher: Voucher) -> str:
        return self._words.gettext("%(authority)s, for %(place)s") % {
            "authority": say_name(voucher.authority_name),
            "place": say_name(voucher.jurisdiction_name),
        }

    def _end(self, holding: Holding) -> str:
        if holding.expires_at is None:
            return self._words.gettext("no end")
        return self.moment(holding.expires_at)

    def _as_of(self, holding: Holding) -> str:
        as_of = holding.standing.as_of
        return self._words.gettext("not known") if as_of is None else self.moment(as_of)

    def _claims(self, held: HeldCredential, *, with_paths: bool) -> tuple[SheetPart, ...]:
        words = self._words
        sections = sections_of(held, words.language)
        always = words.gettext("Always shown")
        return tuple(
            [
                SheetPart(
                    title=always if section.label is None else foreign(section.label),
                    lines=tuple([self._claim(row, with_paths=with_paths) for row in section.rows]),
                )
                for section in sections
            ]
        )

    def _claim(self, row: ClaimRow, *, with_paths: bool) -> SheetLine:
        value = self.value(row.value)
        if isinstance(row.value, str) and is_mixed_script(row.value):
            value = self._words.gettext("%(value)s  ⚠ letters of several scripts") % {"value": value}
        note = foreign(row.path) if with_paths else ""
        return SheetLine(label=foreign(row.label), value=value, note=note)

    def value(self, value: Shown) -> str:
        """Write the value of a claim: dates as the language has them, sanitised text."""
        words = self._words
        if isinstance(value, bool):
            return words.gettext("yes") if value else words.gettext("no")
        if isinstance(value, datetime):
            return words.datetime(value, self._zone)
        if isinstance(value, date):
            return words.date(value)
        # A number is not grouped: it may be a year, or what names a person.
        return foreign(str(value))

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reading in lines: what the wallet holds, what one credential says, what was shown; and adding one."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final

from vcred.wallet.engines.incoming import read_credential_file
from vcred.wallet.holding import Holding
from vcred.wallet.incoming import split_credentials
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.detail_sheet import DetailSheet
from vcred.wallet_tui.history_listing import HistoryListing
from vcred.wallet_tui.listing import Listing
from vcred.wallet_tui.plain.dialogue import Dialogue
from vcred.wallet_tui.request_input import path_of
from vcred.wallet_tui.widgets.sheet import SheetPart

# What a pasted credential has, and a file name of a person hardly: the ends of its disclosures.
_MARKS: Final = ("~", "eyJ", "{")
_MANY: Final = 20


class Reading:
    """What an open wallet says."""

    def __init__(self, wallet: Wallet, talk: Dialogue, *, zone: tzinfo) -> None:
        self._wallet = wallet
        self._talk = talk
        self._words = talk.words
        self._zone = zone

    def read(self) -> None:
        """List what is held, and read one of it."""
        name = choose_holding(self._wallet, self._talk, self._zone, self._wallet.credentials.list())
        if name is None:
            return
        sheet = DetailSheet(self._wallet.trust.belief(), words=self._words, zone=self._zone)
        self._lay(sheet.parts(self._wallet.credentials.get(name), with_paths=False))

    def receive(self) -> None:
        """Take a credential in: verified in full before it is stored."""
        given = self._talk.ask_pasted(
            self._words.gettext("Name the file of the credential, or paste it; Enter alone leaves:")
        )
        if not given:
            return
        found = split_credentials(given) if given.startswith(_MARKS) else read_credential_file(path_of(given))
        self._talk.say(self._words.gettext("Verifying…"))
        sheet = DetailSheet(self._wallet.trust.belief(), words=self._words, zone=self._zone)
        for text in found:
            received = self._wallet.credentials.receive(text)
            new = self._words.gettext("Verified and stored.")
            known = self._words.gettext("Verified before: the wallet holds it already.")
            self._talk.say(new if received.is_new else known)
            held = self._wallet.credentials.get(received.holding.name)
            issued_at = held.stored.presentation.issued_at or 0
            lines = sheet.provenance(received.holding, issued_at=issued_at)
            self._lay([SheetPart(title=sheet.title(received.holding), lines=lines)])

    def history(self) -> None:
        """Read what was shown, the newest first."""
        listing = HistoryListing(
            self._wallet.history(), self._wallet.trust.belief(), words=self._words, zone=self._zone
        )
        if not listing.records:
            self._talk.say(self._words.gettext("Nothing was shown yet."))
        for number, record in enumerate(listing.records, start=1):
            entry = listing.entry(record)
            claims = self._words.list(entry.claims) or self._words.gettext("only what is always shown")
            self._talk.say(
                self._words.gettext("%(number)s. %(when)s: %(what)s, shown to: %(whom)s. Claims: %(claims)s.")
                % {
                    "number": self._words.number(number),
                    "when": entry.when,
                    "what": entry.what,
                    "whom": entry.to_whom,
                    "claims": claims,
                }
            )
            if number % _MANY == 0 and not self._goes_on():
                return

    def _goes_on(self) -> bool:
        more = self._talk.ask(self._words.gettext("Enter alone leaves; type anything to read on:"))
        return bool(more)

    def _lay(self, parts: Iterable[SheetPart]) -> None:
        for part in parts:
            self._talk.say("")
            if part.title is not None:
                self._talk.say(part.title)
            for line in part.lines:
                # A value of several lines is ours: each of them was sanitised.
                value = self._words.list(line.value.split("\n"))
                if line.label is None:
                    self._talk.say(value)
                    continue
                said = self._words.gettext("%(label)s: %(value)s")
                self._talk.say(said % {"label": line.label, "value": value})


def choose_holding(wallet: Wallet, talk: Dialogue, zone: tzinfo, holdings: tuple[Holding, ...]) -> str | None:
    """Ask which credential; its name, None where there is none or the person leaves."""
    words = talk.words
    if not holdings:
        talk.say(words.gettext("The wallet holds no credential that fits."))
        return None
    listing = Listing(holdings, wallet.trust.belief(), words=words, zone=zone)
    lines = []
    for entry in map(listing.entry, holdings):
        parts = [entry.state, entry.copies, entry.until, entry.issuer]
        line = words.gettext("%(type)s, “%(name)s” in this wallet") % {
            "type": entry.label,
            "name": entry.name,
        }
        lines.append("; ".join([line, *[part for part in parts if part]]))
    chosen = talk.choose(words.gettext("Which credential?"), lines)
    return None if chosen is None else holdings[chosen].name

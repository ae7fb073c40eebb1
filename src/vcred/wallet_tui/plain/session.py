# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The dialogue from unlocking to the end: one menu, one thing at a time, locked when nobody answers."""

import time
from collections.abc import Callable
from datetime import UTC
from typing import Final

from vcred.clock import Clock
from vcred.errors import UsageError, VcredError
from vcred.home import Home
from vcred.keys.custody import Passphrase, Unlock
from vcred.keys.passphrases import read_passphrase
from vcred.text.words import load_words
from vcred.wallet.engines.ways_in import opens_by_itself
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.plain.dialogue import Dialogue
from vcred.wallet_tui.plain.reading import Reading
from vcred.wallet_tui.plain.showing import Presenting
from vcred.wallet_tui.plain.streams import IdleError, InputEndedError, Streams
from vcred.wallet_tui.unlocking import delay_after, say_failure
from vcred.wallet_tui.widgets.text import foreign

_NOT_OPENED: Final = 4
_ATTEMPTS: Final = 5


class _QuitError(Exception):
    """The holder quits."""


class Session:
    """One run of the dialogue."""

    def __init__(
        self,
        home: Home,
        *,
        clock: Clock,
        language: str | None,
        unlock: Unlock | None,
        streams: Streams,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._home = home
        self._clock = clock
        self._unlock = unlock
        self._streams = streams
        self._sleep = sleep
        self._talk = Dialogue(streams, load_words(language or home.settings.language))
        self._words = self._talk.words

    def run(self) -> int:
        """Talk until it is over; see `vcred.wallet_tui.plain.run`."""
        try:
            while True:
                # While nothing is open, nobody has to hurry.
                self._streams.idle_seconds = None
                wallet = self._open()
                if wallet is None:
                    return _NOT_OPENED
                with wallet:
                    self._use(wallet)
                self._talk.say(self._words.gettext("The wallet is locked."))
                self._talk.ask(self._words.gettext("Press Enter to unlock it."))
        except (_QuitError, InputEndedError):
            self._talk.say(self._words.gettext("The wallet is locked. Goodbye."))
            return 0

    def _open(self) -> Wallet | None:
        """Open the wallet; None after too many failures."""
        words = self._words
        for failures in range(1, _ATTEMPTS + 1):
            try:
                unlock, self._unlock = self._given(), self._kept()
                self._talk.say(words.gettext("Unlocking: this takes a moment."))
                return Wallet.open(self._home, unlock=unlock, clock=self._clock)
            except UsageError:
                self._talk.say(words.gettext("Type the passphrase of this wallet."))
            except VcredError as error:
                self._talk.say(say_failure(error, words))
            self._sleep(delay_after(failures))
        return None

    def _given(self) -> Unlock | None:
        if self._unlock is not None or opens_by_itself(self._home):
            return self._unlock
        return read_passphrase(self._talk.ask_secret(self._words.gettext("Passphrase of the wallet:")))

    def _kept(self) -> Unlock | None:
        # A passphrase was given for this once. Kept, it would make every later lock one for show.
        return None if isinstance(self._unlock, Passphrase) else self._unlock

    def _use(self, wallet: Wallet) -> None:
        """Show the menu until the wallet is to be locked."""
        self._streams.idle_seconds = wallet.settings().idle_minutes * 60.0
        zone = self._clock().astimezone().tzinfo or UTC
        reading = Reading(wallet, self._talk, zone=zone)
        presenting = Presenting(wallet, self._talk, clock=self._clock, zone=zone)
        self._greet(wallet)
        deeds: tuple[Callable[[], None] | None, ...] = (
            reading.read,
            presenting.present,
            presenting.answer,
            reading.receive,
            reading.history,
            None,
            self._quit,
        )
        try:
            while (deed := self._ask_deed(deeds)) is not None:
                try:
                    deed()
                except VcredError as error:
                    self._talk.say_error(error)
        except IdleError:
            self._talk.say("", self._words.gettext("Nobody has typed anything for a while."))

    def _ask_deed(self, deeds: tuple[Callable[[], None] | None, ...]) -> Callable[[], None] | None:
        words = self._words
        options = (
            words.gettext("Read a credential"),
            words.gettext("Show a code"),
            words.gettext("Answer a request"),
            words.gettext("Add a credential"),
            words.gettext("History"),
            words.gettext("Lock"),
            words.gettext("Quit"),
        )
        self._talk.say("")
        while (chosen := self._talk.choose(words.gettext("What do you want to do?"), options)) is None:
            self._talk.say(words.gettext("Type %(number)s to quit.") % {"number": words.number(len(options))})
        return deeds[chosen]

    def _greet(self, wallet: Wallet) -> None:
        words = self._words
        name = foreign(self._home.path.resolve().name)
        self._talk.say(words.gettext("The wallet “%(name)s” is open.") % {"name": name})
        if wallet.was_copied:
            self._talk.say(
                words.gettext(
                    "Attention: this wallet is a copy, or was put back from one. Its one-time copies may "
                    "have been shown elsewhere, and are not shown any more."
                )
            )

    def _quit(self) -> None:
        raise _QuitError

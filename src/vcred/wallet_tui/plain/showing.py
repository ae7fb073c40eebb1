# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Showing in lines: choose claims by number, hear what that comes to, agree; then the code as a file or text.

Enter alone shares nothing, at every question.
"""

from collections.abc import Sequence
from datetime import tzinfo

from vcred.clock import Clock
from vcred.verifier.asking import AskedRequest
from vcred.wallet.answering import find_answering, prepare_answer
from vcred.wallet.choosing import Unit, offer_choices
from vcred.wallet.holding import HeldCredential
from vcred.wallet.preview import Previewer
from vcred.wallet.sentences import say_network, say_size, say_to_asker, say_to_gates, say_withheld
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.asked_text import say_asker, say_excess, say_lacking, say_request
from vcred.wallet_tui.claim_text import ClaimText
from vcred.wallet_tui.plain.dialogue import Dialogue
from vcred.wallet_tui.plain.handing import Handing
from vcred.wallet_tui.plain.reading import choose_holding
from vcred.wallet_tui.request_input import read_given
from vcred.wallet_tui.widgets.text import foreign


class Presenting:
    """Shows codes of an open wallet, and answers requests."""

    def __init__(self, wallet: Wallet, talk: Dialogue, *, clock: Clock, zone: tzinfo) -> None:
        self._wallet = wallet
        self._talk = talk
        self._words = talk.words
        self._clock = clock
        self._zone = zone

    def present(self) -> None:
        """Show a live code of chosen claims."""
        name = choose_holding(self._wallet, self._talk, self._zone, self._wallet.credentials.list())
        if name is None:
            return
        held = self._wallet.credentials.get(name)
        choices, texts = offer_choices(held, self._words.language), self._texts()
        self._talk.say(*texts.copies(held.holding))
        for row in choices.always:
            self._say_always(texts.claim(row))
        number = 0
        for group in choices.groups:
            if not group.is_whole:
                self._talk.say(foreign(group.label))
            for unit in group.units:
                number += 1
                self._say_unit(number, unit, ())
        paths = self._ask_units(choices.units, proposed=())
        if paths is not None:
            self._offer(held, paths, asked=None)

    def answer(self) -> None:
        """Answer a request: who asks and what for first."""
        words = self._words
        given = self._talk.ask_pasted(
            words.gettext("Paste the request (VQ1:…), or name its picture file; Enter alone leaves:")
        )
        if not given:
            return
        asked = read_given(given, self._wallet, now=self._clock())
        self._talk.say(*say_asker(asked, words), *say_request(asked, words, self._zone))
        able = find_answering(asked, self._wallet.credentials.list())
        name = choose_holding(self._wallet, self._talk, self._zone, able)
        if name is not None:
            self._answer_with(asked, name)

    def _answer_with(self, asked: AskedRequest, name: str) -> None:
        held, texts = self._wallet.credentials.get(name), self._texts()
        answerable = prepare_answer(asked, held, self._words.language)
        self._talk.say(*say_lacking(answerable, self._words), *texts.copies(held.holding))
        for row in answerable.always:
            self._say_always(texts.claim(row))
        for number, one in enumerate(answerable.offered, start=1):
            if one.group != one.unit.label:
                self._talk.say(foreign(one.group))
            self._say_unit(number, one.unit, say_excess(one, asked, self._words))
        units = tuple([one.unit for one in answerable.offered])
        proposed = [number for number, unit in enumerate(units, 1) if unit.path in answerable.preselected]
        paths = self._ask_units(units, proposed=proposed)
        if paths is not None:
            self._offer(held, paths, asked=asked)

    def _offer(self, held: HeldCredential, paths: tuple[str, ...], *, asked: AskedRequest | None) -> None:
        """Say what a choice comes to, and share it if the person agrees."""
        words, trust = self._words, self._wallet.trust
        belief, network_id = trust.belief(), trust.network_id()
        request = None if asked is None else asked.request
        previewer = Previewer(
            held=held,
            language=words.language,
            references=belief,
            network_id=network_id,
            request=request,
        )
        preview = previewer.preview(paths, now=int(self._clock().timestamp()))
        network = say_network(belief, network_id, words)
        to_gates = say_to_gates(preview.disclosure, words, network=network)
        said = to_gates if asked is None else say_to_asker(preview.disclosure, words, asked=asked)
        self._talk.say(said, say_withheld(preview.disclosure, words), say_size(preview, words))
        if preview.size.symbol is None:
            return
        handing = Handing(self._talk, clock=self._clock)
        if not self._talk.agree(words.gettext("Do not share"), words.gettext("Share")):
            self._talk.say(words.gettext("Nothing was shared."))
            return
        way = handing.ask_way()
        if way is None:
            self._talk.say(words.gettext("Nothing was shared."))
            return
        showing = self._wallet.show(held.holding.name, paths, request=request, paper=previewer.is_paper)
        handing.hand(showing, way)

    def _ask_units(self, units: tuple[Unit, ...], *, proposed: Sequence[int]) -> tuple[str, ...] | None:
        words = self._words
        numbers = words.list([str(number) for number in proposed])
        if numbers:
            registered = words.gettext("The asker is registered to ask for: %(numbers)s.")
            self._talk.say(registered % {"numbers": numbers})
        chosen = self._talk.choose_some(
            words.gettext(
                "Type the numbers of what you want to show, with commas; 0 shows only what is always shown; "
                "Enter alone shares nothing:"
            ),
            len(units),
        )
        return None if chosen is None else tuple([units[index].path for index in chosen])

    def _say_always(self, claim: str) -> None:
        self._talk.say(self._words.gettext("Always shown: %(claim)s") % {"claim": claim})

    def _say_unit(self, number: int, unit: Unit, marks: tuple[str, ...]) -> None:
        text, notes = self._texts().unit(unit)
        self._talk.say(f"{number}. {text}", *marks, *notes)

    def _texts(self) -> ClaimText:
        return ClaimText(self._wallet.trust.belief(), words=self._words, zone=self._zone)

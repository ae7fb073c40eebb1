# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who asks for what and why; then what to answer. "Do not share" has the focus, whoever asks."""

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Button, Static

from vcred.verifier.asking import AskedRequest, Standing
from vcred.wallet.answering import Answerable, OfferedUnit, prepare_answer
from vcred.wallet.code import Showing
from vcred.wallet.preview import Preview, Previewer
from vcred.wallet.sentences import say_to_asker
from vcred.wallet_tui.asked_text import say_asker, say_excess, say_lacking, say_request
from vcred.wallet_tui.screens.consent import ConsentScreen
from vcred.wallet_tui.widgets.claim_chooser import BoxGroup, BoxRow
from vcred.wallet_tui.widgets.text import Plain, foreign


class ReplyScreen(ConsentScreen):
    """An answer to one request.

    Attributes:
        asked: The request.
        names: Of the credentials that could answer.
        credential_name: The one of them that is chosen; None where there is none.
    """

    DEFAULT_CSS = """
    ReplyScreen .asker { text-style: bold; height: auto; }
    ReplyScreen .unknown { color: $error; }
    ReplyScreen #none { height: 1fr; padding: 1 2; }
    ReplyScreen #none Plain { height: auto; }
    """

    def __init__(self, asked: AskedRequest, names: tuple[str, ...]) -> None:
        super().__init__()
        self.asked = asked
        self.names = names
        self.credential_name = names[0] if names else None

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("A request")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "Who asks is what the ledger says, never what the request says. Ticked beforehand is only what "
            "an asker whom the ledger names is registered to ask for. You can untick everything, and you can "
            "leave: then nothing is shared. The answer is good for this asker and this once."
        )

    def keys(self) -> tuple[Binding, ...]:
        """As ever; another credential where several could answer."""
        other = Binding("o", "other", self.words.gettext("Another credential"))
        return (*super().keys(), *((other,) if len(self.names) > 1 else ()))

    def label(self) -> str:
        """What the button says that shares."""
        return self.words.gettext("Share")

    def body(self) -> ComposeResult:
        """The request; and where nothing can answer it, that."""
        if self.credential_name is not None:
            yield from super().body()
            return
        with VerticalScroll(id="none"):
            yield from self._asker()
            yield Plain("⚠ " + self.words.gettext("No credential in this wallet can answer it."))
            yield Button(self.words.gettext("Do not share"), id="no", compact=True)

    def fill(self) -> None:
        """Say what the choice comes to."""
        if self.credential_name is not None:
            super().fill()

    def previewer(self) -> Previewer:
        """Of the credential that would answer."""
        trust = self.wallet.trust
        return Previewer(
            held=self.wallet.credentials.get(self._chosen_name()),
            language=self.words.language,
            references=trust.belief(),
            network_id=trust.network_id(),
            request=self.asked.request,
        )

    def top(self) -> Sequence[Static]:
        """Who asks, what for, with what it would be answered, and what is lacking."""
        texts, held = self.texts(), self.wallet.credentials.get(self._chosen_name())
        answerable = self._answerable()
        lines = [*say_lacking(answerable, self.words), texts.title(held.holding)]
        lines += texts.copies(held.holding)
        if answerable.always:
            lines += [self.words.gettext("Always shown:")]
            lines += [f"  {texts.claim(row)}" for row in answerable.always]
        return [*self._asker(), *map(Plain, lines)]

    def groups(self, chosen: frozenset[str] | None) -> Iterable[BoxGroup]:
        """What was asked and can be shown; ticked is what the wallet proposes, until something is."""
        answerable = self._answerable()
        ticked = answerable.preselected if chosen is None else chosen
        titles = dict.fromkeys([one.group for one in answerable.offered])
        return [self._group(title, answerable, ticked) for title in titles]

    def sentence(self, preview: Preview) -> str:
        """What will be shown, and to whom."""
        return say_to_asker(preview.disclosure, self.words, asked=self.asked)

    def begin(self, paths: frozenset[str]) -> Showing:
        """Answer."""
        return self.wallet.show(self._chosen_name(), sorted(paths), request=self.asked.request)

    async def action_other(self) -> None:
        """Answer with the next credential that could."""
        place = self.names.index(self._chosen_name())
        self.credential_name = self.names[(place + 1) % len(self.names)]
        self.chosen = None
        await self.reword()
        self.query_one("#no", Button).focus()

    def _asker(self) -> list[Static]:
        is_unknown = self.asked.standing is not Standing.REGISTERED
        first, *rest = say_asker(self.asked, self.words)
        classes = "asker unknown" if is_unknown else "asker"
        lines = [*rest, *say_request(self.asked, self.words, self.wallet_app.zone)]
        return [Plain(first, classes=classes), *map(Plain, lines)]

    def _group(self, title: str, answerable: Answerable, ticked: frozenset[str]) -> BoxGroup:
        offered = [one for one in answerable.offered if one.group == title]
        is_alone = len(offered) == 1 and offered[0].unit.label == title
        rows = tuple([self._row(one, ticked) for one in offered])
        return BoxGroup(title=None if is_alone else foreign(title), rows=rows)

    def _row(self, one: OfferedUnit, ticked: frozenset[str]) -> BoxRow:
        text, notes = self.texts().unit(one.unit)
        marked = (*say_excess(one, self.asked, self.words), *notes)
        return BoxRow(path=one.unit.path, text=text, notes=marked, is_chosen=one.unit.path in ticked)

    def _answerable(self) -> Answerable:
        held = self.wallet.credentials.get(self._chosen_name())
        return prepare_answer(self.asked, held, self.words.language)

    def _chosen_name(self) -> str:
        if self.credential_name is None:
            raise RuntimeError("no credential can answer")
        return self.credential_name

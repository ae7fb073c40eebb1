# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Choose what of a credential to show to the gates of the network."""

from collections.abc import Iterable, Sequence

from textual.widgets import Static

from vcred.wallet.choosing import ChoiceGroup, Unit, offer_choices
from vcred.wallet.code import Showing
from vcred.wallet.preview import Preview, Previewer
from vcred.wallet.sentences import say_network, say_to_gates
from vcred.wallet_tui.screens.consent import ConsentScreen
from vcred.wallet_tui.widgets.claim_chooser import BoxGroup, BoxRow
from vcred.wallet_tui.widgets.text import Plain, foreign


class PresentScreen(ConsentScreen):
    """A live code of one credential."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.credential_name = name

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("Show a code")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "Tick what you want to show, and read what that comes to. Nothing is shown before you press the "
            "button. What is always shown stands first: the credential cannot be shown without it. A group "
            "has a box for all of it. The fewer claims, the larger the squares of the code, and the "
            "easier a camera reads it."
        )

    def label(self) -> str:
        """What the button says that shares."""
        return self.words.gettext("Show code")

    def previewer(self) -> Previewer:
        """Of the credential, as it is in the wallet now."""
        trust = self.wallet.trust
        return Previewer(
            held=self.wallet.credentials.get(self.credential_name),
            language=self.words.language,
            references=trust.belief(),
            network_id=trust.network_id(),
            request=None,
        )

    def top(self) -> Sequence[Static]:
        """What it is, and what is always shown."""
        texts, held = self.texts(), self.wallet.credentials.get(self.credential_name)
        lines = [texts.title(held.holding), *texts.copies(held.holding)]
        always = offer_choices(held, self.words.language).always
        if always:
            lines += [self.words.gettext("Always shown:"), *[f"  {texts.claim(row)}" for row in always]]
        return [Plain(line) for line in lines]

    def groups(self, chosen: frozenset[str] | None) -> Iterable[BoxGroup]:
        """All that can be shown; nothing is ticked beforehand."""
        held = self.wallet.credentials.get(self.credential_name)
        choices = offer_choices(held, self.words.language)
        return [self._group(group, chosen or frozenset()) for group in choices.groups]

    def sentence(self, preview: Preview) -> str:
        """What will be shown, and to whom."""
        trust = self.wallet.trust
        network = say_network(trust.belief(), trust.network_id(), self.words)
        return say_to_gates(preview.disclosure, self.words, network=network)

    def begin(self, paths: frozenset[str]) -> Showing:
        """Show it."""
        is_paper = self.previewer().is_paper
        return self.wallet.show(self.credential_name, sorted(paths), paper=is_paper)

    def _group(self, group: ChoiceGroup, chosen: frozenset[str]) -> BoxGroup:
        rows = tuple([self._row(unit, chosen) for unit in group.units])
        return BoxGroup(title=None if group.is_whole else foreign(group.label), rows=rows)

    def _row(self, unit: Unit, chosen: frozenset[str]) -> BoxRow:
        text, notes = self.texts().unit(unit)
        return BoxRow(path=unit.path, text=text, notes=notes, is_chosen=unit.path in chosen)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A choice before anybody agrees to it: what it shows, what it keeps back, how large its code is.

Nothing is signed here and nothing leaves. What is measured is what would be sent, to the byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from vcred.credential.request import PresentationRequest
from vcred.qr.references import References
from vcred.wallet.choosing import Disclosure, describe_choice, offer_choices
from vcred.wallet.code import LIVE_SUFFIX
from vcred.wallet.cost import CodeSize, claims_to_drop, measure_code
from vcred.wallet.holding import HeldCredential


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a choice comes to.

    `to_drop` are the labels of what to leave out so that a symbol holds the rest; none where it fits.
    """

    disclosure: Disclosure
    size: CodeSize
    to_drop: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewer:
    """Previews choices of one credential for one addressee.

    Attributes:
        held: The whole credential.
        language: Of the labels.
        references: The wallet's belief; None packs plainly.
        network_id: Of the wallet's network.
        request: What is answered; None is a live code for any gate.
    """

    held: HeldCredential
    language: str
    references: References | None
    network_id: str
    request: PresentationRequest | None

    def preview(self, paths: Iterable[str], *, now: int) -> Preview:
        """Say what a choice comes to.

        Args:
            paths: The choice.
            now: NumericDate at which it would be signed.

        Raises:
            SchemaError: It names a claim that the credential does not have.
        """
        chosen = tuple(paths)
        size = self._measure(chosen, now)
        return Preview(
            disclosure=describe_choice(self.held, chosen, self.language),
            size=size,
            to_drop=() if size.symbol is not None else self._labels(self._to_drop(chosen, now)),
        )

    @property
    def is_paper(self) -> bool:
        """Whether it is for print, without a holder's key."""
        return not self.held.stored.presentation.has_cnf

    @property
    def audience(self) -> str:
        """Whom the answer, or the live code, names."""
        return self.network_id + LIVE_SUFFIX if self.request is None else self.request.audience

    def _measure(self, paths: tuple[str, ...], now: int) -> CodeSize:
        stored, nonce = self.held.stored, None if self.request is None else self.request.nonce
        return measure_code(
            stored, paths, references=self.references, audience=self.audience, issued_at=now, nonce=nonce
        )

    def _to_drop(self, paths: tuple[str, ...], now: int) -> tuple[str, ...]:
        stored, nonce = self.held.stored, None if self.request is None else self.request.nonce
        return claims_to_drop(
            stored, paths, references=self.references, audience=self.audience, issued_at=now, nonce=nonce
        )

    def _labels(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        labels = {unit.path: unit.label for unit in offer_choices(self.held, self.language).units}
        return tuple([labels[path] for path in paths])

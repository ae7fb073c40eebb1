# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Make the code that shows a choice of claims: signed, packed, and small enough for one symbol."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vcred.credential.presentation import Binding
from vcred.credential.request import PresentationRequest
from vcred.errors import UsageError
from vcred.formats.sd_jwt_vc.present import Selection, StoredCredential, present, select
from vcred.keys.signer import Signer
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack
from vcred.qr.references import References
from vcred.wallet.cost import check_symbol, measure_costs

LIVE_SUFFIX: Final = "#live"
REDRAW: Final = timedelta(seconds=30)
"""How often a live code is drawn anew. Spec: docs/spec/qr.md, Live mode."""

SHOWING: Final = timedelta(minutes=10)
"""How long one showing goes on being drawn anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedCode:
    """What to show: the SD-JWT(+KB), and the same packed as the text of a QR code ("VC1:...").

    `size_bytes` is the packed size; `revealed` and `withheld` are claim paths, those always
    shown left out.
    """

    sd_jwt: str
    text: str
    size_bytes: int
    binding: Binding
    revealed: tuple[str, ...]
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be shown, of which credential, to whom. Nothing in it is signed.

    Attributes:
        stored: The credential.
        paths: The choice, as it was made.
        selection: What the choice reveals and withholds.
        audience: "<network id>#live", or the DID of who asked.
        request: What is answered; None is a live code, or one on paper.
        paper: Without a binding.
        references: Makes the code small; None packs it plainly.
        symbol: It is for a QR code, and must fit one.
    """

    stored: StoredCredential
    paths: tuple[str, ...]
    selection: Selection
    audience: str
    request: PresentationRequest | None
    paper: bool
    references: References | None
    symbol: bool

    @property
    def binding(self) -> Binding:
        """How the holder will be bound."""
        if self.paper:
            return Binding.NONE
        return Binding.LIVE if self.request is None else Binding.CHALLENGE


def make_plan(
    stored: StoredCredential,
    paths: tuple[str, ...],
    *,
    network_id: str,
    request: PresentationRequest | None,
    paper: bool,
    references: References | None,
    symbol: bool,
) -> Plan:
    """Choose what to show.

    Raises:
        SchemaError: A path that the credential does not have.
        UsageError: It is or is not for paper; a code on paper answers no request.
    """
    if request is not None and paper:
        raise UsageError("a code on paper answers no request")
    if not stored.presentation.has_cnf and not paper:
        raise UsageError("the credential has no holder's key", hint="show it with --paper")
    # A code without a binding, of a credential that has a key, is refused at every gate.
    if stored.presentation.has_cnf and paper:
        raise UsageError("the credential is bound to a key and cannot be shown on paper")
    return Plan(
        stored=stored,
        paths=paths,
        selection=select(stored, paths),
        audience=network_id + LIVE_SUFFIX if request is None else request.audience,
        request=request,
        paper=paper,
        references=references,
        symbol=symbol,
    )


def make_code(plan: Plan, signer: Signer | None, *, nonce: str, issued_at: int) -> PresentedCode:
    """Sign and pack what was planned.

    Args:
        plan: What to show.
        signer: The key of the credential; None on paper.
        nonce: base64url of 16 random bytes, for a live code; a request brings its own.
        issued_at: NumericDate.

    Raises:
        LimitExceededError: Too much for a QR code; the hint says what showing it costs.
    """
    chosen = nonce if plan.request is None else plan.request.nonce
    shown = present(
        plan.stored, plan.paths, signer=signer, audience=plan.audience, nonce=chosen, issued_at=issued_at
    )
    packed = pack(shown, plan.references)
    code = PresentedCode(
        sd_jwt=shown,
        text=encode_text(packed),
        size_bytes=len(packed),
        binding=plan.binding,
        revealed=plan.selection.revealed,
        withheld=plan.selection.withheld,
    )
    if plan.symbol:
        check_symbol(
            code.text,
            lambda: measure_costs(
                plan.stored, plan.paths, references=plan.references, audience=plan.audience
            ),
            is_known=_knows_type(plan),
        )
    return code


def _knows_type(plan: Plan) -> bool:
    vct = plan.stored.presentation.vct
    if plan.references is None or vct is None:
        return False
    return plan.references.type_definition(vct) is not None


class Showing:
    """One showing: a first code, and the same drawn anew while it goes on.

    The history has one line for it, and a one-time copy is used once for all of it: whoever is in
    front of the screen sees one code at a time. A request is answered once.
    """

    def __init__(
        self, plan: Plan, first: PresentedCode, *, began: datetime, draw: Callable[[], PresentedCode]
    ) -> None:
        self._plan = plan
        self._first: PresentedCode | None = first
        self._draw = draw
        self.began = began

    @property
    def ends(self) -> datetime:
        """When it is drawn anew for the last time."""
        if self._plan.request is not None:
            return datetime.fromtimestamp(self._plan.request.expires_at, tz=self.began.tzinfo)
        return self.began + SHOWING

    @property
    def is_redrawn(self) -> bool:
        """Whether its code is good for a minute only; an answer is good as long as its request."""
        return self._plan.binding is Binding.LIVE

    def code(self, *, now: datetime) -> PresentedCode:
        """Return the code to show from now on: the first, then a new one each time.

        Raises:
            UsageError: The showing has ended.
            StoreError: The wallet was locked meanwhile.
        """
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if now >= self.ends or not self.is_redrawn:
            raise UsageError("this showing has ended", hint="show the credential again")
        return self._draw()

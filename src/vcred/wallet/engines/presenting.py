# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Show a choice of claims: made in memory, noted durably, and only then handed out.

A one-time copy is marked as shown in the same step as the line of the history. Whatever stops the
program before that, nothing has left; whatever stops it after, the copy is never shown again (INV-9,
threats: WAL-07).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from vcred.clock import Clock
from vcred.credential.presentation import Binding
from vcred.credential.request import PresentationRequest
from vcred.files.mark import write_mark
from vcred.formats.sd_jwt_vc.present import StoredCredential, open_credential
from vcred.qr.references import References
from vcred.wallet.code import Plan, PresentedCode, Showing, make_code, make_plan
from vcred.wallet.engines.receiving import fresh_nonce, signer_for
from vcred.wallet.engines.store import WalletStore
from vcred.wallet.holding import spent
from vcred.wallet.kept import find_copies, fingerprint_of, keep
from vcred.wallet.key_use import KeyUse
from vcred.wallet.record import PresentationRecord
from vcred.wallet.selection import check_request


class Presenter:
    """Shows credentials of one open store."""

    def __init__(self, store: WalletStore, mark: Path, clock: Clock) -> None:
        self._store = store
        self._mark = mark
        self._clock = clock

    def show(
        self,
        text: str,
        paths: Iterable[str],
        *,
        network_id: str,
        references: References | None,
        request: PresentationRequest | None,
        paper: bool,
        symbol: bool,
    ) -> Showing:
        """Begin a showing. Args and errors as `Wallet.present`; `text` is not sealed."""
        stored = open_credential(text)
        plan = make_plan(
            stored,
            tuple(paths),
            network_id=network_id,
            request=request,
            paper=paper,
            references=references,
            symbol=symbol,
        )
        now = self._now()
        if request is not None:
            vct = stored.presentation.vct
            check_request(request, plan.selection, vct=vct, now=int(now.timestamp()))
        use = self._use_of(stored)
        if use.is_spent:
            raise spent()
        first = self._draw(plan, at=now)
        self._note(plan, first, use, at=now)
        return Showing(plan, first, began=now, draw=lambda: self._draw(plan, at=self._now()))

    def _use_of(self, stored: StoredCredential) -> KeyUse:
        """What is known of the use of its key; also of a credential that is shown from a file."""
        key = stored.presentation.holder_key
        if key is None:
            return KeyUse()
        use = self._store.use(key.thumbprint())
        if use.one_time or self._store.is_held(fingerprint_of(stored)):
            return use
        kept = keep(stored, name="", received_at=0)
        is_copy = bool(find_copies(kept, self._store.credentials().values()))
        return replace(use, one_time=is_copy)

    def _draw(self, plan: Plan, *, at: datetime) -> PresentedCode:
        signer = signer_for(self._store, plan.stored)
        return make_code(plan, signer, nonce=fresh_nonce(), issued_at=int(at.timestamp()))

    def _note(self, plan: Plan, code: PresentedCode, use: KeyUse, *, at: datetime) -> None:
        presentation = plan.stored.presentation
        record = PresentationRecord(
            at=at,
            binding=code.binding,
            audience="" if code.binding is Binding.NONE else plan.audience,
            issuer=presentation.issuer,
            type=presentation.vct or "",
            credential=fingerprint_of(plan.stored),
            revealed=code.revealed,
        )
        key, used = presentation.holder_key, use
        if use.shown_at is None:
            used = replace(use, shown_at=int(at.timestamp()))
        is_news = key is not None and used != self._store.use(key.thumbprint())
        uses = {} if key is None or not is_news else {key.thumbprint(): used}
        progress = self._store.note_shown(record, uses=uses)
        if use.one_time:
            # So that an older copy of the store, in which this one is not marked, is known for one.
            write_mark(self._mark, progress)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)

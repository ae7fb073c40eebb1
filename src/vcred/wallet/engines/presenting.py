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
from vcred.wallet.kept import KeptCredential, fingerprint_of
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
        held = self._held(stored)
        if any(one.is_spent for one in held.values()):
            raise spent()
        first = self._draw(plan, at=now)
        self._note(plan, first, held, at=now)
        return Showing(plan, first, began=now, draw=lambda: self._draw(plan, at=self._now()))

    def _held(self, stored: StoredCredential) -> dict[str, KeptCredential]:
        """What the store notes of this very credential: also one that is shown from a file is marked."""
        fingerprint = fingerprint_of(stored)
        kept = self._store.kept(fingerprint)
        return {} if kept is None else {fingerprint: kept}

    def _draw(self, plan: Plan, *, at: datetime) -> PresentedCode:
        signer = signer_for(self._store, plan.stored)
        return make_code(plan, signer, nonce=fresh_nonce(), issued_at=int(at.timestamp()))

    def _note(
        self, plan: Plan, code: PresentedCode, held: dict[str, KeptCredential], *, at: datetime
    ) -> None:
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
        shown_at = int(at.timestamp())
        changed = {
            name: replace(one, shown_at=shown_at) for name, one in held.items() if one.shown_at is None
        }
        # What is shown from a file may be received later: it was shown all the same.
        seen = {} if held else {record.credential: shown_at}
        progress = self._store.note_shown(record, changed, seen=seen)
        if any(one.one_time for one in changed.values()):
            # So that an older copy of the store, in which this one is not marked, is known for one.
            write_mark(self._mark, progress)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)

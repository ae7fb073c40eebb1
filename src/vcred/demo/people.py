# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The holders: three wallets, and the rows of people whose wallets are elsewhere."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from vcred.codec.base64url import encode_base64url
from vcred.demo.cast import HOLDER_FINTECH, HOLDER_GD, HOLDER_MO
from vcred.demo.outcome import IssuedFile
from vcred.demo.stage import Stage
from vcred.files import write_atomic
from vcred.home import read_home
from vcred.issuer.applications import Application, Applications
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.qr.engines.zxing import draw_png
from vcred.trust.store import TrustStore
from vcred.wallet import Wallet
from vcred.wallet.wallet import PresentedCode

HOLDERS = (HOLDER_GD, HOLDER_MO, HOLDER_FINTECH)
_ENROLMENT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """A code as a picture file, and what is in it."""

    file: Path
    code: PresentedCode


class People:
    """The three holders of the story."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.credentials: dict[str, IssuedFile] = {}
        self._pictures = 0
        for holder in HOLDERS:
            Wallet.create(stage.home(holder), network_file=stage.network_bytes).__exit__(None, None, None)

    def apply(self, holder: str, issuer: str, row_ids: list[str]) -> Applications:
        """Apply for every row: the holder for the first one, with a proof; others give a bare DID."""
        enrolment_code = encode_base64url(secrets.token_bytes(_ENROLMENT_BYTES))
        with self._wallet(holder) as wallet:
            proof = wallet.apply(self._stage.dids[issuer], enrolment_code).proof
        own, *others = row_ids
        applications = {own: (Application(proof=proof, nonce=enrolment_code),)}
        for row_id in others:
            elsewhere = SoftwareSigner.generate(ES256).public_key.did_key()
            applications[row_id] = (Application(did=elsewhere),)
        return applications

    def receive(self, holder: str, issuer: str, type_name: str, file: Path) -> None:
        """The holder gets the file that the issuer has written."""
        self.credentials[holder] = IssuedFile(file=file, type=type_name, holder=holder, issuer=issuer)

    def keep(self) -> None:
        """Each wallet verifies what it got, now that it knows whom to believe, and keeps it."""
        for holder in self.credentials:
            with self._wallet(holder) as wallet:
                wallet.credentials.receive(self.credential(holder))

    def credential(self, holder: str) -> str:
        """The holder's credential, as it was issued."""
        return self.credentials[holder].file.read_text(encoding="ascii").strip()

    def present(self, holder: str, *paths: str) -> ShownFile:
        """Show chosen claims of the holder's credential as a code, written as a picture."""
        return self.present_other(holder, self.credential(holder), *paths)

    def present_other(self, holder: str, credential: str, *paths: str) -> ShownFile:
        """Show chosen claims of a credential that is bound to the holder's key."""
        with self._wallet(holder) as wallet, self._trust(holder) as trust:
            belief = trust.belief()
            code = wallet.present(credential, paths, belief=belief, network_id=belief.network_id)
        self._pictures += 1
        folder = self._stage.out / "presentations"
        folder.mkdir(exist_ok=True)
        file = folder / f"{self._pictures:02}-{holder}.png"
        write_atomic(file, draw_png(code.text))
        return ShownFile(file=file, code=code)

    def _wallet(self, holder: str) -> Wallet:
        return Wallet.open(self._stage.homes[holder], clock=self._stage.clock)

    def _trust(self, holder: str) -> TrustStore:
        return TrustStore.open(read_home(self._stage.homes[holder]), clock=self._stage.clock)

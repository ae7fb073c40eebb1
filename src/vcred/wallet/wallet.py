# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door that a holder's program opens: it knows the home, the keys and the clock.

    with Wallet.open("holder-1") as wallet:
        application = wallet.apply(issuer_did, enrolment_code)
        ...
        code = wallet.present(credential, ["match", "test"], belief=belief, network_id=belief.network_id)

Each credential has a key of its own. Nothing is shown before the history of what was shown
is on the disk.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.clock import Clock, system_clock
from vcred.codec.base64url import encode_base64url
from vcred.credential.presentation import Binding
from vcred.credential.request import PresentationRequest
from vcred.errors import UsageError
from vcred.files import lock_folder
from vcred.formats.sd_jwt_vc.present import StoredCredential, open_credential, present, select
from vcred.home import Home, Role, Settings, create_home, open_home
from vcred.keys.algorithms import ES256
from vcred.keys.home_keys import create_home_keyring, open_home_keyring
from vcred.keys.keyring import Keyring, KeyRole, Unlock
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack
from vcred.qr.references import References
from vcred.wallet.cost import ClaimCost, check_symbol, measure_costs
from vcred.wallet.engines.history import append_record, read_records
from vcred.wallet.possession import make_possession_proof
from vcred.wallet.record import PresentationRecord, credential_fingerprint
from vcred.wallet.sealed import unseal
from vcred.wallet.selection import check_request

HISTORY_FILE: Final = "history.jsonl"
LIVE_SUFFIX: Final = "#live"
_NONCE_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a holder hands to an issuer: the did:key of a new key, and the proof that it is theirs."""

    did: str
    proof: str


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


class Wallet:
    """A holder's home, unlocked."""

    def __init__(self, *, home: Home, keyring: Keyring, clock: Clock) -> None:
        self._home = home
        self._keyring = keyring
        self._clock = clock

    @classmethod
    def create(
        cls,
        path: Path | str,
        *,
        network_file: bytes | None = None,
        settings: Settings | None = None,
        unlock: Unlock | None = None,
        clock: Clock = system_clock,
    ) -> Self:
        """Make a holder's home, and open it.

        Args:
            path: The folder; made if missing.
            network_file: Content of the network file; the home keeps a copy.
            settings: Language and the like.
            unlock: What will open the keys; None makes a key file inside the home, which
                protects against nobody who can read the home.
            clock: Gives now, timezone-aware.

        Raises:
            StoreError: The folder is a home already, or cannot be made.
        """
        home = create_home(Path(path), Role.HOLDER, settings or Settings(), network_file=network_file)
        return cls(home=home, keyring=create_home_keyring(home, unlock), clock=clock)

    @classmethod
    def open(
        cls, home: Home | Path | str, *, unlock: Unlock | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open a holder's home.

        Args:
            home: The folder that `create` or `vcred init holder` made.
            unlock: A passphrase or key file; None takes the key file inside the home.
            clock: Gives now, timezone-aware.

        Raises:
            StoreError: No home is there, or the keys do not open.
            UsageError: The home is of another role.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.HOLDER)
        return cls(home=opened, keyring=open_home_keyring(opened, unlock), clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keyring.close()

    def apply(self, issuer: str, nonce: str) -> Application:
        """Make a new P-256 key for one credential, and prove its possession to one issuer.

        Args:
            issuer: The issuer's DID.
            nonce: The enrolment code that the issuer gave out.

        Raises:
            StoreError: The key cannot be stored; then no proof leaves.
            ValueError: No issuer, or an empty enrolment code.
        """
        signer = SoftwareSigner.generate(ES256)
        issued_at = int(self._clock().timestamp())
        proof = make_possession_proof(signer, audience=issuer, nonce=nonce, issued_at=issued_at)
        self._keyring.add(_key_name(signer.public_key.thumbprint()), signer, role=KeyRole.HOLDER)
        return Application(did=signer.public_key.did_key(), proof=proof)

    def present(
        self,
        credential: str,
        paths: Iterable[str],
        *,
        belief: References | None,
        network_id: str,
        request: PresentationRequest | None = None,
        paper: bool = False,
        symbol: bool = True,
    ) -> PresentedCode:
        """Show chosen claims of a credential, bound to its key, to this network's gates or to who asked.

        Args:
            credential: As it was issued, "<jwt>~<d>~...~<d>~", or sealed to a key of this wallet.
            paths: Claim paths to show; see `vcred.formats.sd_jwt_vc.present.select`.
            belief: Makes the code small; None packs it plainly.
            network_id: The audience of a live code is "<network id>#live".
            request: What a verifier asked; None makes a live code.
            paper: Make a code without a binding, for print; only of a credential without a key.
            symbol: It will be shown as a QR code, so refuse what does not fit one; False where
                the text itself is handed over.

        Raises:
            DecodeError: The credential is not an SD-JWT VC.
            RefusedError: As `open_credential`; REQUEST_EXPIRED.
            SchemaError: A path that the credential does not have.
            KeyMaterialError: It is sealed, and was changed on the way.
            UsageError: The credential is not this wallet's, is or is not for paper, is not of
                the type asked for, or the choice shows what was not asked.
            LimitExceededError: Too much for a QR code; the hint says what showing it costs.
            StoreError: The history cannot be written, or another process holds the wallet; then
                nothing is shown.
        """
        stored = open_credential(unseal(credential, self._signer_of))
        choice = tuple(paths)
        selection = select(stored, choice)
        now = self._clock().replace(microsecond=0)
        issued_at = int(now.timestamp())
        if request is not None and paper:
            raise UsageError("a code on paper answers no request")
        if request is not None:
            check_request(request, selection, vct=stored.presentation.vct, now=issued_at)
        audience = network_id + LIVE_SUFFIX if request is None else request.audience
        nonce = encode_base64url(secrets.token_bytes(_NONCE_BYTES)) if request is None else request.nonce
        signer = self._signer_for(stored, paper=paper)
        shown = present(stored, choice, signer=signer, audience=audience, nonce=nonce, issued_at=issued_at)
        packed = pack(shown, belief)
        code = PresentedCode(
            sd_jwt=shown,
            text=encode_text(packed),
            size_bytes=len(packed),
            binding=_binding(request, paper=paper),
            revealed=selection.revealed,
            withheld=selection.withheld,
        )
        if symbol:
            check_symbol(
                code.text,
                lambda: measure_costs(stored, choice, references=belief, audience=audience),
                is_known=_knows_type(belief, stored),
            )
        self._remember(stored, code, at=now, audience="" if paper else audience)
        return code

    def costs(
        self, credential: str, paths: Iterable[str], *, belief: References | None, network_id: str
    ) -> tuple[ClaimCost, ...]:
        """Measure what each claim of a credential adds to a live code. Signs and shows nothing.

        Raises:
            DecodeError: The credential is not an SD-JWT VC.
            RefusedError: As `open_credential`.
            SchemaError: A path that the credential does not have.
        """
        stored = open_credential(unseal(credential, self._signer_of))
        return measure_costs(stored, paths, references=belief, audience=network_id + LIVE_SUFFIX)

    def history(self) -> tuple[PresentationRecord, ...]:
        """Return what was shown, oldest first.

        Raises:
            StoreError: The history is damaged or cannot be read.
        """
        return read_records(self._home.path / HISTORY_FILE)

    def _signer_for(self, stored: StoredCredential, *, paper: bool) -> Signer | None:
        presentation = stored.presentation
        if not presentation.has_cnf:
            if not paper:
                raise UsageError("the credential has no holder's key", hint="show it with --paper")
            return None
        # A code without a binding, of a credential that has a key, is refused at every gate.
        if paper:
            raise UsageError("the credential is bound to a key and cannot be shown on paper")
        key = presentation.holder_key
        return self._signer_of("" if key is None else key.thumbprint())

    def _signer_of(self, thumbprint: str) -> Signer:
        name = _key_name(thumbprint)
        # Asked of the list: what a stranger wrote is never looked for as a file.
        if name not in self._keyring.names():
            raise UsageError(
                "the credential's key is not in this wallet", hint="open the wallet that applied for it"
            )
        return self._keyring.signer(name)

    def _remember(
        self, stored: StoredCredential, code: PresentedCode, *, at: datetime, audience: str
    ) -> None:
        presentation = stored.presentation
        record = PresentationRecord(
            at=at,
            binding=code.binding,
            audience=audience,
            issuer=presentation.issuer,
            type=presentation.vct or "",
            credential=credential_fingerprint(presentation.sd_jwt.issuer_jwt),
            revealed=code.revealed,
        )
        with lock_folder(self._home.path):
            append_record(self._home.path / HISTORY_FILE, record)


def _key_name(thumbprint: str) -> str:
    """A key goes by its thumbprint, so that a credential's `cnf` finds it."""
    return f"holder-{thumbprint}"


def _binding(request: PresentationRequest | None, *, paper: bool) -> Binding:
    if paper:
        return Binding.NONE
    return Binding.LIVE if request is None else Binding.CHALLENGE


def _knows_type(references: References | None, stored: StoredCredential) -> bool:
    vct = stored.presentation.vct
    if references is None or vct is None:
        return False
    return references.type_definition(vct) is not None

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door that a holder's program opens: it knows the home, the store, the trust bundle and the clock.

    with Wallet.open("holder-1", unlock=Passphrase(secret)) as wallet:
        application = wallet.apply(issuer_did, enrolment_code)
        ...
        wallet.credentials.receive(text)
        code = wallet.show("health-code", ["match", "test"]).code(now=now)

Each credential has a key of its own, made here and used here. Nothing is stored before it is verified;
nothing is shown before the history of what was shown is on the disk.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from vcred.clock import Clock, system_clock
from vcred.credential.request import PresentationRequest
from vcred.files import lock_folder
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.home import Home, Role, Settings, create_home, open_home
from vcred.keys.custody import KeyringUnlock, Passphrase
from vcred.keys.home_keys import change_home_unlock, create_home_keyring, open_home_keyring
from vcred.keys.keyring import Keyring, Unlock
from vcred.keys.passphrase_box import open_box, seal_box
from vcred.qr.references import References
from vcred.wallet.backup import BACKUP_TYPE, decode_backup, encode_backup
from vcred.wallet.code import LIVE_SUFFIX, PresentedCode, Showing
from vcred.wallet.cost import ClaimCost, measure_costs
from vcred.wallet.engines.credentials import Credentials
from vcred.wallet.engines.home_trust import HomeTrust
from vcred.wallet.engines.opening import OpenedStore, open_store
from vcred.wallet.engines.presenting import Presenter
from vcred.wallet.engines.receiving import apply_for, find_signer
from vcred.wallet.engines.restoring import make_restored_home, read_all
from vcred.wallet.possession import Application
from vcred.wallet.record import PresentationRecord
from vcred.wallet.sealed import unseal
from vcred.wallet.settings import WalletSettings

__all__ = ["Application", "PresentedCode", "Showing", "Wallet"]


class Wallet:
    """A holder's home, unlocked. One process has it at a time.

    `credentials` is what it holds, `trust` what it relies on. `was_copied` says that it was found to be
    a copy when it was opened, or put back from one: its one-time copies are not shown any more.
    """

    def __init__(
        self, *, home: Home, keyring: Keyring, opened: OpenedStore, clock: Clock, held: ExitStack
    ) -> None:
        self.home = home
        self.was_copied = opened.was_copied
        self._keyring = keyring
        self._store = opened.store
        self._presenter = Presenter(opened.store, opened.mark, clock)
        self._clock = clock
        self._held = held
        self.trust = HomeTrust(home, clock)
        self.credentials = Credentials(opened.store, self.trust, clock)
        held.callback(self.trust.close)

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
            unlock: What will open the wallet; None makes a key file inside the home, which
                protects against nobody who can read the home.
            clock: Gives now, timezone-aware.

        Raises:
            StoreError: The folder is a home already, or cannot be made.
        """
        home = create_home(Path(path), Role.HOLDER, settings or Settings(), network_file=network_file)
        return cls._open(home, create_home_keyring(home, unlock), clock)

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
            StoreError: No home is there, it does not open, is damaged, or another process has it.
            UsageError: The home is of another role.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.HOLDER)
        return cls._open(opened, open_home_keyring(opened, unlock), clock)

    @classmethod
    def _open(cls, home: Home, keyring: Keyring, clock: Clock) -> Self:
        with ExitStack() as held:
            # WAL-17. Two processes would each show the same one-time copy.
            held.enter_context(lock_folder(home.path))
            held.callback(keyring.close)
            opened = open_store(home, keyring)
            held.callback(opened.store.close)
            return cls(home=home, keyring=keyring, opened=opened, clock=clock, held=held.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lock the wallet: forget what opens it, and let other processes have it."""
        self._held.close()

    def apply(self, issuer: str, nonce: str) -> Application:
        """Make a new P-256 key for one credential, and prove its possession to one issuer.

        Args:
            issuer: The issuer's DID.
            nonce: The enrolment code that the issuer gave out.

        Raises:
            StoreError: The key cannot be stored; then no proof leaves.
            ValueError: No issuer, or an empty enrolment code.
        """
        (application,) = self.apply_for_copies(issuer, nonce, copies=1)
        return application

    def apply_for_copies(self, issuer: str, nonce: str, *, copies: int) -> tuple[Application, ...]:
        """As `apply`, with a new key for each of several one-time copies.

        Raises:
            UsageError: Fewer than 1, or more than an issuer issues.
        """
        return apply_for(self._store, issuer, nonce, copies=copies, issued_at=self._seconds())

    def history(self) -> tuple[PresentationRecord, ...]:
        """What was shown, oldest first.

        Raises:
            StoreError: The store is damaged.
        """
        return self._store.history()

    # Showing.

    def show(
        self,
        name: str,
        paths: Iterable[str],
        *,
        request: PresentationRequest | None = None,
        paper: bool = False,
        symbol: bool = True,
    ) -> Showing:
        """Begin to show chosen claims of a credential of this wallet.

        Args:
            name: In this wallet; of copies, one that was not shown yet is used.
            paths, request, paper, symbol: As `present`.

        Raises:
            UsageError: There is none of that name; and all that `present` raises.
            RefusedError: COPIES_SPENT: no copy is left that was not shown.
        """
        return self._presenter.show(
            self.credentials.next_text(name),
            paths,
            network_id=self.trust.network_id(),
            references=self.trust.belief(),
            request=request,
            paper=paper,
            symbol=symbol,
        )

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
            paper: Make a code without a binding; only of a credential without a key.
            symbol: It will be a QR code: refuse what does not fit one.

        Raises:
            DecodeError: The credential is not an SD-JWT VC.
            RefusedError: As `open_credential`; REQUEST_EXPIRED; COPIES_SPENT.
            SchemaError: A path that the credential does not have.
            KeyMaterialError: It is sealed, and was changed on the way.
            UsageError: The credential is not this wallet's, is or is not for paper, is not of
                the type asked for, or the choice shows what was not asked.
            LimitExceededError: Too much for a QR code; the hint says what showing it costs.
            StoreError: The history cannot be written; then nothing is shown.
        """
        showing = self._presenter.show(
            self._unsealed(credential),
            paths,
            network_id=network_id,
            references=belief,
            request=request,
            paper=paper,
            symbol=symbol,
        )
        return showing.code(now=self._clock())

    def costs(
        self, credential: str, paths: Iterable[str], *, belief: References | None, network_id: str
    ) -> tuple[ClaimCost, ...]:
        """Measure what each claim of a credential adds to a live code. Signs and shows nothing.

        Errors as `present`, of the credential and the paths.
        """
        stored = open_credential(self._unsealed(credential))
        return measure_costs(stored, paths, references=belief, audience=network_id + LIVE_SUFFIX)

    # What the holder has chosen, and keeping it all.

    def settings(self) -> WalletSettings:
        """What the holder has chosen for this wallet."""
        return WalletSettings.decode(self._store.settings())

    def change_settings(self, settings: WalletSettings) -> None:
        """Keep what the holder has chosen. Raises StoreError."""
        self._store.change_settings(settings.encode())

    def change_unlock(self, unlock: KeyringUnlock) -> None:
        """Let another secret open the wallet from now on, in one step, or raise StoreError."""
        change_home_unlock(self.home, self._keyring, unlock)

    def backup(self, passphrase: Passphrase) -> bytes:
        """Seal all that this wallet keeps, but for the trust bundle; at most 64 MiB. Raises StoreError."""
        content = read_all(self.home, self._store, made_at=self._seconds())
        return seal_box(encode_backup(content), passphrase, media_type=BACKUP_TYPE)

    @classmethod
    def restore(
        cls,
        path: Path | str,
        sealed: bytes,
        passphrase: Passphrase,
        *,
        unlock: Unlock | None = None,
        clock: Clock = system_clock,
    ) -> Self:
        """Make a new home of a backup, and open it. One-time copies not shown by then are uncertain.

        Args:
            path: Where no home is.
            sealed: As `backup` returned it.
            passphrase: Of the backup.
            unlock: As `create`, of the new home.
            clock: As `create`.

        Raises:
            StoreError: A home is there already; the passphrase is another one; the system refuses.
            DecodeError: Not a wallet's backup, or damaged.
        """
        content = decode_backup(open_box(sealed, passphrase, media_type=BACKUP_TYPE))
        make_restored_home(Path(path), content, unlock=unlock)
        return cls.open(path, unlock=unlock, clock=clock)

    def _unsealed(self, credential: str) -> str:
        return unseal(credential, lambda thumbprint: find_signer(self._store, thumbprint))

    def _seconds(self) -> int:
        return int(self._clock().timestamp())

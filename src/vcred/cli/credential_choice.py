# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which credential a command means: a file, or a name in the wallet. What could be both is neither."""

from collections.abc import Iterable
from pathlib import Path

from vcred.cli.inputs import STREAM, read_input
from vcred.credential.request import PresentationRequest
from vcred.errors import DecodeError, UsageError
from vcred.limits import MAX_SEALED_CHARACTERS
from vcred.wallet.cost import ClaimCost
from vcred.wallet.holding import no_such_name
from vcred.wallet.wallet import PresentedCode, Wallet


class Chosen:
    """A credential that is about to be shown."""

    def __init__(self, wallet: Wallet, *, name: str | None, text: str) -> None:
        """`name` is None of one that comes from a file; `text` is as issued, or sealed."""
        self._wallet = wallet
        self._name = name
        self._text = text

    def show(
        self, paths: Iterable[str], *, request: PresentationRequest | None, paper: bool
    ) -> PresentedCode:
        """Show chosen claims. Errors as `Wallet.show` and `Wallet.present`."""
        wallet = self._wallet
        if self._name is not None:
            showing = wallet.show(self._name, paths, request=request, paper=paper)
            return showing.code(now=showing.began)
        return wallet.present(
            self._text,
            paths,
            belief=wallet.trust.belief(),
            network_id=wallet.trust.network_id(),
            request=request,
            paper=paper,
        )

    def costs(self, paths: Iterable[str]) -> tuple[ClaimCost, ...]:
        """What each claim adds. Errors as `Wallet.costs`."""
        trust = self._wallet.trust
        return self._wallet.costs(self._text, paths, belief=trust.belief(), network_id=trust.network_id())


def choose_credential(wallet: Wallet, given: str) -> Chosen:
    """Find what a word on the command line means.

    Args:
        wallet: Open.
        given: "-" for stdin, the name of a file, or a name in the wallet. Names have no "/", so a file
            can always be said by "./FILE".

    Raises:
        UsageError: A file and a credential of that name are both there, or neither is.
        StoreError, DecodeError: The file cannot be read, or is no credential.
    """
    is_held = given in wallet.credentials.names().values()
    is_file = given == STREAM or "/" in given or Path(given).exists()
    if is_held and is_file:
        raise UsageError(
            f"{given} is a file here, and a credential in the wallet",
            hint=f'for the file write "./{given}"; for the credential be in another folder, or rename it',
        )
    if is_held:
        return Chosen(wallet, name=given, text=wallet.credentials.get(given).stored.presentation.text)
    # What has the look of a file is told as one that is not there.
    if not is_file and not Path(given).suffix:
        raise no_such_name()
    return Chosen(wallet, name=None, text=_read(given))


def _read(file: str) -> str:
    try:
        return read_input(file, max_bytes=MAX_SEALED_CHARACTERS).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise DecodeError(f"{file} is not a credential (an SD-JWT as text, or one that is sealed)") from error

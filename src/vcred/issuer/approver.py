# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door of an approver: a person with a home of their own, and one key that approves.

    with Approver.open("carol") as carol:
        text = carol.approve(decode_request(path.read_bytes()))

The issuer knows the person by the did:key of that key, and never has the key itself.
"""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.clock import Clock, system_clock
from vcred.errors import RefusedError, StoreError
from vcred.home import Home, Role, Settings, create_home, open_home
from vcred.issuer.approval import concerns, sign_approval
from vcred.issuer.change_request import ChangeRequest
from vcred.keys.algorithms import ES256
from vcred.keys.custody import KeyRole
from vcred.keys.home_keys import create_home_keyring, open_home_keyring
from vcred.keys.keyring import Unlock
from vcred.keys.signer import Signer
from vcred.reasons import Reason

_KEY_NAME: Final = "approval-1"


class Approver:
    """Approves under one home's key. Use it as a context manager."""

    def __init__(self, signer: Signer, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock

    @staticmethod
    def create(
        path: Path | str,
        *,
        network_file: bytes | None = None,
        settings: Settings | None = None,
        unlock: Unlock | None = None,
    ) -> Home:
        """Make the home of an approver, with its one key.

        Raises:
            StoreError: The folder is a home already, or cannot be made.
        """
        home = create_home(Path(path), Role.APPROVER, settings or Settings(), network_file=network_file)
        with create_home_keyring(home, unlock) as keyring:
            keyring.create(_KEY_NAME, ES256, role=KeyRole.APPROVAL)
        return home

    @classmethod
    def open(
        cls, home: Home | Path | str, *, unlock: Unlock | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open the home of an approver.

        Raises:
            StoreError: The home or its key cannot be read.
            UsageError: The home is of another role.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.APPROVER)
        with open_home_keyring(opened, unlock) as keyring:
            signers = keyring.signers(KeyRole.APPROVAL)
        if not signers:
            raise StoreError(f"{opened.path} has no key that approves", hint="restore it from a backup")
        return cls(signers[_KEY_NAME] if _KEY_NAME in signers else next(iter(signers.values())), clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    @property
    def did(self) -> str:
        """The did:key by which an issuer knows this person."""
        return self._signer.public_key.did_key()

    def approve(self, request: ChangeRequest) -> str:
        """Sign a request that the person has read; good for 24 hours, and for this one request.

        Raises:
            RefusedError: NOT_AUTHORISED: it is about this person's own office.
        """
        if concerns(request, self.did):
            raise RefusedError(Reason.NOT_AUTHORISED, "nobody approves what is about themselves")
        return sign_approval(request, signer=self._signer, at=int(self._clock().timestamp()))

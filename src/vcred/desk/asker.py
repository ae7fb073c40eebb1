# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door by which a verifier asks: it knows the home, its keys, what the ledger says of it, the clock.

    with Asker.open("gate-mo") as gate:
        asked = gate.ask("health-code", ["match"], purpose="Entry to the hospital")
        show(asked.text)                                     # "VQ1:...", the text of a QR code

What was asked is on the disk before it is shown: `Verifier.evaluate` of the same home then knows
its answer by the nonce, and takes one.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.clock import Clock, system_clock
from vcred.codec.base64url import encode_base64url
from vcred.credential.request import PresentationRequest
from vcred.desk.asking_plan import IMPORT_HINT, plan_claims, plan_type
from vcred.desk.engines.late_keys import has_keys
from vcred.desk.engines.party_file import PartyFile
from vcred.desk.own_keys import METHOD_KEYS, signing_method
from vcred.did.operations import Purpose
from vcred.errors import UsageError
from vcred.home import Home, Role, open_home
from vcred.keys.home_keys import open_home_keyring
from vcred.keys.keyring import Keyring, Unlock
from vcred.keys.signer import Signer
from vcred.ledger.state import MethodRecord
from vcred.limits import MAX_REQUEST_VALIDITY
from vcred.qr.request_text import encode_request
from vcred.trust.belief import Belief
from vcred.trust.store import TrustStore
from vcred.verifier.asking import AskedRequest, read_request
from vcred.verifier.authentic import request_key, request_until
from vcred.verifier.engines.asked import SqliteAsked
from vcred.verifier.request_token import sign_request

_NONCE_BYTES: Final = 16
_LONGEST: Final = int(MAX_REQUEST_VALIDITY.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that was made: as it is shown ("VQ1:..."), and as wallets with this ledger read it."""

    text: str
    read: AskedRequest

    @property
    def request(self) -> PresentationRequest:
        """What is asked."""
        return self.read.request


class Asker:
    """Asks holders in the name of one verifier's home. Use it as a context manager."""

    def __init__(self, *, home: Home, did: str, keyring: Keyring, trust: TrustStore, clock: Clock) -> None:
        self.did = did
        self._asked = SqliteAsked(home.path)
        self._keyring = keyring
        self._trust = trust
        self._clock = clock

    @classmethod
    def open(
        cls, home: Home | Path | str, *, unlock: Unlock | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open a verifier's home that has a DID.

        Args:
            home: The folder that `vcred init verifier` made.
            unlock: What opens its keys; None means the key file of the home.
            clock: Gives now, timezone-aware.

        Raises:
            StoreError: The home, its keys or its trust store cannot be read.
            UsageError: The home is of another role, or has no DID yet.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.VERIFIER)
        did = PartyFile(opened.path).did
        if did is None or not has_keys(opened):
            raise UsageError("this home has no DID yet", hint='make one with "vcred did create"')
        trust = TrustStore.open(opened, clock=clock)
        try:
            keyring = open_home_keyring(opened, unlock)
        except BaseException:
            trust.__exit__(None, None, None)
            raise
        return cls(home=opened, did=did, keyring=keyring, trust=trust, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keyring.close()
        self._trust.__exit__(kind, error, trace)

    def ask(
        self,
        type_: str,
        claims: Iterable[str],
        *,
        purpose: str,
        valid: timedelta = MAX_REQUEST_VALIDITY,
    ) -> Asked:
        """Make a request with a nonce of its own, and remember it.

        Args:
            type_: A `vct`, or a type's name: its newest version that this verifier is registered for,
                else the newest one.
            claims: Claim paths; a group's name asks for all of the group.
            purpose: One line of at most 200 characters, as the registration has it in some language:
                else wallets say that it is another.
            valid: How long it may be answered, whole seconds, at most 300.

        Raises:
            UsageError: No such type or claim, no key of this home's DID in force, or `valid` out of range.
            RefusedError: REQUEST_INVALID: the purpose, or too many claims.
            LimitExceededError: Too much for a code.
            StoreError: No trust bundle is held, or the request cannot be remembered.
        """
        self._trust.refresh()
        belief = self._trust.belief()
        now = self._clock().replace(microsecond=0)
        at, seconds = int(now.timestamp()), int(valid.total_seconds())
        if not 1 <= seconds <= _LONGEST:
            raise UsageError(f"a request is good for 1 to {_LONGEST} seconds")
        vct = plan_type(belief, self.did, type_, at=at)
        method, signer = self._signer(belief, at=at)
        request = PresentationRequest(
            audience=self.did,
            nonce=encode_base64url(secrets.token_bytes(_NONCE_BYTES)),
            type=vct,
            claims=plan_claims(belief, vct, claims),
            purpose=purpose,
            issued_at=at,
            expires_at=at + seconds,
        )
        jws = sign_request(request, network_id=belief.network_id, key_id=method.id, signer=signer)
        made = Asked(
            text=encode_request(jws),
            # Also proves that the key which signed is the one that the ledger has.
            read=read_request(jws, belief=belief, network_id=belief.network_id, now=now),
        )
        key = request_key(request.audience, request.nonce)
        self._asked.keep(key, jws, until=request_until(request), now=at)
        return made

    def _signer(self, belief: Belief, *, at: int) -> tuple[MethodRecord, Signer]:
        organisation = belief.organisation(self.did)
        if organisation is None:
            raise UsageError(
                "the DID of this home is not on the ledger that is held here",
                hint=f"let its sponsor endorse and append it, then {IMPORT_HINT}",
            )
        role = METHOD_KEYS[Purpose.AUTHENTICATION].role
        held = {signer.public_key: signer for signer in self._keyring.signers(role).values()}
        method = signing_method(organisation.methods, held, purpose=Purpose.AUTHENTICATION, at=at)
        if method is None:
            raise UsageError(
                "no authentication key of this home is in force on the ledger that is held here",
                hint=f"{IMPORT_HINT}, or restore the keys from a backup",
            )
        return method, held[method.key]

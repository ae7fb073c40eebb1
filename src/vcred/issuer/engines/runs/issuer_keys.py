# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer's program takes out of its keyring."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vcred.errors import StoreError
from vcred.home import Home
from vcred.issuer.engines.runs.beginning import begin_store
from vcred.issuer.engines.statuses.safeguard import JOURNAL_SECRET
from vcred.issuer.engines.workers.engine_choice import KeyHome
from vcred.keys.custody import KeyRole, Unlock
from vcred.keys.home_keys import open_home_keyring
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer

_OUTBOX: Final = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IssuerKeys:
    """Keys of one home.

    Attributes:
        issuing: What signs credentials, by public key.
        status: What signs status lists, by public key.
        own: The public halves of all keys of the home, whatever their role.
        outbox: 32 bytes, under which signed texts wait to be delivered.
        journal: 32 bytes, under which the store knows rows and holders again.
        place: Where other processes of this machine find them; None: nowhere.
    """

    issuing: Mapping[PublicKey, Signer]
    status: Mapping[PublicKey, Signer]
    own: frozenset[PublicKey]
    outbox: bytes
    journal: bytes
    place: KeyHome | None


def read_issuer_keys(home: Home, unlock: Unlock | None) -> IssuerKeys:
    """Read the keys of an issuer's home; make its secrets, and before them its store, if it has none yet.

    Raises:
        StoreError: The keyring cannot be opened, or holds no issuing key yet.
    """
    with open_home_keyring(home, unlock) as keyring:
        issuing = keyring.signers(KeyRole.ISSUING).values()
        if not issuing:
            raise StoreError("this issuer has no DID yet", hint='make the DID first: "vcred did create"')
        begin_store(home)
        return IssuerKeys(
            issuing={signer.public_key: signer for signer in issuing},
            status={signer.public_key: signer for signer in keyring.signers(KeyRole.STATUS).values()},
            own=frozenset(keyring.signer(name).public_key for name in keyring.names()),
            outbox=keyring.secret(_OUTBOX),
            journal=keyring.secret(JOURNAL_SECRET),
            place=KeyHome(home=home, unlock=unlock),
        )

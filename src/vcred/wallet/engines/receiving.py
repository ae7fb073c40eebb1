# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Take a credential in: opened if it is sealed, verified in full, then stored. In this order."""

import secrets
from dataclasses import replace
from datetime import datetime

from vcred.codec.base64url import encode_base64url
from vcred.errors import UsageError
from vcred.formats.sd_jwt_vc.present import StoredCredential, open_credential, present
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.limits import MAX_COPIES
from vcred.trust.belief import Belief
from vcred.wallet.engines.store import WalletStore
from vcred.wallet.kept import check_name, find_copies, find_same, fingerprint_of, free_name, keep
from vcred.wallet.possession import Application, make_possession_proof
from vcred.wallet.reception import check_reception
from vcred.wallet.sealed import unseal

_NONCE_BYTES = 16


def receive(
    store: WalletStore, text: str, *, name: str | None, belief: Belief, now: datetime
) -> tuple[str, bool]:
    """Verify a credential and store it; returns its name, and whether it is new.

    Errors as `Credentials.receive`.
    """
    stored = open_credential(unseal(text.strip(), lambda key: find_signer(store, key)))
    fingerprint, held = fingerprint_of(stored), store.credentials()
    kept = keep(stored, name=name or "", received_at=int(now.timestamp()))
    if fingerprint in held:
        return held[fingerprint].name, False
    _verify(store, stored, belief=belief, now=now)
    # A signature can be spelled in two ways, and be made twice: that makes no second copy.
    if (same := find_same(kept, held.values())) is not None:
        return same.name, False
    names = {one.name for one in held.values()}
    if name is not None:
        check_name(name, taken=names)
    copies = find_copies(kept, held.values())
    if copies or not kept.name:
        kept = replace(kept, name=copies[0].name if copies else free_name(kept.type_name, names))
    keys = [one.holder for one in (kept, *copies) if one.holder is not None] if copies else []
    uses = {key: replace(store.use(key), one_time=True) for key in keys}
    store.add_credential(fingerprint, kept, stored.presentation.text, uses=uses)
    return kept.name, True


def apply_for(
    store: WalletStore, issuer: str, nonce: str, *, copies: int, issued_at: int
) -> tuple[Application, ...]:
    """Make new keys, keep them, and prove their possession. Args and errors as `Wallet.apply_for_copies`."""
    if not 1 <= copies <= MAX_COPIES:
        raise UsageError(f"copies must be from 1 to {MAX_COPIES}")
    signers = [SoftwareSigner.generate(ES256) for _ in range(copies)]
    applications = tuple(
        [
            Application(
                did=signer.public_key.did_key(),
                proof=make_possession_proof(signer, audience=issuer, nonce=nonce, issued_at=issued_at),
            )
            for signer in signers
        ]
    )
    # Before any proof leaves: a credential for a key that is lost is lost.
    store.add_keys(signers, one_time=copies > 1)
    return applications


def find_signer(store: WalletStore, thumbprint: str) -> SoftwareSigner:
    """Return the wallet's key of a thumbprint, which a stranger wrote.

    Raises:
        UsageError: It has none.
    """
    signer = store.signer(thumbprint)
    if signer is None:
        raise UsageError(
            "the credential's key is not in this wallet", hint="open the wallet that applied for it"
        )
    return signer


def signer_for(store: WalletStore, stored: StoredCredential) -> SoftwareSigner | None:
    """Return the key that a credential is bound to; None of one on paper.

    Raises:
        UsageError: It is bound to a key that is not in this wallet, or of a kind not known here.
    """
    presentation = stored.presentation
    if not presentation.has_cnf:
        return None
    key = presentation.holder_key
    return find_signer(store, "" if key is None else key.thumbprint())


def fresh_nonce() -> str:
    """base64url of 16 random bytes."""
    return encode_base64url(secrets.token_bytes(_NONCE_BYTES))


def _verify(store: WalletStore, stored: StoredCredential, *, belief: Belief, now: datetime) -> None:
    text = present(
        stored,
        stored.paths,
        signer=signer_for(store, stored),
        audience=belief.live_audience,
        nonce=fresh_nonce(),
        issued_at=int(now.timestamp()),
    )
    check_reception(text, stored, belief=belief, now=now)

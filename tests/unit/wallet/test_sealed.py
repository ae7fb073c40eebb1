# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A sealed credential is shown like any other, by the wallet that it is sealed to and no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.wallet.test_wallet import ISSUER, NOW, issue, show
from vcred.did.methods.key import resolve_did_key
from vcred.errors import DecodeError, KeyMaterialError, RefusedError, UsageError
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason
from vcred.securing.jwe import seal_to
from vcred.wallet.sealed import unseal
from vcred.wallet.wallet import Wallet


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[Wallet]:
    with Wallet.create(tmp_path / "holder", clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def key(wallet: Wallet) -> PublicKey:
    """A key that the wallet has applied with."""
    return resolve_did_key(wallet.apply(ISSUER, "code-1").did).methods[0].key


def seal(text: str, key: PublicKey, content_type: str = "dc+sd-jwt") -> str:
    return seal_to(text.encode(), key, content_type=content_type)


def test_it_is_shown_as_if_it_were_open(wallet: Wallet, key: PublicKey) -> None:
    credential = issue(key)
    sealed = seal(credential, key)
    assert credential[:100] not in sealed
    assert show(wallet, sealed, "match").revealed == show(wallet, credential, "match").revealed


def test_another_wallet_does_not_open_it(wallet: Wallet, key: PublicKey, tmp_path: Path) -> None:
    sealed = seal(issue(key), key)
    assert show(wallet, sealed, "match")
    with Wallet.create(tmp_path / "other", clock=lambda: NOW) as other:
        with pytest.raises(UsageError, match="not in this wallet"):
            show(other, sealed, "match")
        assert other.history() == ()


def test_a_changed_one_does_not_open(wallet: Wallet, key: PublicKey) -> None:
    sealed = seal(issue(key), key)
    body, _, tag = sealed.rpartition(".")
    with pytest.raises(KeyMaterialError):
        show(wallet, f"{body}.{'B' if tag[0] == 'A' else 'A'}{tag[1:]}", "match")


def test_what_is_inside_is_no_credential(wallet: Wallet, key: PublicKey) -> None:
    """WAL-01: being sealed to the wallet makes nothing true."""
    with pytest.raises(RefusedError) as caught:
        show(wallet, seal(issue(key), key, "kb+jwt"), "match")
    assert caught.value.reason is Reason.MEDIA_TYPE_WRONG
    for inside in ("eyJ", "é", seal(issue(key), key)):
        with pytest.raises(DecodeError):
            show(wallet, seal(inside, key), "match")


class SignsOnly:
    """A key that is elsewhere, as in a token: it signs, and decrypts nothing."""

    def __init__(self, public_key: PublicKey) -> None:
        self.public_key = public_key

    def sign(self, message: bytes) -> bytes:
        raise AssertionError("nothing is signed here")


def test_a_key_that_only_signs_opens_nothing() -> None:
    own = SoftwareSigner.generate(ES256)
    sealed = seal("eyJ.eyJ.c2ln~", own.public_key)
    assert unseal(sealed, lambda _: own) == "eyJ.eyJ.c2ln~"
    with pytest.raises(UsageError, match="cannot decrypt"):
        unseal(sealed, lambda _: SignsOnly(own.public_key))

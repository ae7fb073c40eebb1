# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is stored, and what is not: the gate's own rule, the good case first. WAL-01, SDJ-33, H1, H2."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.wallet_life import OLD, Holder, copy_home, make_holder, now, open_wallet
from tests.unit.trust.samples import another_network, fresh_world
from tests.world import World
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.errors import DecodeError, RefusedError, StoreError, UsageError, VcredError
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.ledger.entries import Kind
from vcred.qr.frame import PREFIX
from vcred.reasons import Reason
from vcred.trust.bundle import encode_bundle
from vcred.wallet.reception import check_reception
from vcred.wallet.states import CredentialState
from vcred.wallet.wallet import Wallet

SUSPENDED, REVOKED = 2, 1


def judge(world: World, credential: str) -> None:
    """As the wallet does: the whole credential shown to itself, on a bundle of the world's time."""
    stored = open_credential(credential)
    text = world.present(credential, *stored.paths)
    check_reception(text, stored, belief=world.belief(), now=world.now)


def changed_payload(credential: str, before: bytes, after: bytes) -> str:
    """The issuer's JWT with another payload under the same signature."""
    jwt, _, disclosures = credential.partition("~")
    header, payload, signature = jwt.split(".")
    told = decode_base64url(payload)
    assert before in told
    return f"{header}.{encode_base64url(told.replace(before, after))}.{signature}~{disclosures}"


def forge(world: World) -> str:
    return changed_payload(world.issue(), b'"colour":"green"', b'"colour":"amber"')


def by_a_stranger(world: World) -> str:
    stranger = another_network().issuer
    return world.issue(issuer=stranger)


def no_longer_accredited(world: World) -> str:
    credential = world.issue()
    (entry,) = [item.entry for item in world.state.accreditations.values() if item.issuer == world.issuer.did]
    world.later(minutes=1)
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, entry, "void")
    return credential


def of_a_void_key(world: World) -> str:
    credential = world.issue()
    world.later(minutes=1)
    world.distrust(world.gd, world.issuer.key_id())
    return credential


def of_no_type(world: World) -> str:
    return world.issue(vct=f"{world.gd.did}/types/health-pass/1")


def too_late(world: World) -> str:
    credential = world.issue()
    world.later(days=5)
    return credential


def taken_back(world: World) -> str:
    world.revoke(7, value=REVOKED)
    return world.issue()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (forge, Reason.SIGNATURE_INVALID),
        (by_a_stranger, Reason.ISSUER_UNKNOWN),
        (no_longer_accredited, Reason.ISSUER_NOT_ACCREDITED),
        (of_a_void_key, Reason.KEY_DISTRUSTED),
        (of_no_type, Reason.TYPE_UNKNOWN),
        (too_late, Reason.EXPIRED),
        (taken_back, Reason.REVOKED),
    ],
)
def test_what_a_gate_would_refuse(spoil: Callable[[World], str], reason: Reason) -> None:
    world = fresh_world()
    judge(world.fork(), world.issue())
    credential = spoil(world)
    with pytest.raises(RefusedError) as refused:
        judge(world, credential)
    assert refused.value.reason is reason
    for value in ("green", "amber", "陳大文", "2681"):
        assert value not in str(refused.value)


def suspended(world: World) -> str:
    world.revoke(7, value=SUSPENDED)
    return world.issue()


def without_its_list(world: World) -> str:
    world.listed.clear()
    return world.issue()


@pytest.mark.parametrize("make", [suspended, without_its_list])
def test_what_is_stored_all_the_same(make: Callable[[World], str]) -> None:
    """It is authentic and authorised: how it stands, the list says, and may change."""
    world = fresh_world()
    judge(world, make(world))


# By the door: nothing is there afterwards that was not verified.


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    return make_holder(tmp_path_factory.mktemp("holder"))


@pytest.fixture
def wallet(made: Holder, tmp_path: Path) -> Iterator[Wallet]:
    with open_wallet(copy_home(made.home, tmp_path / "home")) as opened:
        yield opened


def unsigned(credential: str) -> str:
    """The same claims with the header that says that nobody needs to sign."""
    jwt, _, disclosures = credential.partition("~")
    header, payload, _signature = jwt.split(".")
    plain = decode_base64url(header).replace(b'"ES256"', b'"none"')
    return f"{encode_base64url(plain)}.{payload}.~{disclosures}"


def with_one_more(credential: str) -> str:
    return credential + encode_base64url(b'["c2FsdHNhbHRzYWx0c2FsdA","extra",true]') + "~"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (unsigned, Reason.ALGORITHM_NOT_ALLOWED),
        (with_one_more, Reason.DISCLOSURE_INVALID),
        (lambda text: changed_payload(text, b'"green"', b'"amber"'), Reason.SIGNATURE_INVALID),
    ],
    ids=["none", "smuggled", "forged"],
)
def test_what_is_refused_is_not_there(
    made: Holder, wallet: Wallet, spoil: Callable[[str], str], reason: Reason
) -> None:
    before = wallet._store.inventory()
    with pytest.raises(RefusedError) as refused:
        wallet.credentials.receive(spoil(made.single))
    assert refused.value.reason is reason
    assert (wallet.credentials.list(), wallet._store.inventory()) == ((), before)
    assert wallet.credentials.receive(made.single).is_new


def test_a_presentation_is_no_credential(made: Holder, wallet: Wallet) -> None:
    """SDJ-33, H1: else whoever was shown it could keep it, with a binding made for a gate."""
    assert wallet.credentials.receive(made.single).is_new
    shown = wallet.show("health-code", ["match"]).code(now=now())
    with pytest.raises(RefusedError) as refused:
        wallet.credentials.receive(shown.sd_jwt)
    assert refused.value.reason is Reason.KEY_BINDING_INVALID
    with pytest.raises(DecodeError):
        wallet.credentials.receive(shown.text)
    assert shown.text.startswith(PREFIX)
    assert len(wallet.credentials.list()) == 1


def test_a_key_that_is_somebody_elses(made: Holder, wallet: Wallet) -> None:
    """WAL-01: the wrong key in `cnf`."""
    theirs = made.world.issue(holder_key=SoftwareSigner.generate(ES256).public_key)
    with pytest.raises(UsageError, match="not in this wallet"):
        wallet.credentials.receive(theirs)
    assert wallet.credentials.list() == ()


@pytest.mark.parametrize("text", ["", "eyJ", "VC1:ABC", "é", "a.b.c", "a.b.c~", "\x00" * 50, "{}"])
def test_what_is_none_is_malformed(wallet: Wallet, text: str) -> None:
    with pytest.raises(VcredError) as refused:
        wallet.credentials.receive(text)
    assert isinstance(refused.value, DecodeError | RefusedError)
    assert wallet.credentials.list() == ()


def test_without_a_bundle_nothing_is_verified(made: Holder, tmp_path: Path) -> None:
    with (
        Wallet.create(tmp_path / "new", clock=now) as wallet,
        pytest.raises(StoreError, match="network"),
    ):
        wallet.credentials.receive(made.single)


def test_received_twice_is_there_once(made: Holder, wallet: Wallet) -> None:
    first = wallet.credentials.receive(f"  {made.single}\n", name="travel")
    again = wallet.credentials.receive(made.single, name="other")
    assert (first.is_new, again.is_new) == (True, False)
    assert [one.name for one in wallet.credentials.list()] == ["travel"]
    assert wallet.credentials.get("travel").stored.presentation.text == made.single


def test_a_name_that_is_taken(made: Holder, wallet: Wallet) -> None:
    wallet.credentials.receive(made.single, name="travel")
    with pytest.raises(UsageError, match="of that name already"):
        wallet.credentials.receive(made.copies[0], name="travel")
    assert len(wallet.credentials.list()) == 1
    assert wallet.credentials.receive(made.copies[0]).holding.name == "health-code"


def test_it_is_judged_on_the_newest_bundle(tmp_path: Path) -> None:
    made = make_holder(tmp_path)
    with open_wallet(made.home) as wallet:
        assert wallet.credentials.receive(made.single).holding.standing.state is CredentialState.VALID
    made.world.later(hours=1).revoke(99)
    with Wallet.open(made.home, unlock=OLD, clock=lambda: made.world.now) as wallet:
        assert wallet.credentials.list()[0].standing.state is CredentialState.VALID
        wallet.trust.import_bundle(encode_bundle(made.world.bundle()))
        assert wallet.credentials.list()[0].standing.state is CredentialState.REVOKED

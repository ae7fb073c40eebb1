# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet's door: apply, present, remember. WAL-05, 10, 17; H1, H9."""

import asyncio
import json
import stat
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.leaks import Canaries
from tests.unit.qr.samples import HEALTH_CLAIMS, ISSUED_AT, ISSUER, KEY_ID, NETWORK_ID, Ledger
from vcred.codec.base64url import decode_base64url
from vcred.credential.draft import CredentialDraft
from vcred.credential.presentation import Binding
from vcred.credential.request import PresentationRequest
from vcred.credential.type_definition import shipped_type
from vcred.did.methods.key import resolve_did_key
from vcred.errors import LimitExceededError, RefusedError, SchemaError, StoreError, UsageError
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.home import Role, Settings, create_home
from vcred.issuer.possession import verify_possession
from vcred.keys.algorithms import ALGORITHMS, ES256
from vcred.keys.argon2id import Argon2Cost
from vcred.keys.custody import Passphrase
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.limits import MIN_ARGON2_MEMORY_KIB, MIN_ARGON2_PASSES
from vcred.qr.frame import decode_text
from vcred.qr.packing import unpack
from vcred.reasons import Reason
from vcred.securing.sd_jwt.key_binding import verify_key_binding
from vcred.wallet import Wallet
from vcred.wallet.engines.askar import AskarFile
from vcred.wallet.engines.store import STORE_FILE
from vcred.wallet.wallet import PresentedCode

CHEAP = Argon2Cost(passes=MIN_ARGON2_PASSES, memory_kib=MIN_ARGON2_MEMORY_KIB, lanes=1)
NOW = datetime.fromtimestamp(ISSUED_AT, UTC) + timedelta(hours=2)
LEDGER = Ledger()
VCT = LEDGER.publish(shipped_type("health-code"))
REQUEST = PresentationRequest(
    audience="did:vcred:gate",
    nonce="q" * 22,
    type="health-code",
    claims=("colour", "match", "identity.name"),
    purpose="to cross",
    issued_at=int(NOW.timestamp()) - 10,
    expires_at=int(NOW.timestamp()) + 290,
)


def issue(holder_key: PublicKey | None) -> str:
    """A health code bound to a key, or for paper."""
    definition = replace(shipped_type("health-code"), paper=holder_key is None)
    draft = CredentialDraft(
        type_definition=definition,
        vct=VCT,
        issuer=ISSUER,
        key_id=KEY_ID,
        claims=HEALTH_CLAIMS,
        holder_key=holder_key,
        issued_at=ISSUED_AT,
        expires_at=definition.expires_at(HEALTH_CLAIMS),
    )
    return issue_credential(draft, SoftwareSigner.generate(ES256))


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[Wallet]:
    with Wallet.create(tmp_path / "holder", clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def credential(wallet: Wallet) -> str:
    """A credential for a key that the wallet has applied with."""
    application = wallet.apply(ISSUER, "enrolment-code-1")
    return issue(resolve_did_key(application.did).methods[0].key)


def show(wallet: Wallet, credential: str, *paths: str, **changes: object) -> PresentedCode:
    arguments: dict[str, object] = {"belief": LEDGER, "network_id": NETWORK_ID, **changes}
    return wallet.present(credential, paths, **arguments)  # type: ignore[arg-type]


def test_an_application_proves_a_new_key(wallet: Wallet) -> None:
    first, second = wallet.apply(ISSUER, "code-1"), wallet.apply(ISSUER, "code-1")
    assert first.did != second.did
    key = verify_possession(first.proof, audience=ISSUER, nonce="code-1", now=NOW)
    assert key.did_key() == first.did
    assert key.algorithm == ES256
    with pytest.raises(RefusedError):
        verify_possession(first.proof, audience=ISSUER, nonce="code-2", now=NOW)
    with pytest.raises(ValueError, match="enrolment code"):
        wallet.apply(ISSUER, "")


def test_a_live_code(wallet: Wallet, credential: str) -> None:
    code = show(wallet, credential, "match", "test")
    assert code.text.startswith("VC1:")
    assert unpack(decode_text(code.text), LEDGER) == code.sd_jwt
    assert code.size_bytes == len(decode_text(code.text))
    parsed = parse_presentation(code.sd_jwt)
    assert parsed.key_binding is not None
    assert parsed.holder_key is not None
    verify_key_binding(parsed.key_binding, parsed.sd_jwt, key=parsed.holder_key, allowed=ALGORITHMS)
    assert parsed.key_binding.audience == f"{NETWORK_ID}#live"
    assert parsed.key_binding.issued_at == int(NOW.timestamp())
    assert len(decode_base64url(parsed.key_binding.nonce)) == 16
    assert {"match", "test"} <= open_claims(parsed).claims.keys()
    assert (code.binding, "identity.name" in code.withheld) == (Binding.LIVE, True)


def test_each_live_code_has_a_nonce_of_its_own(wallet: Wallet, credential: str) -> None:
    nonces = set()
    for _ in range(5):
        binding = parse_presentation(show(wallet, credential, "match").sd_jwt).key_binding
        assert binding is not None
        nonces.add(binding.nonce)
    assert len(nonces) == 5


def test_without_a_belief_the_code_is_packed_plainly(wallet: Wallet, credential: str) -> None:
    code = show(wallet, credential, belief=None, symbol=False)
    assert unpack(decode_text(code.text), None) == code.sd_jwt
    assert code.size_bytes > 2 * show(wallet, credential).size_bytes
    with pytest.raises(LimitExceededError) as caught:
        show(wallet, credential, belief=None)
    assert "import the newest trust bundle" in (caught.value.hint or "")


def test_an_answer_to_a_request(wallet: Wallet, credential: str) -> None:
    code = show(wallet, credential, "match", "identity.name", request=REQUEST)
    binding = parse_presentation(code.sd_jwt).key_binding
    assert binding is not None
    assert (binding.audience, binding.nonce) == (REQUEST.audience, REQUEST.nonce)
    assert code.binding is Binding.CHALLENGE
    assert wallet.history()[-1].audience == REQUEST.audience


def test_more_than_was_asked_is_not_shown(wallet: Wallet, credential: str) -> None:
    """H9."""
    show(wallet, credential, "match", request=REQUEST)
    with pytest.raises(UsageError, match=r"identity\.id_number"):
        show(wallet, credential, "identity", request=REQUEST)
    assert len(wallet.history()) == 1


def test_what_was_shown_is_remembered_without_values(wallet: Wallet, credential: str, tmp_path: Path) -> None:
    show(wallet, credential, "match")
    show(wallet, credential, "identity.name", "test")
    first, second = wallet.history()
    assert (first.at, first.binding, first.issuer, first.type) == (NOW, Binding.LIVE, ISSUER, VCT)
    assert first.revealed == tuple(sorted(first.revealed, key=first.revealed.index))
    assert set(first.revealed) == {"match.name", "match.id_type", "match.last_four"}
    assert first.credential == second.credential
    # Not among the values of the entries either, which nobody reads in the file.
    values = repr(wallet._store._file.fetch_all("shown")) + repr(wallet._store._file.fetch_all("kept"))
    assert "match.name" in values
    for value in ("陳大文", "3453", "negative", "MO-CHCSJ"):
        assert value not in values


def test_what_cannot_be_remembered_is_not_shown(
    wallet: Wallet, credential: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The history is on the disk before the code is anywhere. After a write that failed, none is made."""
    show(wallet, credential, "match")
    with monkeypatch.context() as failing:
        failing.setattr(AskarFile, "_run", refuse)
        with pytest.raises(StoreError, match="cannot be written"):
            show(wallet, credential, "match")
    with pytest.raises(StoreError, match="could not be written before"):
        show(wallet, credential, "match")
    wallet.close()
    with Wallet.open(tmp_path / "holder", clock=lambda: NOW) as again:
        assert len(again.history()) == 1
        show(again, credential, "match")
        assert len(again.history()) == 2


def refuse(file: AskarFile, work: Coroutine[Any, Any, object]) -> object:
    """As a disk that is full: reading works, writing does not."""
    if work.__name__ != "_write":
        return asyncio.run_coroutine_threadsafe(work, file._loop).result()
    work.close()
    raise StoreError("cannot be written")


def test_files_are_the_owners_alone(wallet: Wallet, credential: str, tmp_path: Path) -> None:
    """WAL-10."""
    show(wallet, credential, "match")
    home = tmp_path / "holder"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert STORE_FILE in {path.name for path in files}


def test_neither_keys_nor_claims_are_anywhere_in_the_clear(
    wallet: Wallet, credential: str, tmp_path: Path
) -> None:
    show(wallet, credential, "match")
    jwks = [json.loads(jwk)["d"] for jwk in wallet._store.keys().values()]
    wallet.close()
    looked_for = Canaries([*jwks, "陳大文", "Chan Tai Man", "MO-CHCSJ", credential[:60]])
    assert looked_for.files_with(tmp_path / "holder") == set()
    # The control.
    (tmp_path / "holder" / "leak").write_text(jwks[0])
    assert looked_for.files_with(tmp_path / "holder") == {"leak"}


def test_another_wallets_credential(wallet: Wallet, credential: str, tmp_path: Path) -> None:
    with Wallet.create(tmp_path / "other", clock=lambda: NOW) as other:
        show(wallet, credential, "match")
        with pytest.raises(UsageError, match="not in this wallet"):
            show(other, credential, "match")
        assert other.history() == ()


def test_a_presentation_cannot_be_shown_on(wallet: Wallet, credential: str) -> None:
    """H1."""
    code = show(wallet, credential, "match")
    with pytest.raises(RefusedError) as caught:
        show(wallet, code.sd_jwt, "match")
    assert caught.value.reason is Reason.KEY_BINDING_INVALID


def test_paper_is_only_for_credentials_without_a_key(wallet: Wallet, credential: str) -> None:
    with pytest.raises(UsageError, match="paper"):
        show(wallet, credential, "match", paper=True)
    with pytest.raises(UsageError, match="request"):
        show(wallet, credential, "match", paper=True, request=REQUEST)


def test_a_credential_on_paper(wallet: Wallet, credential: str) -> None:
    on_paper = issue(None)
    code = show(wallet, on_paper, "match", paper=True)
    assert (code.binding, code.sd_jwt[-1]) == (Binding.NONE, "~")
    assert unpack(decode_text(code.text), LEDGER) == code.sd_jwt
    assert (wallet.history()[-1].binding, wallet.history()[-1].audience) == (Binding.NONE, "")
    with pytest.raises(UsageError, match="no holder's key"):
        show(wallet, on_paper, "match")
    assert [cost.path for cost in wallet.costs(on_paper, [], belief=LEDGER, network_id=NETWORK_ID)]


def test_an_unknown_claim(wallet: Wallet, credential: str) -> None:
    with pytest.raises(SchemaError):
        show(wallet, credential, "nickname")
    assert wallet.history() == ()


def test_what_each_claim_costs(wallet: Wallet, credential: str) -> None:
    costs = wallet.costs(credential, ["match", "identity.name"], belief=LEDGER, network_id=NETWORK_ID)
    by_path = {cost.path: cost for cost in costs}
    assert {path for path, cost in by_path.items() if cost.is_chosen} == {"match", "identity.name"}
    assert "identity" not in by_path
    both = show(wallet, credential, "match", "identity.name").size_bytes
    assert by_path["match"].size_bytes == both - show(wallet, credential, "identity.name").size_bytes
    assert by_path["identity.name"].size_bytes == both - show(wallet, credential, "match").size_bytes
    assert (
        by_path["test"].size_bytes
        == show(wallet, credential, "match", "identity.name", "test").size_bytes - both
    )
    assert len(wallet.history()) == 4


def test_too_much_for_a_code_says_what_to_leave_out(wallet: Wallet, credential: str) -> None:
    everything = ("match", "identity", "test", "vaccination")
    with pytest.raises(LimitExceededError) as caught:
        show(wallet, credential, *everything, belief=None)
    assert caught.value.hint is not None
    assert "test (" in caught.value.hint
    assert wallet.history() == ()
    assert show(wallet, credential, *everything, belief=None, symbol=False).sd_jwt.count("~") == 11


def test_a_wallet_opens_again(wallet: Wallet, credential: str, tmp_path: Path) -> None:
    show(wallet, credential, "match")
    wallet.close()
    wallet.close()
    with Wallet.open(tmp_path / "holder", clock=lambda: NOW) as again:
        show(again, credential, "match")
        assert len(again.history()) == 2


def test_one_process_at_a_time(wallet: Wallet, tmp_path: Path) -> None:
    """WAL-17. Two would each show the same one-time copy."""
    with pytest.raises(StoreError, match="locked by another process"):
        Wallet.open(tmp_path / "holder", clock=lambda: NOW)
    wallet.close()
    Wallet.open(tmp_path / "holder", clock=lambda: NOW).close()


def test_a_passphrase(tmp_path: Path) -> None:
    """INV-8: what opens it is the passphrase alone; no key file lies beside it."""
    home = tmp_path / "sealed"
    with Wallet.create(home, unlock=Passphrase(b"correct horse", cost=CHEAP), clock=lambda: NOW) as sealed:
        key = resolve_did_key(sealed.apply(ISSUER, "code").did).methods[0].key
    credential = issue(key)
    with Wallet.open(home, unlock=Passphrase(b"correct horse", cost=CHEAP), clock=lambda: NOW) as again:
        show(again, credential, "match")
    for wrong in (Passphrase(b"wrong horse", cost=CHEAP), None):
        with pytest.raises(StoreError):
            Wallet.open(home, unlock=wrong)


def test_a_home_of_another_role(tmp_path: Path) -> None:
    create_home(tmp_path / "gate", Role.VERIFIER, Settings())
    with pytest.raises(UsageError, match="holder"):
        Wallet.open(tmp_path / "gate")
    with pytest.raises(StoreError):
        Wallet.open(tmp_path / "nowhere")
    with pytest.raises(StoreError):
        Wallet.create(tmp_path / "gate")

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tokens that are gone, locked, slow, or not the ones they were: an error with a code, never another key.

Threats: SRV-15, FI-15.
"""

import shutil
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.machine import require
from tests.softhsm import LIBRARY, PIN, SoftHsm, faulty_library
from vcred.cli.exits import ENVIRONMENT, exit_code_of
from vcred.errors import StoreError, UsageError, VcredError
from vcred.keys.algorithms import ES256
from vcred.keys.custody import KeyFile, PinFile
from vcred.keys.engines import pkcs11, pkcs11_token
from vcred.keys.engines.pkcs11_errors import SessionLostError
from vcred.keys.engines.pkcs11_objects import sign_with
from vcred.keys.hsm_errors import HsmError
from vcred.keys.keyring import Keyring, KeyRole
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner

MESSAGE: Final = b"what is signed"
SHORT: Final = timedelta(milliseconds=300)


@pytest.fixture
def signer(keyring: Keyring, softhsm: SoftHsm) -> Signer:
    """A key in a token whose library can fail; it has signed already."""
    made = keyring.create_in_token(
        "one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri(library=faulty_library())
    )
    signs(made)
    return made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pkcs11_token, "MAX_TOKEN_WAIT", SHORT)


@pytest.fixture(autouse=True)
def no_software_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may be signed by a key in this process, whatever fails."""

    def refuse(*_: object) -> bytes:
        raise AssertionError("signed in software")

    monkeypatch.setattr(SoftwareSigner, "sign", refuse)


def signs(signer: Signer) -> None:
    signer.public_key.verify(signer.sign(MESSAGE), MESSAGE)


def refused(signer: Signer, code: str) -> HsmError:
    """It fails as it should: of the environment, with a hint, and without the PIN in any word of it."""
    with pytest.raises(HsmError) as caught:
        signer.sign(MESSAGE)
    error = caught.value
    assert isinstance(error, StoreError)
    assert (error.code, exit_code_of(error)) == (code, ENVIRONMENT)
    assert PIN not in f"{error!r} {error} {error.hint}"
    return error


def reopened(keyring: Keyring, pin: PinFile) -> Signer:
    """The key as another process would open it: not logged in."""
    pkcs11_token._forget()
    return Keyring.open(
        keyring._folder, KeyFile(keyring._folder.parent / "token-unlock.key"), pin=pin
    ).signer("one")


def test_a_library_that_is_not_there(keyring: Keyring, softhsm: SoftHsm, tmp_path: Path) -> None:
    good = keyring.create_in_token("good", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    signs(good)
    (tmp_path / "text.so").write_bytes(b"no library")
    for name, words in (("missing.so", "no library of a token at"), ("text.so", "is not a library")):
        with pytest.raises(HsmError, match=words) as caught:
            keyring.create_in_token(
                "bad", ES256, role=KeyRole.STATUS, uri=softhsm.uri(library=tmp_path / name)
            )
        assert caught.value.code == "hsm_missing"
    assert keyring.names() == ("good",)


def test_a_token_that_is_not_there(keyring: Keyring, softhsm: SoftHsm) -> None:
    signs(keyring.create_in_token("good", ES256, role=KeyRole.ISSUING, uri=softhsm.uri()))
    with pytest.raises(HsmError, match="no token is there for pkcs11:token=other") as caught:
        keyring.create_in_token("bad", ES256, role=KeyRole.STATUS, uri=softhsm.uri("other"))
    assert caught.value.code == "hsm_missing"
    assert keyring.names() == ("good",)


def test_a_wrong_pin_is_tried_once(
    keyring: Keyring, softhsm: SoftHsm, signer: Signer, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("0000-wrong\n", encoding="utf-8")
    wrong.chmod(0o600)
    signs(reopened(keyring, softhsm.pin))
    bad = reopened(keyring, PinFile(wrong))
    assert "0000-wrong" not in str(refused(bad, "hsm_pin_wrong"))
    assert "not tried again" in str(refused(bad, "hsm_pin_wrong"))
    wrong.write_bytes(softhsm.pin_file.read_bytes())
    signs(bad)


def test_a_pin_file_that_others_can_read_is_not_used(
    keyring: Keyring, softhsm: SoftHsm, signer: Signer
) -> None:
    signs(reopened(keyring, softhsm.pin))
    softhsm.pin_file.chmod(0o644)
    with pytest.raises(StoreError, match="others can read"):
        reopened(keyring, softhsm.pin).sign(MESSAGE)


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe", b"x" * 256, b"\x00"])
def test_a_pin_file_that_holds_no_pin(
    keyring: Keyring, softhsm: SoftHsm, signer: Signer, content: bytes
) -> None:
    signs(reopened(keyring, softhsm.pin))
    softhsm.pin_file.write_bytes(content)
    with pytest.raises(UsageError, match=r"a PIN is one line of 1 to 255 bytes|the PIN is not UTF-8"):
        reopened(keyring, softhsm.pin).sign(MESSAGE)


def test_a_pin_file_that_is_not_there(keyring: Keyring, softhsm: SoftHsm, signer: Signer) -> None:
    signs(reopened(keyring, softhsm.pin))
    with pytest.raises(StoreError, match="no such file") as caught:
        reopened(keyring, PinFile(softhsm.folder / "missing")).sign(MESSAGE)
    assert "names the file that holds the PIN" in str(caught.value.hint)


def test_a_locked_token(keyring: Keyring, softhsm: SoftHsm, signer: Signer) -> None:
    signs(reopened(keyring, softhsm.pin))
    softhsm.fault("locked")
    refused(reopened(keyring, softhsm.pin), "hsm_locked")


def test_a_token_without_a_pin(keyring: Keyring, softhsm: SoftHsm) -> None:
    signs(keyring.create_in_token("good", ES256, role=KeyRole.ISSUING, uri=softhsm.uri()))
    tool = ["pkcs11-tool", "--module", str(LIBRARY), "--init-token", "--slot-index", "1", "--label", "bare"]
    require(shutil.which(tool[0]), "no pkcs11-tool (Debian: opensc): a token without a PIN is not tested")
    subprocess.run([*tool, "--so-pin", "87654321"], capture_output=True, check=True)
    pkcs11_token._forget()
    with pytest.raises(HsmError) as caught:
        keyring.create_in_token("bad", ES256, role=KeyRole.STATUS, uri=softhsm.uri("bare"))
    assert caught.value.code == "hsm_locked"


def test_a_lost_session_is_opened_again_once(softhsm: SoftHsm, signer: Signer) -> None:
    softhsm.fault("lost-once")
    signs(signer)
    lost = softhsm.fault("lost")
    refused(signer, "hsm_failed")
    lost.unlink()
    signs(signer)


def test_a_token_that_refuses_for_a_reason_of_its_own(softhsm: SoftHsm, signer: Signer) -> None:
    full = softhsm.fault("full")
    refused(signer, "hsm_failed")
    full.unlink()
    signs(signer)


def test_a_token_taken_away_and_put_back(softhsm: SoftHsm, signer: Signer) -> None:
    away = softhsm.folder / "away"
    softhsm.tokens.rename(away)
    for _ in range(3):
        refused(signer, "hsm_missing")
    away.rename(softhsm.tokens)
    signs(signer)


def test_a_token_taken_away_while_many_sign(softhsm: SoftHsm, signer: Signer) -> None:
    """Every call ends, with a signature that is good or with an error."""
    away = softhsm.folder / "away"

    def work(number: int) -> str:
        message = b"%d" % number
        if number == 200:
            softhsm.tokens.rename(away)
        try:
            signer.public_key.verify(signer.sign(message), message)
        except HsmError as error:
            return error.code
        return "signed"

    with ThreadPoolExecutor(6) as pool:
        outcomes = [*pool.map(work, range(500))]
    assert outcomes[:150] == ["signed"] * 150
    assert {*outcomes[300:]} == {"hsm_missing"}
    away.rename(softhsm.tokens)
    signs(signer)


def test_a_slow_token_is_not_waited_for(softhsm: SoftHsm, signer: Signer, impatient: None) -> None:
    slow = softhsm.fault("slow")
    began = time.monotonic()
    refused(signer, "hsm_slow")
    assert time.monotonic() - began < 5 * SHORT.total_seconds()
    slow.unlink()
    signs(signer)


def test_a_token_that_is_slow_for_all_its_sessions(softhsm: SoftHsm, signer: Signer, impatient: None) -> None:
    slow = softhsm.fault("slow")
    with ThreadPoolExecutor(12) as pool:
        assert {*pool.map(lambda _: refused(signer, "hsm_slow").code, range(12))} == {"hsm_slow"}
    slow.unlink()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            return signs(signer)
        except HsmError:
            time.sleep(0.05)
    pytest.fail("the sessions never came back")


def test_a_call_that_hangs_does_not_keep_the_process(
    keyring: Keyring, softhsm: SoftHsm, signer: Signer
) -> None:
    program = """
        import sys
        from datetime import timedelta
        from pathlib import Path
        from vcred.keys.custody import KeyFile, PinFile
        from vcred.keys.engines import pkcs11_token
        from vcred.keys.keyring import Keyring

        folder, unlock, pin, fault = map(Path, sys.argv[1:])
        pkcs11_token.MAX_TOKEN_WAIT = timedelta(seconds=1)
        fault.touch()
        Keyring.open(folder, KeyFile(unlock), pin=PinFile(pin)).signer("one").sign(b"message")
    """
    paths = (keyring._folder, keyring._folder.parent / "token-unlock.key", softhsm.pin_file)
    command: list[str | Path] = [
        sys.executable,
        "-c",
        textwrap.dedent(program),
        *paths,
        softhsm.folder / "faults" / "slow",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 1
    assert "HsmSlowError" in ended.stderr


def test_another_key_than_the_one_noted(
    keyring: Keyring, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token was set up anew, and the key made again under the same label and id: it signs nothing."""
    made = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    signs(made)
    file = keyring._folder / "one.key.jwe"
    kept = file.read_bytes()
    file.unlink()
    other(softhsm)
    keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    file.write_bytes(kept)
    asked: list[bytes] = []
    monkeypatch.setattr(pkcs11, "sign_with", lambda _private, _algorithm, data: asked.append(data))
    error = refused(reopened(keyring, softhsm.pin), "hsm_key_missing")
    assert "another one than the keyring noted" in str(error)
    assert asked == []


def test_a_token_that_signs_with_another_key(
    keyring: Keyring, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The halves beside each other do not belong together, or the token is broken: nothing of it leaves."""
    signs(keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri()))
    signs(reopened(keyring, softhsm.pin))

    def otherwise(private: Any, algorithm: Any, data: bytes) -> bytes:
        signature = sign_with(private, algorithm, data)
        return signature[:-1] + bytes((signature[-1] ^ 1,))

    monkeypatch.setattr(pkcs11, "sign_with", otherwise)
    error = refused(reopened(keyring, softhsm.pin), "hsm_key_missing")
    assert "another one than the keyring noted" in str(error)
    with pytest.raises(HsmError, match="another one"):
        keyring.create_in_token("two", ES256, role=KeyRole.STATUS, uri=softhsm.uri())
    assert not (keyring._folder / "two.key.jwe").exists()


def test_a_key_that_is_gone(keyring: Keyring, softhsm: SoftHsm) -> None:
    signs(keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri()))
    other(softhsm)
    refused(reopened(keyring, softhsm.pin), "hsm_key_missing")


def other(softhsm: SoftHsm) -> None:
    """Put a new token of the same label in the place of the one there is."""
    softhsm.tokens.rename(softhsm.folder / "former")
    softhsm.tokens.mkdir()
    softhsm.make_token("health")
    pkcs11_token._forget()


def test_without_the_extra_a_person_is_told_what_to_install(
    keyring: Keyring, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(VcredError, match="python-pkcs11") as caught:
        keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    assert caught.value.hint == 'pip install "vcred[hsm]"'


class Told:
    """A token that says something of itself, and notes with which PINs it is asked."""

    def __init__(self, flags: int) -> None:
        self.flags = flags
        self.pins: list[str | None] = []

    def open(self, *, user_pin: str | None = None) -> object:
        self.pins.append(user_pin)
        return object()


def test_a_token_that_says_that_it_is_locked_is_not_asked(softhsm: SoftHsm) -> None:
    """One more wrong PIN may be the last: which one it would be, nobody knows."""
    from pkcs11 import TokenFlag

    sessions = pkcs11_token.sessions_of(softhsm.uri())
    good, locked = Told(0), Told(TokenFlag.USER_PIN_LOCKED)
    sessions._logged_in(good, PIN)
    with pytest.raises(HsmError) as caught:
        sessions._logged_in(locked, PIN)
    assert caught.value.code == "hsm_locked"
    assert (good.pins, locked.pins) == ([PIN], [])
    # Logged in when the call began, and lost since: without a PIN, and not with an empty one.
    with pytest.raises(SessionLostError):
        sessions._logged_in(good, None)
    assert good.pins == [PIN]


def test_a_library_with_a_call_under_way_is_not_started_again(softhsm: SoftHsm, signer: Signer) -> None:
    (module,) = pkcs11_token._modules.values()
    before = module.epoch
    module.enter()
    try:
        with pytest.raises(HsmError, match="have not ended") as caught:
            module.restart(before, seconds=0.01)
        assert (caught.value.code, module.epoch) == ("hsm_slow", before)
    finally:
        module.leave()
    module.restart(before, seconds=0.01)
    assert module.epoch == before + 1
    signs(signer)

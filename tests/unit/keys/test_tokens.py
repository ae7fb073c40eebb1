# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keys in a real token: made there, found there, never outside; by threads, forks, spawned processes."""

import json
import os
import pickle
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import AttributeSensitive

from tests.softhsm import LIBRARY, PIN, SoftHsm
from vcred.errors import StoreError, UsageError
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.custody import AskedPin, KeyFile
from vcred.keys.engines import pkcs11 as pkcs11_engine
from vcred.keys.engines.files import has_token_keys
from vcred.keys.engines.pkcs11_objects import public_of_point
from vcred.keys.engines.pkcs11_token import Seat, sessions_of
from vcred.keys.engines.sealing import open_with_key
from vcred.keys.engines.token_files import TOKEN_KEY_TYPE
from vcred.keys.hsm_errors import HsmKeyError, HsmMissingError, KeyRoleError
from vcred.keys.keyring import Keyring, KeyRole
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner

ROLES = ((ES256, KeyRole.ISSUING), (EDDSA, KeyRole.STATEMENT))
MESSAGE = b"what is signed"


def again(keyring: Keyring, softhsm: SoftHsm) -> Keyring:
    """The same keyring, opened once more."""
    return Keyring.open(
        keyring._folder, KeyFile(keyring._folder.parent / "token-unlock.key"), pin=softhsm.pin
    )


@pytest.mark.parametrize(("algorithm", "role"), ROLES)
def test_a_key_made_in_the_token_signs_now_and_later(
    keyring: Keyring, softhsm: SoftHsm, algorithm: Algorithm, role: KeyRole
) -> None:
    made = keyring.create_in_token("one", algorithm, role=role, uri=softhsm.uri())
    made.public_key.verify(made.sign(MESSAGE), MESSAGE)
    assert made.public_key.algorithm == algorithm
    later = again(keyring, softhsm)
    assert (later.names(), later.role("one")) == (("one",), role)
    (found,) = later.signers(role).values()
    assert found.public_key == made.public_key
    found.public_key.verify(found.sign(b""), b"")
    there = later.where("one")
    assert there is not None
    assert (there.object, there.of_token()) == ("one", softhsm.uri())


def test_what_the_keyring_keeps_is_no_private_key(keyring: Keyring, softhsm: SoftHsm) -> None:
    keyring.create("soft", ES256, role=KeyRole.STATUS)
    assert not has_token_keys(keyring._folder)
    keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    assert has_token_keys(keyring._folder)
    (keyring._folder / "two.key.jwe").write_bytes(b"no key")
    with pytest.raises(StoreError, match="is damaged"):
        has_token_keys(keyring._folder)
    sealed = (keyring._folder / "one.key.jwe").read_bytes()
    kept = json.loads(open_with_key(sealed, keyring._key_of_folder(), media_type=TOKEN_KEY_TYPE))
    assert kept.keys() == {"key", "name", "role", "uri"}
    assert kept["key"].keys() == {"crv", "kty", "x", "y"}


def test_the_token_does_not_give_the_key_away(keyring: Keyring, softhsm: SoftHsm) -> None:
    keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    (found,) = sessions_of(softhsm.uri()).run(private_keys, pin=softhsm.pin)
    properties = (Attribute.SENSITIVE, Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE)
    assert [found[name] for name in properties] == [True, True, True]
    assert found[Attribute.EXTRACTABLE] is False
    with pytest.raises(AttributeSensitive):
        found[Attribute.VALUE]


def test_a_key_that_the_token_does_not_keep_is_destroyed_at_once(
    keyring: Keyring, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a token would that ignores what it is asked for."""

    def loose(_: object) -> None:
        raise HsmKeyError("the private key could leave the token")

    keyring.create_in_token("good", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    with monkeypatch.context() as patched:
        patched.setattr(pkcs11_engine, "check_kept", loose)
        with pytest.raises(HsmKeyError):
            keyring.create_in_token("bad", ES256, role=KeyRole.STATUS, uri=softhsm.uri())
    labels = [key.label for key in sessions_of(softhsm.uri()).run(all_objects, pin=softhsm.pin)]
    assert sorted(labels) == ["good", "good"]
    assert keyring.names() == ("good",)


def all_objects(seat: Seat) -> list[Any]:
    return [*seat.require_session().get_objects()]


def private_keys(seat: Seat) -> list[Any]:
    return [*seat.require_session().get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})]


def test_the_same_name_in_two_homes_is_two_keys(keyring: Keyring, softhsm: SoftHsm, tmp_path: Path) -> None:
    first = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    other = Keyring.open(tmp_path / "other", KeyFile(tmp_path / "token-unlock.key"), pin=softhsm.pin)
    second = other.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    assert first.public_key != second.public_key
    for signer in (first, second):
        signer.public_key.verify(signer.sign(MESSAGE), MESSAGE)


def test_a_key_of_an_attempt_that_was_interrupted_is_taken(keyring: Keyring, softhsm: SoftHsm) -> None:
    made = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    (keyring._folder / "one.key.jwe").unlink()
    taken = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    assert taken.public_key == made.public_key


def test_a_key_that_is_there_is_taken_by_its_name(keyring: Keyring, softhsm: SoftHsm) -> None:
    made = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    (keyring._folder / "one.key.jwe").unlink()
    named = softhsm.uri(rest=";object=one")
    taken = keyring.create_in_token("two", ES256, role=KeyRole.ISSUING, uri=named)
    assert taken.public_key == made.public_key
    with pytest.raises(UsageError, match="here already, named two"):
        keyring.create_in_token("three", ES256, role=KeyRole.STATUS, uri=named)
    with pytest.raises(HsmKeyError, match="no such private key"):
        keyring.create_in_token("three", ES256, role=KeyRole.STATUS, uri=softhsm.uri(rest=";object=none"))
    assert keyring.names() == ("two",)


def test_a_key_of_another_algorithm_is_not_taken(keyring: Keyring, softhsm: SoftHsm) -> None:
    keyring.create_in_token("one", EDDSA, role=KeyRole.STATEMENT, uri=softhsm.uri())
    (keyring._folder / "one.key.jwe").unlink()
    with pytest.raises(UsageError, match="is for EdDSA, and issuing needs ES256"):
        keyring.create_in_token("two", ES256, role=KeyRole.ISSUING, uri=softhsm.uri(rest=";object=one"))
    assert keyring.names() == ()


def test_a_key_that_could_leave_the_token_is_not_taken(keyring: Keyring, softhsm: SoftHsm) -> None:
    for label, extractable in ((b"kept", False), (b"loose", True)):

        def make(seat: Seat, label: bytes = label, extractable: bool = extractable) -> None:
            with seat.require_session().token.open(rw=True) as session:
                curve = {Attribute.EC_PARAMS: bytes.fromhex("06082a8648ce3d030107")}
                session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
                    id=label,
                    label=label.decode(),
                    store=True,
                    mechanism=Mechanism.EC_KEY_PAIR_GEN,
                    private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: extractable},
                )

        sessions_of(softhsm.uri()).run(make, pin=softhsm.pin)
    keyring.create_in_token("good", ES256, role=KeyRole.ISSUING, uri=softhsm.uri(rest=";object=kept"))
    with pytest.raises(HsmKeyError, match="could leave the token"):
        keyring.create_in_token("bad", ES256, role=KeyRole.STATUS, uri=softhsm.uri(rest=";object=loose"))
    assert keyring.names() == ("good",)


def test_of_two_tokens_of_one_name_the_serial_number_tells(keyring: Keyring, softhsm: SoftHsm) -> None:
    softhsm.make_token("health")
    with pytest.raises(HsmMissingError, match="2 tokens are there") as caught:
        keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    assert "serial=" in str(caught.value.hint)
    listed = subprocess.run(["softhsm2-util", "--show-slots"], capture_output=True, text=True, check=True)
    serials = [line.split()[-1] for line in listed.stdout.splitlines() if "Serial number:" in line]
    uri = softhsm.uri(rest=f";serial={next(serial for serial in serials if len(serial) > 8)}")
    made = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=uri)
    made.public_key.verify(made.sign(MESSAGE), MESSAGE)


def test_threads_sign_at_the_same_time(keyring: Keyring, softhsm: SoftHsm) -> None:
    signers = [
        keyring.create_in_token(f"key-{number}", algorithm, role=role, uri=softhsm.uri())
        for number, (algorithm, role) in enumerate(ROLES)
    ]

    def work(number: int) -> None:
        signer, message = signers[number % 2], b"%d" % number
        signer.public_key.verify(signer.sign(message), message)

    with ThreadPoolExecutor(12) as pool:
        assert len([*pool.map(work, range(600))]) == 600


def test_a_forked_child_opens_its_own_sessions(keyring: Keyring, softhsm: SoftHsm) -> None:
    signer = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    child = os.fork()
    if child == 0:
        try:
            signer.public_key.verify(signer.sign(MESSAGE), MESSAGE)
        except BaseException:  # noqa: BLE001  Whatever it is, the parent is told by the exit code.
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    signer.public_key.verify(signer.sign(MESSAGE), MESSAGE)


def test_a_spawned_process_opens_its_own_sessions(keyring: Keyring, softhsm: SoftHsm) -> None:
    made = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    with pytest.raises(TypeError, match="open the keyring in the other process"):
        pickle.dumps(made)
    program = """
        import sys
        from pathlib import Path
        from vcred.keys.custody import KeyFile, PinFile
        from vcred.keys.keyring import Keyring

        folder, unlock, pin = map(Path, sys.argv[1:])
        signer = Keyring.open(folder, KeyFile(unlock), pin=PinFile(pin)).signer("one")
        print(signer.sign(b"message").hex())
    """
    unlock = keyring._folder.parent / "token-unlock.key"
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), keyring._folder, unlock, softhsm.pin_file],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    made.public_key.verify(bytes.fromhex(told.stdout), b"message")


def test_one_object_under_two_uris_has_not_two_roles(keyring: Keyring, softhsm: SoftHsm) -> None:
    keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    again(keyring, softhsm).check_roles()
    (keyring._folder / "one.key.jwe").rename(keyring._folder / "away")
    keyring.create_in_token("two", ES256, role=KeyRole.STATUS, uri=softhsm.uri(rest=";object=one"))
    again(keyring, softhsm).check_roles()
    (keyring._folder / "away").rename(keyring._folder / "one.key.jwe")
    with pytest.raises(KeyRoleError, match="one is issuing, two is status"):
        again(keyring, softhsm).check_roles()
    with pytest.raises(KeyRoleError) as caught:
        again(keyring, softhsm).signers(KeyRole.ISSUING)
    assert caught.value.code == "key_in_two_roles"


def test_the_pin_comes_from_where_the_uri_says(keyring: Keyring, softhsm: SoftHsm, tmp_path: Path) -> None:
    uri = softhsm.uri(query=f"&pin-source=file:{softhsm.pin_file}")
    unlock = KeyFile(tmp_path / "token-unlock.key")
    without = Keyring.open(tmp_path / "without", unlock)
    made = without.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=uri)
    made.public_key.verify(made.sign(MESSAGE), MESSAGE)
    assert not without.needs_pin()
    assert not keyring.needs_pin()
    keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    assert keyring.needs_pin()


def test_a_person_is_asked_once_and_other_processes_get_the_answer(softhsm: SoftHsm, tmp_path: Path) -> None:
    asked: list[bytes] = []

    def ask() -> bytes:
        asked.append(b"")
        return PIN.encode()

    pin = AskedPin(ask)
    (tmp_path / "unlock").write_bytes(bytes(32))
    (tmp_path / "unlock").chmod(0o600)
    opened = Keyring.open(tmp_path / "asked", KeyFile(tmp_path / "unlock"), pin=pin)
    assert not asked
    signer = opened.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    signer.sign(MESSAGE)
    assert len(asked) == 1
    assert pickle.loads(pickle.dumps(pin)).read() == PIN.encode()
    assert PIN not in repr(pin)


def test_without_any_pin_a_person_is_told_what_to_do(
    softhsm: SoftHsm, keyring: Keyring, tmp_path: Path
) -> None:
    keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    # Another token of the process, that nobody is logged in to.
    other = softhsm.uri(rest=";model=SoftHSM%20v2")
    without = Keyring.open(tmp_path / "without", KeyFile(tmp_path / "token-unlock.key"))
    with pytest.raises(UsageError, match="its PIN is needed"):
        without.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=other)


def test_the_library_can_be_named_by_the_environment(
    keyring: Keyring, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = Pkcs11Uri.parse("pkcs11:token=health")
    with pytest.raises(UsageError, match="where the library of the token is"):
        keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=uri)
    monkeypatch.setenv("VCRED_PKCS11_MODULE", str(LIBRARY))
    signer = keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=uri)
    signer.public_key.verify(signer.sign(MESSAGE), MESSAGE)


@pytest.mark.parametrize("algorithm", [ES256, EDDSA])
def test_points_with_and_without_their_frame(algorithm: Algorithm) -> None:
    public = SoftwareSigner.generate(algorithm).public_key
    raw = _uncompressed(public)
    framed = bytes((4, len(raw))) + raw
    assert public_of_point(algorithm, framed) == public_of_point(algorithm, raw) == public
    for wrong in (b"", raw[:-1], framed[:-1], b"\x05" + framed[1:], framed + b"\0", bytes(len(raw))):
        with pytest.raises(HsmKeyError):
            public_of_point(algorithm, wrong)


def _uncompressed(public: PublicKey) -> bytes:
    if public.algorithm == EDDSA:
        return public.raw
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public.raw)
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def test_a_file_of_a_token_key_is_checked_like_any_other(keyring: Keyring, softhsm: SoftHsm) -> None:
    keyring.create_in_token("one", ES256, role=KeyRole.ISSUING, uri=softhsm.uri())
    keyring.signer("one")
    file = keyring._folder / "one.key.jwe"
    (keyring._folder / "two.key.jwe").write_bytes(file.read_bytes())
    with pytest.raises(StoreError, match="the key of another name"):
        keyring.signer("two")
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError):
        keyring.signer("one")

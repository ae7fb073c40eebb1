# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Signing in a token, SoftHSM 2: against python-pkcs11 and nothing else, and against a key in memory.

Without SoftHSM on the machine there are no rows.
"""

import hashlib
import os
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench.history import new_folder
from bench.row import Against, Row, Work
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.custody import PinFile
from vcred.keys.engines.pkcs11_objects import find_private, sign_with
from vcred.keys.engines.pkcs11_token import Seat, sessions_of
from vcred.keys.keyring import Keyring, KeyRole, create_key_file
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner

_LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
_PIN = "4711"
_MESSAGE = bytes(range(256)) * 4
_SIGNATURES = 200
_ROLES = {ES256: KeyRole.ISSUING, EDDSA: KeyRole.STATEMENT}


@cache
def _keyring() -> tuple[Keyring, Pkcs11Uri, PinFile]:
    """Make a token, and a keyring that knows its PIN."""
    folder = new_folder()
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\n", encoding="utf-8")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    pins = ("--pin", _PIN, "--so-pin", _PIN)
    command = ["softhsm2-util", "--init-token", "--free", "--label", "bench", *pins]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    (folder / "pin").write_text(_PIN, encoding="utf-8")
    (folder / "pin").chmod(0o600)
    pin = PinFile(folder / "pin")
    uri = Pkcs11Uri.parse(f"pkcs11:token=bench?module-path={_LIBRARY}")
    return Keyring.open(folder / "keys", create_key_file(folder / "unlock.key"), pin=pin), uri, pin


@cache
def _in_token(algorithm: Algorithm) -> tuple[Signer, Callable[[], bytes]]:
    """A key in the token, and signing with it by python-pkcs11 alone, in a session of its own."""
    keyring, uri, pin = _keyring()
    role = _ROLES[algorithm]
    signer = keyring.create_in_token(role.value, algorithm, role=role, uri=uri)
    named = keyring.where(role.value)
    assert named is not None
    sessions = sessions_of(named)

    def find(seat: Seat) -> Any:
        return find_private(seat.require_session().token.open(), named)

    private = sessions.run(find, pin=pin)

    def alone() -> bytes:
        data = hashlib.sha256(_MESSAGE).digest() if algorithm == ES256 else _MESSAGE
        return sign_with(private, algorithm, data)

    for signature in (signer.sign(_MESSAGE), alone()):
        signer.public_key.verify(signature, _MESSAGE)
    return signer, alone


def _against_library(algorithm: Algorithm) -> Sequence[Work]:
    signer, alone = _in_token(algorithm)
    return (lambda: signer.sign(_MESSAGE)), alone


def _against_software(algorithm: Algorithm) -> Sequence[Work]:
    signer, software = _in_token(algorithm)[0], SoftwareSigner.generate(algorithm)
    return (lambda: signer.sign(_MESSAGE)), (lambda: software.sign(_MESSAGE))


def _two_threads(algorithm: Algorithm) -> Sequence[Work]:
    """Sign a hundred each in two threads, against two hundred in one."""
    signer = _in_token(algorithm)[0]
    pool = ThreadPoolExecutor(2)

    def work(amount: int) -> None:
        for _ in range(amount):
            signer.sign(_MESSAGE)

    def two() -> None:
        for ended in [pool.submit(work, _SIGNATURES // 2) for _ in range(2)]:
            ended.result()

    return two, (lambda: work(_SIGNATURES))


def _rows(algorithm: Algorithm, *, software: float) -> Sequence[Row]:
    curve = algorithm.curve
    kinds = (
        (f"sign {curve} in SoftHSM / python-pkcs11", 2.5, _against_library),
        (f"sign {curve} in SoftHSM / key in memory", software, _against_software),
        (f"sign {curve} in SoftHSM, 2 threads / 1", 1.1, _two_threads),
    )
    return [
        Row(name=name, goal=goal, prepare=partial(prepare, algorithm), against=Against.PEER)
        for name, goal, prepare in kinds
    ]


ROWS: tuple[Row, ...] = (
    (*_rows(ES256, software=6.0), *_rows(EDDSA, software=16.0)) if _LIBRARY.exists() else ()
)

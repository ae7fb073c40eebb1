# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Real tokens for tests: SoftHSM 2 with a folder of its own, and a library around it that can fail at will.

folder/tokens      what the token keeps; taken away, the token is gone
folder/faults      a file named slow, locked, full, lost or lost-once makes the library do that
folder/pin         the PIN, in a file that only its owner can read
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import pytest

from tests.machine import require
from vcred.keys.custody import PinFile
from vcred.keys.engines import pkcs11_token
from vcred.keys.pkcs11_uri import Pkcs11Uri

LIBRARY: Final = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN: Final = "4711-secret"
_SOURCE: Final = Path(__file__).with_name("softhsm_faults.c")


def require_softhsm() -> None:
    """Skip where SoftHSM is missing, fail in CI."""
    require(LIBRARY.exists() and shutil.which("softhsm2-util"), "no SoftHSM 2 (Debian: softhsm2)")


@cache
def faulty_library() -> Path:
    """The library around SoftHSM that can fail; compiled once."""
    compiler = shutil.which("cc")
    require(compiler, "no C compiler for the library that fails")
    out = Path(mkdtemp(prefix="vcred-token-")) / "faults.so"
    subprocess.run([compiler or "cc", "-shared", "-fPIC", "-o", out, _SOURCE, "-ldl"], check=True, timeout=60)
    return out


@dataclass(frozen=True)
class SoftHsm:
    """One folder of tokens."""

    folder: Path

    @property
    def tokens(self) -> Path:
        """Take it away, and the tokens are gone."""
        return self.folder / "tokens"

    @property
    def pin_file(self) -> Path:
        return self.folder / "pin"

    @property
    def pin(self) -> PinFile:
        return PinFile(self.pin_file)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in order to find the tokens."""
        names = {"SOFTHSM2_CONF": self.folder / "softhsm2.conf", "TOKEN_FAULTS": self.folder / "faults"}
        return {name: str(path) for name, path in names.items()}

    def uri(
        self, label: str = "health", rest: str = "", *, library: Path = LIBRARY, query: str = ""
    ) -> Pkcs11Uri:
        return Pkcs11Uri.parse(f"pkcs11:token={label}{rest}?module-path={library}{query}")

    def make_token(self, label: str) -> None:
        pins = ("--so-pin", "87654321", "--pin", PIN)
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, *pins]
        environment = os.environ | self.environment
        subprocess.run(command, check=True, timeout=60, capture_output=True, env=environment)

    def fault(self, name: str) -> Path:
        """Let the faulty library do something from now on; remove the file to end it."""
        file = self.folder / "faults" / name
        file.touch()
        return file


def make_softhsm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """Make a token, and let this process find it and nothing of an earlier test."""
    require_softhsm()
    made = SoftHsm(folder)
    for part in ("tokens", "faults"):
        (folder / part).mkdir(parents=True)
    settings = f"directories.tokendir = {made.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
    (folder / "softhsm2.conf").write_text(settings, encoding="utf-8")
    made.pin_file.write_text(f"{PIN}\n", encoding="utf-8")
    made.pin_file.chmod(0o600)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    made.make_token("health")
    # The library reads its settings when it starts: let this process begin with it anew.
    pkcs11_token._forget()
    return made

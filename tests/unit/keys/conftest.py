# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A keyring, and a token of SoftHSM 2."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.softhsm import SoftHsm, make_softhsm
from vcred.keys.keyring import Keyring, create_key_file


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return make_softhsm(tmp_path / "softhsm", monkeypatch)


@pytest.fixture
def keyring(tmp_path: Path, softhsm: SoftHsm) -> Iterator[Keyring]:
    """Empty, with the PIN of the token."""
    unlock = create_key_file(tmp_path / "token-unlock.key")
    with Keyring.open(tmp_path / "token-keys", unlock, pin=softhsm.pin) as opened:
        yield opened

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster is asked for before anything is connected: TLS, certificates, the extra package."""

import sys
from pathlib import Path

import dask
import distributed
import pytest

from tests.unit.issuer.cluster.machines import Certificates, make_certificates
from vcred.errors import StoreError, UsageError
from vcred.issuer.engines.workers.cluster import DaskEngine
from vcred.issuer.engines.workers.cluster_connection import check_scheduler_address
from vcred.issuer.engines.workers.engine_choice import EngineChoice

GOOD = "tls://scheduler.example:8786"


class Reached(Exception):
    """Everything was there, and the library was asked to connect."""


@pytest.fixture(autouse=True)
def nobody_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object, **options: object) -> None:
        assert options["security"].require_encryption is True  # type: ignore[attr-defined]
        raise Reached

    monkeypatch.setattr(distributed, "Client", connect)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path / "certificates")


@pytest.mark.parametrize("address", [GOOD, "tls://192.0.2.1:8786", "tls://[2001:db8::1]:8786"])
def test_the_address_of_a_scheduler(address: str) -> None:
    check_scheduler_address(address)
    EngineChoice(engine=address)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://scheduler.example:8786",
        "ucx://scheduler.example:8786",
        "ws://scheduler.example:8786",
        "scheduler.example:8786",
        "tls://scheduler.example",
        "tls://:8786",
        "tls://scheduler.example:port",
        "tls://scheduler.example:99999",
        "tls://somebody@scheduler.example:8786",
        "tls://scheduler.example:8786/place",
        "tls://scheduler.example:8786?query",
        " tls://scheduler.example:8786",
        "TLS://scheduler.example:8786",
        "dask",
        "",
    ],
)
def test_anything_else_is_a_wrong_word(address: str) -> None:
    """Above all the address without TLS, which Dask takes."""
    with pytest.raises(UsageError, match="tls://HOST:PORT") as caught:
        EngineChoice(engine=address)
    assert caught.value.hint is not None and "nothing but TLS" in caught.value.hint


def test_workers_are_not_counted_here() -> None:
    EngineChoice(workers=2)
    with pytest.raises(UsageError, match="exclude each other"):
        EngineChoice(engine=GOOD, workers=2)


def test_all_certificates_named(certificates: Certificates) -> None:
    with dask.config.set(certificates.settings()), pytest.raises(Reached):
        DaskEngine(GOOD)


@pytest.mark.parametrize("missing", ["ca-file", "client.cert", "client.key"])
def test_a_certificate_that_is_not_named(certificates: Certificates, missing: str) -> None:
    settings = {**certificates.settings(), f"distributed.comm.tls.{missing}": None}
    with dask.config.set(settings), pytest.raises(UsageError, match="no certificates are named") as caught:
        DaskEngine(GOOD)
    assert caught.value.hint is not None and "DASK_CONFIG" in caught.value.hint


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), (b"not PEM", "cannot be used")])
@pytest.mark.parametrize("which", ["ca", "certificate", "key"])
def test_a_certificate_that_is_none(
    certificates: Certificates, which: str, content: bytes | None, words: str
) -> None:
    file: Path = getattr(certificates, which)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with dask.config.set(certificates.settings()), pytest.raises(StoreError, match=words):
        DaskEngine(GOOD)


def test_without_the_extra_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs Dask") as caught:
        DaskEngine(GOOD)
    assert caught.value.hint == 'pip install "vcred[batch]"'

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred serve`: two witnesses and a ledger as processes, a network that grows over HTTP."""

import json
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.cli.run import run
from tests.cli.servers import Server, free_port, serving, wait_until
from tests.cli.town import Town, found_network
from tests.unit.ledger.homes import pass_marks_for_original
from vcred.errors import FetchError
from vcred.fetch import Site
from vcred.fetch.site import _tls
from vcred.tlog.checkpoint import parse_checkpoint_text
from vcred.tlog.note import parse_note


@pytest.fixture(scope="module")
def founded_now(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A network founded at this very time: processes have no other clock."""
    town = Town(path=tmp_path_factory.mktemp("now"), now=datetime.now(UTC) - timedelta(seconds=60))
    found_network(town)
    return town


@pytest.fixture
def real(founded_now: Town, tmp_path: Path) -> Town:
    # Moved, not copied: the record of a witness knows when it is a copy.
    town = Town(path=tmp_path / "town", now=datetime.now(UTC))
    shutil.copytree(founded_now.path, town.path)
    pass_marks_for_original(town.path)
    return town


def published_size(url: str) -> int:
    answer = Site.configured(url).get("/checkpoint", max_bytes=10_000)
    return parse_checkpoint_text(parse_note(answer.body).text).size if answer.status == 200 else 0


@pytest.mark.online
@pytest.mark.enable_socket
def test_a_network_over_http(tmp_path: Path) -> None:
    town = Town(path=tmp_path, now=datetime.now(UTC) - timedelta(seconds=60))
    found_network(town)
    ports = {name: free_port() for name in ("ledger", "gd", "mo")}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    asked = ("--witness", urls["gd"], "--witness", urls["mo"], "--every", "2s")
    town.now = datetime.now(UTC)
    with ExitStack() as stack:
        ledger = stack.enter_context(
            serving("ledger", *asked, home=tmp_path / "ledger", port=ports["ledger"])
        )
        assert ledger.url == urls["ledger"]
        start = published_size(ledger.url)
        witnesses = {name: stack.enter_context(witness(town, name, urls, ports)) for name in ("gd", "mo")}
        assert {name: server.url for name, server in witnesses.items()} == {n: urls[n] for n in witnesses}

        add(town, "health-code", ledger.url)
        wait_until(lambda: published_size(ledger.url) == start + 1)

        # The quorum needs both: without one the checkpoint waits, and is never published bare.
        witnesses["mo"].kill()
        add(town, "professional-certificate", ledger.url)
        wait_until(lambda: ledger.said("nothing is published"))
        time.sleep(1)
        assert published_size(ledger.url) == start + 1

        back = stack.enter_context(witness(town, "mo", urls, ports))
        wait_until(lambda: published_size(ledger.url) == start + 2)
        assert (back.stop(), witnesses["gd"].stop(), ledger.stop()) == (0, 0, 0)
        assert not any("Traceback" in line for line in (*ledger.lines, *back.lines))
    rows = json.loads(town.done("ledger", "log", "--json", home="ledger"))
    assert (rows["published"], len(rows["entries"])) == (start + 2, start + 2)


def witness(town: Town, name: str, urls: dict[str, str], ports: dict[str, int]) -> "Iterator[Server]":
    home = town.path / f"authority-{name}"
    return serving("witness", "--ledger", urls["ledger"], home=home, port=ports[name])  # type: ignore[return-value]


def add(town: Town, name: str, url: str) -> None:
    town.now = datetime.now(UTC)
    outcome = json.loads(town.done("type", "add", name, "--ledger", url, "--json", home="authority-gd"))
    assert outcome["new"]


@pytest.mark.online
@pytest.mark.enable_socket
def test_silent_connections_do_not_keep_others_out(real: Town) -> None:
    """SRV-05."""
    with serving("ledger", home=real.path / "ledger") as server, ExitStack() as stack:
        host, port = server.url.removeprefix("http://").split(":")
        silent = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(100)]
        for number, connection in enumerate(silent):
            connection.sendall(b"GET /checkpoint HTTP/1.1\r\nX: "[: number % 30])
        start = time.monotonic()
        assert published_size(server.url) == 1
        assert time.monotonic() - start < 1
        for connection in silent:
            connection.settimeout(15)
            with pytest.raises(ConnectionResetError):
                raise_if_closed(connection)
        assert server.stop() == 0


def raise_if_closed(connection: socket.socket) -> None:
    if connection.recv(1) == b"":
        raise ConnectionResetError


@pytest.mark.online
@pytest.mark.enable_socket
def test_tls(real: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    files = certificate(real.path, "127.0.0.1")
    with serving("ledger", *files, home=real.path / "ledger") as server:
        assert server.url.startswith("https://127.0.0.1:")
        with pytest.raises(FetchError, match="cannot connect"):
            published_size(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(files[1]))
        _tls.cache_clear()
        assert published_size(server.url) == 1
        # The certificate is of another name.
        with pytest.raises(FetchError, match="cannot connect"):
            published_size(server.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(FetchError):
            published_size(server.url.replace("https", "http"))
        assert server.stop() == 0
    _tls.cache_clear()


def certificate(folder: Path, address: str) -> tuple[object, ...]:
    """A certificate of an address, signed by itself, as options."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return ("--tls-certificate", folder / "tls.pem", "--tls-key", folder / "tls.key")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--host", "0.0.0.0"), "without TLS anybody can read along"),
        (("--host", "::"), "without TLS anybody can read along"),
        (("--host", "ledger.example"), "without TLS anybody can read along"),
        (("--tls-key", "tls.key"), "belong together"),
        (("--witness", "http://witness.example"), "http is not protected"),
        (("--every", "often"), "not a duration"),
        (("--port", "70000"), "70000"),
    ],
)
def test_what_is_refused_before_it_listens(town: Town, options: tuple[str, ...], words: str) -> None:
    outcome = town.run("serve", "ledger", *options, home="ledger")
    assert outcome.code == 2
    assert words in outcome.err


def test_a_server_works_in_the_home_of_its_role(town: Town) -> None:
    assert town.run("serve", "ledger", home="authority-gd").code == 2
    assert town.run("serve", "witness", "--ledger", "http://127.0.0.1:1", home="ledger").code == 2
    assert run("serve", "witness").code == 2


def test_a_certificate_that_cannot_be_read(town: Town) -> None:
    files = ("--tls-certificate", town.path / "none.pem", "--tls-key", town.path / "none.key")
    outcome = town.run("serve", "ledger", *files, home="ledger")
    assert outcome.code == 4
    assert "the certificate or its key cannot be read" in outcome.err

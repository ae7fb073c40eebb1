# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A cluster of Dask on loopback: its own certificates, a scheduler and workers as processes."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dask
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.cli.servers import free_port, wait_until

_SECONDS = 60
NO_SPILLING: Mapping[str, str] = {
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Files of one CA, and of one certificate of it that all parties of a cluster share in a test."""

    ca: Path
    certificate: Path
    key: Path

    def settings(self) -> dict[str, Any]:
        """As Dask takes them in a program."""
        named: dict[str, Any] = {"distributed.comm.tls.ca-file": str(self.ca)}
        for role in ("client", "scheduler", "worker"):
            named[f"distributed.comm.tls.{role}.cert"] = str(self.certificate)
            named[f"distributed.comm.tls.{role}.key"] = str(self.key)
        return named

    def environment(self) -> dict[str, str]:
        """As Dask takes them from the environment."""
        start = "DASK_DISTRIBUTED__COMM__"
        named = {f"{start}TLS__CA_FILE": str(self.ca), f"{start}REQUIRE_ENCRYPTION": "True"}
        for role in ("CLIENT", "SCHEDULER", "WORKER"):
            named[f"{start}TLS__{role}__CERT"] = str(self.certificate)
            named[f"{start}TLS__{role}__KEY"] = str(self.key)
        return named


def make_certificates(folder: Path) -> Certificates:
    """Make a CA, and a certificate that it has signed."""
    folder.mkdir(parents=True)
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca, own = _name("a CA of this cluster alone"), _name("a machine")
    made = Certificates(ca=folder / "ca.pem", certificate=folder / "own.pem", key=folder / "own.key")
    made.ca.write_bytes(_certificate(ca, ca_key, ca, ca_key, is_ca=True))
    made.certificate.write_bytes(_certificate(own, key, ca, ca_key, is_ca=False))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> bytes:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(Encoding.PEM)


def make_worker_home(folder: Path, issuer: Path) -> Path:
    """Copy of an issuer's home what a worker needs: the issuing key, and what opens it."""
    (folder / "keys").mkdir(parents=True, mode=0o700)
    for name in ("home.toml", "unlock.key", "keys/unlock.jwe", "keys/issuing-1.key.jwe"):
        shutil.copy(issuer / name, folder / name)
    return folder


@dataclass
class Machine:
    """A process of the cluster."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(_SECONDS)


@dataclass
class Cluster:
    """A scheduler and its workers; `port` stays when the scheduler is started anew."""

    folder: Path
    certificates: Certificates
    port: int = field(default_factory=free_port)
    started: int = 0
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    def start_scheduler(self) -> Machine:
        """Start a scheduler, and wait until it listens."""
        place = ("--host", "127.0.0.1", "--port", str(self.port))
        machine = self._start("scheduler", *place, "--protocol", "tls", environment={})
        wait_until(lambda: machine.said("Scheduler at:"), seconds=_SECONDS)
        return machine

    def start_worker(
        self, home: Path, *, environment: Mapping[str, str] = NO_SPILLING, nanny: bool = False
    ) -> Machine:
        """Start a worker of one process and one thread, and wait until the scheduler has it."""
        options = ("--nthreads", "1", "--nanny" if nanny else "--no-nanny", "--host", "127.0.0.1")
        environment = {**environment, "VCRED_HOME": str(home)}
        machine = self._start("worker", self.address, *options, environment=environment)
        wait_until(lambda: machine.said("Registered to:"), seconds=_SECONDS)
        return machine

    def _start(self, role: str, *arguments: str, environment: Mapping[str, str]) -> Machine:
        self.started += 1
        log, scratch = (self.folder / f"{role}-{self.started}{end}" for end in (".log", ""))
        scratch.mkdir()
        environment = {
            **{name: value for name, value in os.environ.items() if name != "VCRED_HOME"},
            **self.certificates.environment(),
            "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
            **environment,
        }
        quiet = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", role, *arguments, *quiet],
                cwd=scratch,
                env={**environment, "TMPDIR": str(scratch)},
                stdout=file,
                stderr=file,
            )
        machine = Machine(process, log)
        self.stack.callback(machine.kill)
        return machine


@contextmanager
def a_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster without machines yet; this process has its certificates. All end with it."""
    certificates = make_certificates(folder / "certificates")
    cluster = Cluster(folder, certificates)
    with cluster.stack, dask.config.set(certificates.settings()):
        yield cluster

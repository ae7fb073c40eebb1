# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""No claim stands anywhere but in rosters, credentials and the wallet, whatever is done or goes wrong.

PRV-01, PRV-02, PRV-05: issued in this process, in others and sealed, refused, killed, aborted,
revoked, published, audited, recorded on the ledger, imported, verified, forgotten.
"""

import base64
import csv
import gzip
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tools.make_roster import HEADER, iter_rows

from tests.cli.run import Outcome
from tests.cli.servers import wait_until
from tests.cli.stories import CLAIMS
from tests.cli.town import Town
from tests.kill import PROJECT, python_module
from tests.leaks import Canaries
from vcred.issuer.engines.runs import roster_chunks
from vcred.issuer.row_signer import RowPlanner

FREE = {"name": "金絲雀", "name_latin": "Canary latin", "test_lab": "Canary lab"}
# The others are of a few values each, or too short to be known again.
KNOWN_AGAIN = (*FREE, "id_number", "birth_date", "test_collected", "vaccine_last", "valid_until", "holder")
CHUNK = "4"
# Where claims belong, below the town; and of outputs, only the credentials.
THEIRS = ("rosters/", "holder/")
CREDENTIALS = (".sdjwt", ".jsonl")


@dataclass
class Told(Town):
    """A town in which all that commands say is kept."""

    words: list[str] = field(default_factory=list)
    canaries: set[str] = field(default_factory=set)

    def run(self, *arguments: object, home: str | None = None, stdin: bytes = b"") -> Outcome:
        outcome = super().run(*arguments, home=home, stdin=stdin)
        # What a holder shows and a gate reads is stdout of these.
        shown = arguments[0] in ("present", "verify") or (arguments[0], arguments[-1]) == ("issue", "-")
        self.words.append(outcome.err if shown else outcome.out + outcome.err)
        return outcome

    def roster(self, name: str, rows: int, *, seed: int, **cells: str) -> Path:
        """Write a roster of which every claim that can be one is a canary; row ids begin with the name."""
        header, *people = iter_rows(rows, seed=seed)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        for number, row in enumerate(people):
            person = dict(zip(HEADER, row, strict=True)) | {"row_id": f"{name}{number}"} | cells
            person |= {column: f"{start} {seed}-{number}" for column, start in FREE.items()}
            writer.writerow(person.values())
            # Of a long roster some in full, and of each row what all free texts begin with.
            if number % 12 == 0:
                self.canaries.update(person[column].removeprefix("did:key:") for column in KNOWN_AGAIN)
            self.canaries.update((*cells.values(), *FREE.values()))
        self.canaries.discard("")
        path = self.path / "rosters" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    def issue(self, name: str, roster: Path, *options: object, code: int = 0) -> Path:
        """Issue a roster; an issue that goes wrong in another way fails here."""
        out = self.path / name
        outcome = self.run(
            "issue", "health-code", "--roster", roster, *options, "--out", out, home="issuer-gd"
        )
        assert outcome.code == code, outcome.err
        return out

    def start(self, out: Path, roster: Path) -> "subprocess.Popen[bytes]":
        """Begin to issue a roster as a process, with more of them, that may leave core files."""
        words = ("issue", "health-code", "--roster", roster, "--workers", 2, "--out", out)
        at = ("chunked", int(self.now.timestamp()), CHUNK)
        home = ("--home", self.path / "issuer-gd")
        issue = python_module("tests.faults.scenarios", *at, *words, *home)
        return subprocess.Popen(
            ["sh", "-c", 'ulimit -c unlimited; cd "$0"; exec "$@"', self.path / "here", *issue],
            env=os.environ | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'src'}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def hits(self) -> set[str]:
        """Files below the town in which a claim stands, and none belongs."""
        return {
            name
            for name in Canaries(self.canaries).files_with(self.path)
            if not name.startswith(THEIRS) and not name.endswith(CREDENTIALS)
        }


@pytest.fixture
def told(town: Town, monkeypatch: pytest.MonkeyPatch) -> Told:
    for name in ("temporary", "here"):
        (town.path / name).mkdir()
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", int(CHUNK))
    monkeypatch.setenv("TMPDIR", f"{town.path / 'temporary'}")
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(town.path / "here")
    return Told(path=town.path, now=town.now)


def test_issued_revoked_published_verified(
    told: Told, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    roster = told.roster("INL", 6, seed=1)
    assert len([*told.issue("inline", roster, "--check", "--workers", 1).glob("*.sdjwt")]) == 6
    out = told.issue("pool.jsonl", told.roster("POOL", 8, seed=2), "--workers", 2)
    assert len(out.read_bytes().splitlines()) == 8
    sealed = told.issue("sealed", told.roster("SEAL", 4, seed=3), "--sealed", "--workers", 1)
    assert len([*sealed.glob("*.jwe")]) == 4
    assert not told.hits()
    told.done("status", "revoke", "--row", "INL0", home="issuer-gd")
    told.done("status", "suspend", "INL1", home="issuer-gd")
    told.done("status", "audit", "--out", told.path / "audit.jsonl", home="issuer-gd")
    told.done("evidence", "record", "--ledger", told.path / "ledger", home="issuer-gd")
    credential = a_persons(told)
    told.publish()
    shown = ("--disclose", "match,test,identity.name", "--out", "-")
    code = told.done("present", credential, *shown, home="holder").encode()
    assert told.verify(code).code == 0
    told.done("status", "revoke", "MINE", home="issuer-gd")
    told.publish()
    assert told.verify(told.done("present", credential, *shown, home="holder").encode()).code == 1
    told.done("status", "forget", "--row", "INL0", home="issuer-gd")
    assert not told.hits()
    said = "".join(told.words) + caplog.text + "".join(capfd.readouterr())
    assert "revoked" in said
    assert not Canaries(told.canaries).found_in(said.encode())


def a_persons(told: Told) -> Path:
    """Issue one person's claims to the wallet; refuse them with one that does not fit."""
    claims = json.loads(json.dumps(CLAIMS))
    claims["identity"] |= {"name": "金絲雀 mine", "name_latin": "Canary latin mine"}
    claims["match"]["name"] = "金絲雀 mine"
    claims["test"]["lab"] = "Canary lab mine"
    told.canaries |= {"金絲雀 mine", "Canary latin mine", "Canary lab mine", "Canary colour"}
    holder = told.done("wallet", "apply", told.done("did", "show", home="issuer-gd"), home="holder")
    out = told.path / "mine.sdjwt"
    for colour, code in (("Canary colour", 1), ("green", 0)):
        file = told.path / "rosters" / "mine.json"
        file.write_text(json.dumps(claims | {"colour": colour}), encoding="utf-8")
        words = ("--claims", file, "--holder", holder, "--row-id", "MINE", "--out", out)
        outcome = told.run("issue", "health-code", *words, home="issuer-gd")
        assert outcome.code == code, outcome.err
    return out


def test_refused(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, whole files, and a fault of vcred itself, which has claims in its words."""
    told.issue("bad", told.roster("BAD", 5, seed=4, test_method="Canary method"), code=1)
    assert (told.path / "bad" / "refused.csv").exists()
    twice = told.roster("TWICE", 1, seed=5)
    twice.write_text(twice.read_text() + twice.read_text().splitlines()[1].replace("TWICE0", "OTHER"))
    told.issue("twice", twice)
    assert (told.path / "twice" / "flagged.csv").exists()
    good = told.roster("GOOD", 3, seed=6)
    for name, wrong in {
        "header": good.read_bytes().replace(b"id_number", b"Canary number", 1),
        "bytes": good.read_bytes().replace("金絲雀".encode(), "金絲雀".encode("gb18030")),
        "nul": good.read_bytes().replace(b"Canary lab", b"Canary\0lab"),
        "quotes": good.read_bytes() + b'"Canary latin',
    }.items():
        file = told.path / "rosters" / f"{name}.csv"
        file.write_bytes(wrong)
        words = ("issue", "health-code", "--roster", file, "--check")
        assert told.run(*words, home="issuer-gd").code in (1, 2, 4)
    with monkeypatch.context() as patched:
        patched.setattr(RowPlanner, "plan", _fail)
        told.issue("fault", good, code=70)
    told.issue("fault", good)
    assert not told.hits()
    said = "".join(told.words)
    assert "internal error: RuntimeError" in said
    # The header is the file's own; cells are not told.
    assert Canaries(told.canaries).found_in(said.encode()) == set()


def _fail(_signer: object, row: object, *_: object) -> None:
    raise RuntimeError(repr(row))


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGABRT], ids=lambda ending: ending.name)
def test_killed_in_the_middle_and_resumed(told: Told, ending: signal.Signals) -> None:
    roster, out = told.roster("KILL", 60, seed=7), told.path / "killed"
    process = told.start(out, roster)
    wait_until(lambda: process.poll() is not None or len([*out.glob("*.sdjwt")]) >= int(CHUNK), seconds=60)
    os.killpg(process.pid, ending)
    said = b"".join(process.communicate(timeout=60))
    assert process.returncode == -ending, said
    assert len([*out.glob("*.sdjwt")]) < 60
    assert not told.hits()
    told.issue("killed", roster, "--workers", 1)
    assert len([*out.glob("*.sdjwt")]) == 60
    assert not told.hits()
    assert not Canaries(told.canaries).found_in(said + "".join(told.words).encode())


def test_a_core_file_would_be_found(told: Told) -> None:
    """The control: a process that vcred does not run leaves one with what it knew."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if pattern != "core":
        # A setting of the machine's kernel, which a test is not to change: where it is a program or
        # another folder, no process can leave a core file where the canaries are looked for.
        pytest.skip(f"the kernel sends core files elsewhere: {pattern}")
    told.canaries.add("Canary in the memory of a process")
    program = "import os; held = ' '.join(['Canary', 'in the memory', 'of a process']); os.abort()"
    shell = 'ulimit -c unlimited; exec "$@"'
    subprocess.run(
        ["sh", "-c", shell, "sh", "python3", "-c", program], cwd=told.path / "here", check=False, timeout=60
    )
    assert [name.split("/")[0] for name in told.hits()] == ["here"]


def test_one_in_the_journal_is_found(told: Told) -> None:
    """The control: planted in a store, also in a page that is free again."""
    told.issue("inline", told.roster("INL", 2, seed=1), "--workers", 1)
    assert not told.hits()
    canary = min(told.canaries)
    store = told.path / "issuer-gd" / "issuer.sqlite"
    for statement in ("UPDATE journal SET row_id = ? WHERE row_id = 'INL0'", "CREATE TABLE gone AS SELECT ?"):
        planted = told.path / "planted"
        shutil.copytree(told.path / "issuer-gd", planted)
        with closing(sqlite3.connect(planted / store.name, isolation_level=None)) as database:
            database.execute("PRAGMA secure_delete=OFF")
            database.execute(statement, (canary,))
            if statement.startswith("CREATE"):
                database.execute("DROP TABLE gone")
        assert {name.split("/")[0] for name in told.hits()} == {"planted"}
        shutil.rmtree(planted)


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be").hex().encode(),
        lambda text: json.dumps({"x": text}).encode(),
        lambda text: base64.urlsafe_b64encode(b"x" + text.encode()),
        lambda text: base64.b64encode(b"xy" + text.encode() + b"tail"),
        lambda text: zlib.compress(text.encode() * 2),
        lambda text: gzip.compress(text.encode()),
        lambda text: base64.urlsafe_b64encode(zlib.compress(b"some words before " + text.encode())),
        lambda text: zlib.compress(base64.b64encode(base64.b64encode(text.encode() + b"and some words"))),
    ],
)
@pytest.mark.parametrize("text", ["Canary lab 7", "金絲雀 7"])
def test_the_search_finds(write: Callable[[str], bytes], text: str) -> None:
    """The control: each form, among other bytes."""
    assert Canaries([text]).found_in(b"\x00~" + write("another 金") + b".\xff") == set()
    assert Canaries([text]).found_in(b"\x00~" + write(text) + b".\xff") == {text}

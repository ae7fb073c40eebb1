# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Founds a network, an issuer, a holder and a gate, by commands as a person would type them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.architecture.source import PROJECT
from tests.cli.run import NOON, Outcome, run

ROSTER = PROJECT / "examples" / "rosters" / "health_codes_gb18030.csv"
ROW = "HC0000001"
ACCREDITED = ("--from", "2026-11-01T00:00:00+08:00", "--until", "2027-11-01T00:00:00+08:00")


class TownClock:
    """Gives the time of a town; waits by letting it pass."""

    def __init__(self, town: "Town") -> None:
        self._town = town

    def __call__(self) -> datetime:
        return self._town.now

    def sleep(self, seconds: float) -> None:
        self._town.later(seconds=seconds)


@dataclass(kw_only=True)
class Town:
    """The homes in one folder, and a clock that moves only when a test says so."""

    path: Path
    now: datetime = field(default=NOON)

    def later(self, **by: float) -> None:
        """Let time pass; takes what `timedelta` takes."""
        self.now += timedelta(**by)

    def run(self, *arguments: object, home: str | None = None, stdin: bytes = b"") -> Outcome:
        """Run a command at the town's time, in the home of a party."""
        where = () if home is None else ("--home", self.path / home)
        return run(*arguments, *where, stdin=stdin, clock=TownClock(self))

    def done(self, *arguments: object, home: str | None = None, stdin: bytes = b"") -> str:
        """Run a command that must end with 0; returns its stdout."""
        outcome = self.run(*arguments, home=home, stdin=stdin)
        assert outcome.code == 0, outcome.err
        return outcome.out.strip()

    def publish(self) -> None:
        """Publish ledger and status lists, and carry a new bundle to the gate and the others."""
        self.later(seconds=5)
        self.done("ledger", "publish", *self._witnesses(), home="ledger")
        self.done("status", "publish", "--out", self.path / "status", home="issuer-gd")
        lists = [("--status", file) for file in sorted((self.path / "status").glob("*.jwt"))]
        bundle = self.path / f"bundle-{self.now:%H%M%S}.vtb"
        network = ("--network", self.path / "network.json")
        self.done("trust", "build", *network, *sum(lists, ()), "--out", bundle, home="ledger")
        for home in ("issuer-gd", "holder", "gate-mo"):
            self.done("trust", "import", bundle, home=home)

    def show(self, *paths: str) -> bytes:
        """Let the holder show claims; returns the text of the code."""
        credential = self.path / "issued" / f"{ROW}.sdjwt"
        chosen = ",".join(paths)
        return self.done("present", credential, "--disclose", chosen, "--out", "-", home="holder").encode()

    def verify(self, code: bytes, *options: object) -> Outcome:
        """Ask the gate in Macao."""
        return self.run("verify", "-", *options, home="gate-mo", stdin=code)

    def _witnesses(self) -> tuple[object, ...]:
        return ("--witness", self.path / "authority-gd", "--witness", self.path / "authority-mo")


def found_town(path: Path) -> Town:
    """Found everything, up to a gate that holds a bundle and a holder who has a credential."""
    town = found_before_lists(path)
    town.publish()
    return town


def found_before_lists(
    path: Path, *, now: datetime = NOON, on_admitted: Callable[[Town], object] | None = None
) -> Town:
    """Found all of it but the first status lists and the bundle that has them.

    Args:
        on_admitted: Called once the issuer is on the ledger, and has issued nothing yet.
    """
    town = Town(path=path, now=now)
    found_network(town)
    _admit_issuer(town)
    if on_admitted is not None:
        on_admitted(town)
    network = ("--network", path / "network.json")
    town.done("init", "holder", *network, home="holder")
    town.done("init", "verifier", *network, "--jurisdiction", "MO", home="gate-mo")
    _publish_first(town)
    _issue(town)
    return town


def found_network(town: Town) -> None:
    places = (("gd", "CN-44", "Guangdong", "廣東"), ("mo", "MO", "Macao", "澳門"))
    drafts = []
    for short, code, name, chinese in places:
        home, file = f"authority-{short}", town.path / f"founder-{short}.json"
        town.done("init", "authority", home=home)
        named = (
            "--jurisdiction-name",
            name,
            "--jurisdiction-name",
            f"zh-Hant={chinese}",
            "--name",
            f"{name} Health",
        )
        town.done("ledger", "found", "--jurisdiction", code, *named, "--out", file, home=home)
        drafts.append(file)
    town.done("init", "ledger", home="ledger")
    files = [town.path / f"genesis-{number}.json" for number in range(3)]
    town.done(
        "ledger", "genesis", *drafts, "--origin", "ledger.example/vcred", "--out", files[0], home="ledger"
    )
    town.done("ledger", "endorse", files[0], "--out", files[1], home="authority-gd")
    town.done("ledger", "endorse", files[1], "--out", files[2], home="authority-mo")
    town.done("ledger", "append", files[2], home="ledger")
    town.done("ledger", "publish", *town._witnesses(), home="ledger")
    town.done("ledger", "network", "--out", town.path / "network.json", home="ledger")


def _admit_issuer(town: Town) -> None:
    sponsor = town.done("did", "show", home="authority-gd")
    town.done("init", "issuer", "--network", town.path / "network.json", home="issuer-gd")
    made, endorsed = town.path / "create.json", town.path / "endorsed.json"
    place = ("--status-base", "https://status.example/gd/", "--sponsor", sponsor)
    name = ("--name", "Guangdong Health Code Centre", "--name", "zh-Hant=廣東健康碼中心")
    town.done("did", "create", *name, *place, "--out", made, home="issuer-gd")
    town.done("ledger", "endorse", made, "--out", endorsed, home="authority-gd")
    town.done("ledger", "append", endorsed, home="ledger")
    issuer = town.done("did", "show", home="issuer-gd")
    ledger = ("--ledger", town.path / "ledger")
    town.done("type", "add", "health-code", *ledger, home="authority-gd")
    town.done("ledger", "accredit", issuer, "health-code", *ACCREDITED, *ledger, home="authority-gd")
    town.done(
        "ledger", "recognise", "health-code", "--from-jurisdiction", "CN-44", *ledger, home="authority-mo"
    )


def _publish_first(town: Town) -> None:
    """The first bundle is without status lists: an issuer makes them once it may issue."""
    bundle = town.path / "bundle-0.vtb"
    town.done("ledger", "publish", *town._witnesses(), home="ledger")
    town.done("trust", "build", "--network", town.path / "network.json", "--out", bundle, home="ledger")
    for home in ("issuer-gd", "holder", "gate-mo"):
        town.done("trust", "import", bundle, home=home)


def _issue(town: Town) -> None:
    issuer = town.done("did", "show", home="issuer-gd")
    holder = town.done("wallet", "apply", issuer, home="holder")
    (town.path / "holders.csv").write_text(f"row_id,holder\n{ROW},{holder}\n", encoding="utf-8")
    (town.path / "roster.csv").write_bytes(b"".join(ROSTER.read_bytes().splitlines(keepends=True)[:4]))
    files = ("--roster", town.path / "roster.csv", "--holders", town.path / "holders.csv")
    town.done(
        "issue",
        "health-code",
        *files,
        "--encoding",
        "gb18030",
        "--out",
        town.path / "issued",
        home="issuer-gd",
    )

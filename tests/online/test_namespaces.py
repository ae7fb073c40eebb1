# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Two gates and a ledger that no network connects: bundles are carried by hand, and so is the alarm.

Every command runs in a network namespace: gate-gd and gate-mo each in its own, the ledger and all
others in a third. The operator and both witnesses collude, which no gate can notice alone: Macao is
shown a ledger on which a withdrawal never happened. One line read out between the gates finds it.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

import tests.cli.town
from tests.cli.run import NOON, Outcome
from tests.cli.town import ACCREDITED, Town, found_town
from tests.online.namespaces import Namespace, namespaces
from tests.unit.ledger.homes import pass_for_original
from vcred.codec.json_types import JsonObject
from vcred.desk.engines.witness_desk import WITNESS_FILE

pytestmark = pytest.mark.online

GATES = ("gate-gd", "gate-mo")
WITNESSES = ("authority-gd", "authority-mo")
# Where the homes of the ledger and the witnesses are, below the town's folder: as founded, and copied.
HONEST, FORKED = Path(), Path("forked")
# The command line under a clock that stands still: its first argument is the time.
_ENTRY = (
    "import sys; from datetime import datetime; from vcred.cli.main import main; "
    "now = datetime.fromisoformat(sys.argv.pop(1)); sys.exit(main(sys.argv[1:], clock=lambda: now))"
)


@pytest.fixture
def places() -> Iterator[list[Namespace]]:
    with namespaces("gd", "mo", "ledger") as made:
        yield made


@pytest.fixture
def town(places: list[Namespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town with a second gate, in Guangdong. None of its commands runs outside a namespace."""
    gd, mo, ledger = places
    run_there = partial(_run_in, {"gate-gd": gd, "gate-mo": mo}, ledger)
    monkeypatch.setattr(tests.cli.town, "run", run_there)
    made = found_town(tmp_path)
    network = ("--network", made.path / "network.json")
    made.done("init", "verifier", *network, "--jurisdiction", "CN-44", home="gate-gd")
    return made


def test_no_namespace_reaches_another(places: list[Namespace]) -> None:
    for here in places:
        assert here.devices() == ["lo"]
        with here.listener() as port:
            assert [there.name for there in places if there.reaches(port)] == [here.name]


def test_bundles_by_file_and_a_fork_found_by_a_line(town: Town) -> None:
    honest = _bundle(town, HONEST, "honest.vtb")
    for gate in GATES:
        _carry(town, honest, gate)
        assert _decide(town, gate) == ("accepted", [])
    assert _compare_both(town) == [(0, "same"), (0, "same")]

    _copy_homes(town)
    town.later(seconds=5)
    _withdraw(town, HONEST)
    _say_something_else(town, FORKED)
    _carry(town, _bundle(town, HONEST, "withdrawn.vtb"), "gate-gd")
    _carry(town, _bundle(town, FORKED, "forked.vtb"), "gate-mo")

    # Each alone accepts what it was shown; the withdrawal does not exist in Macao.
    shown = [_show_trust(town, gate) for gate in GATES]
    assert shown[0]["size"] == shown[1]["size"]
    assert shown[0]["root"] != shown[1]["root"]
    assert _decide(town, "gate-gd") == ("rejected", ["issuer_not_accredited"])
    assert _decide(town, "gate-mo") == ("accepted", [])

    assert _compare_both(town) == [(1, "fork"), (1, "fork")]
    for gate in GATES:
        assert _show_trust(town, gate)["evidence_of_forks"] != 0


def _run_in(
    gates: dict[str, Namespace],
    elsewhere: Namespace,
    *arguments: object,
    stdin: bytes = b"",
    clock: Callable[[], datetime] = lambda: NOON,
) -> Outcome:
    """Run `vcred` as `tests.cli.run.run` does, but as a process in the namespace of its home."""
    words = [str(argument) for argument in arguments]
    home = Path(words[words.index("--home") + 1]).name if "--home" in words else ""
    moment = clock().astimezone(UTC).isoformat()
    done = gates.get(home, elsewhere).run((sys.executable, "-B", "-c", _ENTRY, moment, *words), stdin=stdin)
    return Outcome(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def _bundle(town: Town, homes: Path, name: str) -> Path:
    """Publish the ledger that stands among `homes`, and build a bundle of it."""
    witnesses = [word for name in WITNESSES for word in ("--witness", town.path / homes / name)]
    town.done("ledger", "publish", *witnesses, home=str(homes / "ledger"))
    lists = [word for file in sorted((town.path / "status").glob("*.jwt")) for word in ("--status", file)]
    made = town.path / name
    network = ("--network", town.path / "network.json")
    town.done("trust", "build", *network, *lists, "--out", made, home=str(homes / "ledger"))
    return made


def _carry(town: Town, bundle: Path, gate: str) -> None:
    """A stick takes the bundle to a gate."""
    stick = town.path / f"stick-to-{gate}"
    stick.mkdir(exist_ok=True)
    town.done("trust", "import", shutil.copy(bundle, stick), home=gate)


def _decide(town: Town, gate: str) -> tuple[str, list[str]]:
    """Let the holder show a code to a gate; its decision and reasons."""
    town.later(seconds=1)
    outcome = town.run("verify", "-", "--json", home=gate, stdin=town.show("match", "test"))
    report = json.loads(outcome.out)
    failed = [check["reason"] for check in report["checks"] if check["status"] == "failed"]
    return report["decision"], failed


def _compare_both(town: Town) -> list[tuple[int, str]]:
    """Read each gate's line to the other; exit code and result of each comparison."""
    lines = [_show_trust(town, gate)["gossip"] for gate in reversed(GATES)]
    outcomes = [
        town.run("trust", "compare", line, "--json", home=gate)
        for gate, line in zip(GATES, lines, strict=True)
    ]
    return [(outcome.code, json.loads(outcome.out)["result"]) for outcome in outcomes]


def _show_trust(town: Town, gate: str) -> JsonObject:
    shown: JsonObject = json.loads(town.done("trust", "show", "--json", home=gate))
    return shown


def _copy_homes(town: Town) -> None:
    """What colluding witnesses do: their records, copied, are made to pass for the originals."""
    for home in ("ledger", *WITNESSES):
        shutil.copytree(town.path / HONEST / home, town.path / FORKED / home)
    for name in WITNESSES:
        pass_for_original(town.path / FORKED / name / WITNESS_FILE)


def _withdraw(town: Town, homes: Path) -> None:
    log = json.loads(town.done("ledger", "log", "--json", home=str(homes / "ledger")))
    entry = next(item["hash"] for item in log["entries"] if item["kind"] == "issuer.accredit")
    _state(town, homes, "withdraw", entry, "--effect", "void")


def _say_something_else(town: Town, homes: Path) -> None:
    """As many entries as the true ledger has, or the sizes alone would tell the two apart."""
    issuer = town.done("did", "show", home="issuer-gd")
    _state(town, homes, "accredit", issuer, "health-code", *ACCREDITED)


def _state(town: Town, homes: Path, *words: str) -> None:
    """Let the authority of Guangdong state something on the ledger that stands among `homes`."""
    where = ("--ledger", town.path / homes / "ledger")
    town.done("ledger", *words, *where, home=str(homes / "authority-gd"))

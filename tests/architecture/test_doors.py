# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rules have no I/O and no clock: only a door, an engine or an app reaches outside."""

import ast

import pytest

from tests.architecture.source import Module, imported_names, modules

DOORS = {
    "vcred.keys.home_keys",
    "vcred.keys.keyring",
    "vcred.did.resolver",
    "vcred.desk.did_desk",
    "vcred.ledger.ledger",
    "vcred.desk.asker",
    "vcred.desk.party",
    "vcred.witness.witness",
    "vcred.trust.store",
    "vcred.verifier.verifier",
    "vcred.issuer.evidence_book",
    "vcred.issuer.approver",
    "vcred.issuer.issuer",
    "vcred.wallet.wallet",
}
APPS = {"cli", "demo", "server", "wallet_tui"}
OUTSIDE_ROOMS = {"home", "clock", "database", "files", "fetch", "postgres"}
OUTSIDE_LIBRARIES = {
    "asyncio",
    "concurrent",
    "ctypes",
    "dask",
    "distributed",
    "fastexcel",
    "fcntl",
    "glob",
    "http",
    "httpx",
    "mmap",
    "multiprocessing",
    "os",
    "pkcs11",
    "polars",
    "psycopg",
    "requests",
    "select",
    "selectors",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "urllib",
}
HTTP_CLIENTS = ("httpx", "requests", "urllib.request", "urllib3", "http.client")
CLOCK = "vcred.clock"
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "localtime", "gmtime"}
CLOCK_OWNERS = {"datetime", "date", "time"}

RULES = [module for module in modules() if not module.is_package]


def reaches_outside(name: str) -> bool:
    """Whether importing `name` gives an engine, a door, the file system or the network."""
    parts = name.split(".")
    if parts[0] != "vcred":
        return parts[0] in OUTSIDE_LIBRARIES
    if len(parts) > 1 and parts[1] in OUTSIDE_ROOMS:
        return True
    return "engines" in parts or any(name == door or name.startswith(f"{door}.") for door in DOORS)


def may_reach_outside(module: Module) -> bool:
    """Whether the module is a door, an engine, an app, or one of the rooms that are the outside."""
    room = module.parts[1] if len(module.parts) > 1 else ""
    return module.name in DOORS or "engines" in module.parts or room in APPS | OUTSIDE_ROOMS


def clock_readings(module: Module) -> list[str]:
    """Every call such as `datetime.now(...)` or `time.time()`."""
    return [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and ast.unparse(node.func.value).rpartition(".")[2] in CLOCK_OWNERS
    ]


@pytest.mark.parametrize("module", RULES, ids=lambda module: module.name)
def test_only_a_door_an_engine_or_an_app_reaches_outside(module: Module) -> None:
    if may_reach_outside(module):
        return
    assert sorted({name for name in imported_names(module) if reaches_outside(name)}) == []


def test_a_package_opens_only_its_own_door() -> None:
    """`from vcred.verifier import Verifier` is the contract; nothing else may stand in an `__init__`."""
    for module in modules():
        if not module.is_package or may_reach_outside(module):
            continue
        reached = {name for name in imported_names(module) if reaches_outside(name)}
        assert all(name.startswith(f"{module.name}.") and "engines" not in name for name in reached), (
            module.name
        )


def test_only_engines_speak_to_a_database() -> None:
    """SQLite is opened in one place, durably; a door that held a database would skip its engine."""
    for module in modules():
        roots = {".".join(name.split(".")[:2]) for name in imported_names(module)}
        if "engines" not in module.parts and not module.name.startswith("vcred.postgres"):
            assert not roots & {"vcred.database", "vcred.postgres", "psycopg"}, module.name
        if module.name != "vcred.database":
            assert "sqlite3" not in roots, module.name


def test_only_the_guarded_client_speaks_http() -> None:
    """DID-01 to DID-06 are kept in one place; a second client would have none of it."""
    for module in modules():
        clients = {name for name in imported_names(module) if name.startswith(HTTP_CLIENTS)}
        assert not clients or module.name == "vcred.fetch.site", module.name


def test_rules_read_no_clock() -> None:
    assert [
        at
        for module in modules()
        if module.name != CLOCK and not may_reach_outside(module)
        for at in clock_readings(module)
    ] == []


def test_the_test_can_fail() -> None:
    """A rule that opens the file system, a database, an engine or a door is seen."""
    for line in ("import sqlite3", "from vcred import files", "from vcred.trust.engines import sqlite"):
        assert any(reaches_outside(name) for name in imported_names(_rule(line))), line
    for line in ("def f():\n    import os", "from vcred.trust.store import TrustStore"):
        assert any(reaches_outside(name) for name in imported_names(_rule(line))), line
    assert clock_readings(_rule("import datetime\ndatetime.datetime.now(tz=None)"))
    assert not any(reaches_outside(name) for name in imported_names(_rule("import hashlib")))


def _rule(text: str) -> Module:
    return Module(name="vcred.trust.rules", path=modules()[0].path, is_package=False, tree=ast.parse(text))

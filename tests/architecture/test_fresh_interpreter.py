# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a program pays for: the modules loaded by a new interpreter."""

import subprocess
import sys
from pathlib import Path

from tests.world import make_world
from vcred.home import Role, open_home
from vcred.ledger.network_file import encode_network_file
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import TrustStore
from vcred.verifier import Verifier

HEAVY = {"click", "httpx", "textual", "jwcrypto", "pyld", "numpy", "psycopg", "starlette"}
# What only issuing, importing a bundle or reading a picture needs.
UNUSED_BY_TEXTS = {
    "PIL",
    "cbor2",
    "importlib.resources",
    "jsonschema_rs",
    "vcred.credential.type_definition",
    "vcred.qr",
    "vcred.trust.bundle",
    "vcred.trust.update",
    "zxingcpp",
}


def modules_after(program: str) -> set[str]:
    """The names in `sys.modules` after `program` ran in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sorted(sys.modules), sep='\\n')"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(done.stdout.split())


def test_import_vcred_loads_the_errors_and_nothing_else() -> None:
    ours = {name for name in modules_after("import vcred") if name.split(".")[0] == "vcred"}
    assert ours == {"vcred", "vcred.errors", "vcred.reasons"}


def test_a_verifier_loads_nothing_heavy() -> None:
    loaded = {name.split(".")[0] for name in modules_after("from vcred.verifier import Verifier")}
    assert "vcred" in loaded
    assert loaded & HEAVY == set()


def test_a_verifier_of_texts_loads_only_what_it_uses(tmp_path: Path) -> None:
    """Half of what a single verification costs is loading; `bench` tells how much."""
    home, shown = tmp_path / "gate", tmp_path / "shown.txt"
    world = make_world()
    Verifier.create(home, jurisdiction="MO", network_file=encode_network_file(world.network_file()))
    with TrustStore.open(open_home(home, Role.VERIFIER), clock=lambda: world.now) as store:
        store.import_bundle(encode_bundle(world.bundle()))
    shown.write_text(world.show("match"), encoding="ascii")
    loaded = modules_after(
        f"from datetime import datetime\nfrom pathlib import Path\n"
        f"from vcred.verifier import Verifier\n"
        f"with Verifier.open({str(home)!r}) as gate:\n"
        f"    gate.verify(Path({str(shown)!r}).read_bytes(), at=datetime.fromisoformat({str(world.now)!r}))"
    )
    assert loaded & UNUSED_BY_TEXTS == set()


def test_help_loads_no_cryptography() -> None:
    program = "from vcred.cli.main import main\nassert main(['--help']) == 0"
    loaded = {name.split(".")[0] for name in modules_after(program)}
    assert "click" in loaded
    assert loaded & ((HEAVY - {"click"}) | {"cryptography", "sqlite3", "jsonschema_rs", "PIL"}) == set()

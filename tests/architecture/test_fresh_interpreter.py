# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a program pays for: the modules loaded by a new interpreter."""

import subprocess
import sys

HEAVY = {"click", "httpx", "textual", "jwcrypto", "pyld", "numpy"}


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


def test_help_loads_no_cryptography() -> None:
    program = "from vcred.cli.main import main\nassert main(['--help']) == 0"
    loaded = {name.split(".")[0] for name in modules_after(program)}
    assert "click" in loaded
    assert loaded & ((HEAVY - {"click"}) | {"cryptography", "sqlite3", "jsonschema_rs", "PIL"}) == set()

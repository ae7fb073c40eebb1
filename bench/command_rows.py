# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whole commands, from a gate's home in a temporary folder."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bench.network import NOW, health_codes, world
from bench.row import CommandRow
from vcred.home import Role, open_home
from vcred.ledger.network_file import encode_network_file
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import TrustStore


def _vcred() -> str:
    """Return the installed command of the Python that measures."""
    command = Path(sys.executable).parent / "vcred"
    if not command.exists():
        raise FileNotFoundError("the command vcred is not installed beside this Python")
    return str(command)


@cache
def _gate() -> Path:
    """Make a gate's home that has imported the network's bundle; return its folder."""

    folder = Path(tempfile.mkdtemp(prefix="vcred-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    network = folder / "network.json"
    network.write_bytes(encode_network_file(world().network_file()))
    home = folder / "gate"
    arguments = ("init", "verifier", "--network", str(network), "--jurisdiction", "MO", "--home", str(home))
    subprocess.run((_vcred(), *arguments), check=True, capture_output=True)
    with TrustStore.open(open_home(home, Role.VERIFIER), clock=lambda: NOW) as store:
        store.import_bundle(encode_bundle(world().bundle()))
    return home


def _help() -> Sequence[str]:
    return (_vcred(), "--help")


def _verify() -> Sequence[str]:
    home = _gate()
    shown = home.parent / "shown.txt"
    shown.write_text(health_codes(1, "match", "test")[0], encoding="ascii")
    return (_vcred(), "verify", str(shown), "--home", str(home), "--at", NOW.isoformat())


ROWS = (
    CommandRow(name="vcred --help", goal=5.5, prepare=_help),
    CommandRow(name="vcred verify FILE", goal=7, prepare=_verify),
)

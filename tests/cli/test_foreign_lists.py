# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status lists of another issuer: kept from being replaced, and named where they are of no use."""

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import Outcome
from tests.cli.town import Town

HOME = "issuer-gd"
ELSEWHERE = "https://status.example/other/0"


def publish(town: Town, folder: Path) -> Outcome:
    return town.run("status", "publish", "--out", folder, home=HOME)


def altered(token: bytes, part: int, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a token whose header (0) or payload (1) is another one. No signature is over it."""
    parts = token.strip().split(b".")
    members = json.loads(base64.urlsafe_b64decode(parts[part] + b"=="))
    change(members)
    parts[part] = base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=")
    return b".".join(parts) + b"\n"


def with_uri(token: bytes) -> bytes:
    return altered(token, 1, lambda payload: payload.update(sub=ELSEWHERE))


def with_issuer(token: bytes) -> bytes:
    return altered(token, 0, lambda header: header.update(kid="did:vcred:other#key-1"))


@pytest.mark.parametrize("make", [with_uri, with_issuer])
def test_publishing_replaces_no_list_of_another_issuer(town: Town, make: Callable[[bytes], bytes]) -> None:
    """Every issuer numbers its lists from 0: in one folder, a gate would miss the other's."""
    town.later(minutes=1)
    file = town.path / "lists" / "0.jwt"
    assert publish(town, file.parent).code == 0
    first = file.read_bytes()
    town.later(minutes=1)
    assert publish(town, file.parent).code == 0
    newer = file.read_bytes()
    assert newer != first

    foreign = make(first)
    file.write_bytes(foreign)
    refused = publish(town, file.parent)
    assert (refused.code, refused.out) == (2, "")
    assert refused.said[0].startswith(f"vcred: error: {file} is the status list https://status.example/")
    assert refused.said[0].endswith(" of another issuer: nothing is written")
    assert refused.said[1] == "vcred: hint: a folder for each issuer: name another one with --out DIR"
    assert [*file.parent.iterdir()] == [file] and file.read_bytes() == foreign
    # What was signed for it is not lost.
    assert publish(town, town.path / "own").code == 0
    assert (town.path / "own" / "0.jwt").read_bytes() == newer


def test_what_is_no_token_is_replaced(town: Town) -> None:
    town.later(minutes=1)
    file = town.path / "lists" / "0.jwt"
    file.parent.mkdir()
    file.write_bytes(b"no token\n")
    assert publish(town, file.parent).code == 0
    assert file.read_bytes().count(b".") == 2


def test_a_bundle_with_a_list_twice_names_the_files(town: Town) -> None:
    town.later(minutes=1)
    assert publish(town, town.path / "lists").code == 0
    one, other = town.path / "lists" / "0.jwt", town.path / "copy.jwt"
    command = ("trust", "build", "--network", town.path / "network.json", "--status", one)
    town.done(*command, "--out", town.path / "good.vtb", home="ledger")
    shutil.copy(one, other)
    refused = town.run(*command, "--status", other, "--out", town.path / "bad.vtb", home="ledger")
    assert (refused.code, refused.said[1]) == (1, "vcred: hint: give the newest of each list alone")
    assert refused.said[0].startswith(
        f"vcred: error: two status lists have one URI: {one} and {other} are https"
    )
    assert not (town.path / "bad.vtb").exists()


def test_reconciling_names_the_file_that_is_of_no_use(town: Town) -> None:
    town.later(minutes=1)
    file, strange = town.path / "lists" / "0.jwt", town.path / "lists" / "9.jwt"
    assert publish(town, file.parent).code == 0
    command = ("status", "reconcile", "--lists", file.parent)
    fitting = town.run(*command, home=HOME)
    assert "needs no reconciliation" in fitting.said[0]
    strange.write_bytes(with_issuer(file.read_bytes()))
    foreign = town.run(*command, home=HOME)
    assert (foreign.code, foreign.said[-1]) == (1, "vcred: rejected (status_invalid)")
    assert foreign.said[0].startswith(f"vcred: error: {strange} is another issuer's status list, https://")
    strange.write_text("no token\n", encoding="ascii")
    assert (
        town.run(*command, home=HOME).said[0].startswith(f"vcred: error: {strange}: not a status list token")
    )

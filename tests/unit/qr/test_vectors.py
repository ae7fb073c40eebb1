# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The golden vectors: read from their files alone, and made anew without a difference."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.qr.samples import Ledger
from tests.unit.qr.vectors import FOLDER, encode_vector, reason_of, symbol_of, vectors
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import shipped_type
from vcred.keys.algorithms import by_jose
from vcred.qr.frame import decode_text, encode_text
from vcred.qr.packing import pack, unpack

FILES = sorted(FOLDER.rglob("*.json"))


def read(file: Path) -> JsonObject:
    vector = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(vector, dict)
    return vector


def ledger_of(vector: JsonObject) -> Ledger | None:
    """Build the ledger that a vector describes."""
    described: Any = vector["ledger"]
    if described is None:
        return None
    return Ledger(
        network_id=described["network_id"],
        size=described["size"],
        dids={int(index): did for index, did in described["dids"].items()},
        keys={
            did: [(key_id, by_jose(name)) for key_id, name in keys] for did, keys in described["keys"].items()
        },
        types={int(index): vct for index, (vct, _) in described["types"].items()},
        definitions={vct: shipped_type(name) for vct, name in described["types"].values()},
        bases={did: tuple(bases) for did, bases in described["status_bases"].items()},
    )


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.parent.name == "valid"], ids=lambda file: file.stem
)
def test_valid(file: Path) -> None:
    vector = read(file)
    ledger = ledger_of(vector)
    packed = bytes.fromhex(str(vector["packed"]))
    assert unpack(packed, ledger) == vector["sd_jwt"]
    assert pack(str(vector["sd_jwt"]), ledger) == packed
    assert encode_text(packed) == vector["text"]
    assert decode_text(str(vector["text"])) == packed
    assert symbol_of(str(vector["text"])) == vector["symbol"]


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.parent.name == "invalid"], ids=lambda file: file.stem
)
def test_invalid(file: Path) -> None:
    vector = read(file)
    ledger = ledger_of(vector)
    assert ledger is not None
    good = read(FOLDER / "valid" / "live_match_test.json")
    assert unpack(bytes.fromhex(str(good["packed"])), ledger) == good["sd_jwt"]
    assert reason_of(bytes.fromhex(str(vector["packed"])), ledger) == vector["reason"]


def test_made_anew_without_a_difference() -> None:
    made = {f"{path}.json": encode_vector(vector) for path, vector in vectors()}
    found = {file.relative_to(FOLDER).as_posix(): file.read_text(encoding="utf-8") for file in FILES}
    assert found == made


def test_example_of_the_specification() -> None:
    specification = (FOLDER.parents[2] / "docs" / "spec" / "qr.md").read_text(encoding="utf-8")
    vector = read(FOLDER / "valid" / "live_match_test.json")
    text, packed, sd_jwt = str(vector["text"]), str(vector["packed"]), str(vector["sd_jwt"])
    assert f"{text[:100]}..." in specification
    assert (
        f"{len(sd_jwt):,} characters, here it is\n{len(packed) // 2} bytes, {len(text)} characters"
        in specification
    )
    example = specification.split("[1, ")[1].split("```")[0]
    shown = [
        part for item in re.findall(r"h'([0-9a-f. ]+)'", example) for part in re.split(r"\.\.\.| ", item)
    ]
    assert len(shown) == 17
    assert [part for part in shown if part not in packed] == []

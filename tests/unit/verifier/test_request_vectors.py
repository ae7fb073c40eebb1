# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Every vector of tests/vectors/requests: the good one first, then exactly what is expected of it."""

import json
import re
import time
import zlib
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.unit.verifier.test_vectors import SAMPLE, ZLIB
from tests.vectors_read import FOLDER
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.ledger.network_file import parse_network_file
from vcred.qr.request_text import decode_request, encode_request
from vcred.reasons import Reason
from vcred.trust.belief import Belief, belief_of
from vcred.trust.bundle import parse_bundle
from vcred.trust.held import Held
from vcred.trust.update import decide_update
from vcred.verifier.asking import AskedRequest, read_request

PLACE = FOLDER / "requests"
VECTORS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(PLACE.glob("*alid/*.json"))
}
GOOD = VECTORS["registered"]
MAX_CPU_SECONDS = 0.5


@cache
def belief() -> Belief:
    network_file = parse_network_file((PLACE / "ledger" / "network.json").read_bytes())
    bundle = parse_bundle((PLACE / "ledger" / "basic.bundle").read_bytes())
    now = int(datetime.fromisoformat(GOOD["now"]).timestamp())
    found = belief_of(Held().with_update(decide_update(Held(), bundle, network_file, now=now)))
    assert found is not None
    return found


def read(vector: dict[str, Any]) -> AskedRequest:
    now = datetime.fromisoformat(vector["now"])
    return read_request(vector["text"], belief=belief(), network_id=belief().network_id, now=now)


def outcome(vector: dict[str, Any]) -> dict[str, Any]:
    """What a wallet makes of it, in the words of the vectors."""
    try:
        asked = read(vector)
    except RefusedError as error:
        return {"reason": error.reason}
    except LimitExceededError:
        return {"reason": Reason.LIMIT_EXCEEDED}
    except DecodeError:
        return {"reason": Reason.MALFORMED}
    return {
        "standing": asked.standing,
        "name": asked.name,
        "signature_verified": asked.is_signature_verified,
        "purpose_registered": asked.is_purpose_registered,
        "excess": [*asked.excess],
    }


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str) -> None:
    vector = VECTORS[name]
    assert outcome(GOOD)["standing"] == "registered"
    began = time.process_time()
    found = outcome(vector)
    assert time.process_time() - began < MAX_CPU_SECONDS
    assert found == {member: vector[member] for member in found}
    assert ("reason" in found) == (vector["expect"] == "refused")


@pytest.mark.parametrize("name", VECTORS)
def test_a_code_that_can_be_read_is_the_one_of_its_request(name: str) -> None:
    """Unpacked and packed again it is the same, whatever the request in it says."""
    text = VECTORS[name]["text"]
    if VECTORS[name].get("reason") not in ("malformed", "limit_exceeded"):
        assert encode_request(decode_request(text)) == text


def test_each_vector_says_what_it_is() -> None:
    for name, vector in VECTORS.items():
        folder = "invalid" if vector["expect"] == "refused" else "valid"
        assert vector["id"] == f"requests/{folder}/{name}"
        assert (PLACE / folder / f"{name}.json").is_file()
        assert (vector.get("mutation_of") == GOOD["id"]) == (folder == "invalid")
        assert re.fullmatch(r"docs/spec/requests\.md section [1-6]", vector["spec"])


def test_made_anew_they_are_the_same(tmp_path: Path) -> None:
    from tools.request_vectors.write import write_requests

    if sha256(zlib.compress(SAMPLE)).hexdigest()[:16] != ZLIB:
        pytest.skip("bundles are compressed by another zlib than this one")
    assert write_requests(tmp_path) == len(VECTORS)
    made = {file.relative_to(tmp_path / "requests"): file.read_bytes() for file in tmp_path.rglob("*.*")}
    assert made == {file.relative_to(PLACE): file.read_bytes() for file in PLACE.rglob("*.*")}

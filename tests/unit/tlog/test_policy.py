# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The quorum as others read it."""

import base64

from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.tlog.note import ED25519_NOTE
from vcred.tlog.policy import encode_policy, verifier_key
from vcred.tlog.quorum import Quorum, WitnessKey

# The verifier key that the documentation of Go's note package shows.
PUBLISHED = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_key_is_written_as_others_write_it() -> None:
    name, _, encoded = PUBLISHED.split("+", 2)
    key = PublicKey.from_raw(EDDSA, base64.b64decode(encoded)[1:])
    assert verifier_key(name, key, ED25519_NOTE) == PUBLISHED


def test_every_jurisdiction_needs_its_own() -> None:
    keys = [SoftwareSigner.generate(EDDSA).public_key for _ in range(4)]
    witnesses = [
        WitnessKey(name=name, key=key, group=group)
        for name, key, group in zip(("w/1", "w/2", "w/3"), keys[1:], ("MO", "CN-44", "MO"), strict=True)
    ]
    policy = encode_policy(
        origin="log.example",
        log_key=keys[0],
        witnesses=witnesses,
        quorum=Quorum(groups={"MO": 2, "CN-44": 1}),
    )
    log, *listed, gd, mo, every, quorum = policy.decode().splitlines()
    assert log.startswith("log log.example+")
    assert [line.split()[:2] for line in listed] == [["witness", name] for name in ("w/1", "w/2", "w/3")]
    assert gd == "group jurisdiction/CN-44 1 w/2"
    assert mo == "group jurisdiction/MO 2 w/1 w/3"
    assert every == "group every-jurisdiction all jurisdiction/CN-44 jurisdiction/MO"
    assert quorum == "quorum every-jurisdiction"

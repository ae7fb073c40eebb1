# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever changes one byte of an accepted presentation has a presentation that is not accepted.

Every position, several values. There is no change without a difference: base64url, base45, CBOR
and JSON have one spelling each, so no code can be shown again as another one.
"""

from collections.abc import Iterator

import pytest

from tests.vectors_read import Vector, by_id
from vcred.codec.base45 import encode_base45
from vcred.qr.frame import PREFIX, decode_text
from vcred.verifier.report import Decision
from vcred.verifier.steps import evaluate

TEXTS = ["live", "challenge", "paper", "certificate", "eddsa-issuer"]
CODES = ["code-live", "code-challenge", "code-paper", "code-certificate", "code-plain"]


def positive(name: str) -> Vector:
    """An accepted presentation, seen to be accepted."""
    vector = by_id()[f"verifier/valid/{name}"]
    assert vector.evaluate().decision is Decision.ACCEPTED
    return vector


def accepted(vector: Vector, presentations: Iterator[tuple[int, str]]) -> list[tuple[int, str]]:
    """Which of the changed presentations are accepted all the same."""
    belief, policy, request, now = vector.belief(), vector.policy, vector.request, vector.now
    found = []
    for position, changed in presentations:
        report = evaluate(changed, request=request, belief=belief, policy=policy, now=now)
        if report.decision is Decision.ACCEPTED:
            found.append((position, changed))
    return found


def changed_texts(text: str) -> Iterator[tuple[int, str]]:
    """One character replaced, left out, or put in."""
    for position, character in enumerate(text):
        before, after = text[:position], text[position + 1 :]
        others = {chr(ord(character) ^ 1), chr(ord(character) ^ 32), *"A~.=\n\0é"} - {character}
        yield from ((position, before + other + after) for other in sorted(others))
        yield position, before + after
        yield from ((position, before + more + character + after) for more in "A~ ")
    yield from ((len(text), text + more) for more in "A~. \n\0")


def changed_bytes(data: bytes) -> Iterator[tuple[int, str]]:
    """One byte replaced, left out, or put in; as the text of a code."""
    for position, octet in enumerate(data):
        before, after = data[:position], data[position + 1 :]
        others = {octet ^ 1, octet ^ 0x20, octet ^ 0x80, (octet + 1) % 256, 0, 0xFF} - {octet}
        yield from ((position, _code(before + bytes((other,)) + after)) for other in sorted(others))
        yield position, _code(before + after)
        yield position, _code(before + b"\0" + data[position:])
    yield from ((len(data), _code(data + more)) for more in (b"\0", b"\xf6", b"\xff"))


def _code(data: bytes) -> str:
    return PREFIX + encode_base45(data)


@pytest.mark.parametrize("name", TEXTS)
def test_one_character_of_the_text(name: str) -> None:
    vector = positive(name)
    assert accepted(vector, changed_texts(vector["presentation"])) == []


@pytest.mark.parametrize("name", CODES)
def test_one_character_of_the_code(name: str) -> None:
    vector = positive(name)
    assert accepted(vector, changed_texts(vector["presentation"])) == []


@pytest.mark.parametrize("name", CODES)
def test_one_byte_of_the_packed_form(name: str) -> None:
    vector = positive(name)
    assert accepted(vector, changed_bytes(decode_text(vector["presentation"]))) == []

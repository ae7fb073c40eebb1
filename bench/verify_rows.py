# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The whole verdict, and reading a code's packed form."""

from collections.abc import Sequence
from itertools import cycle

from bench.network import NOW, as_codes, certificate, health_codes, world
from bench.row import Row, SizeRow, Work
from vcred.qr.packing import pack, unpack
from vcred.verifier.report import Decision
from vcred.verifier.steps import evaluate

# More holders than `keys.public` keeps loaded: every verdict loads a key it has not met lately.
_HOLDERS = 2100
_SHOWN = ("match", "test")
# The verdict, and reading the code's text on top.
_CODE_GOAL = 3.1 + 0.5 + 0.3


def _judging(texts: Sequence[str]) -> Sequence[Work]:
    belief, policy, coming = world().belief(), world().policy(), cycle(texts)
    report = evaluate(texts[0], request=None, belief=belief, policy=policy, now=NOW)
    assert report.decision is Decision.ACCEPTED, report.reasons
    return (lambda: evaluate(next(coming), request=None, belief=belief, policy=policy, now=NOW),)


def _unpack() -> Sequence[Work]:
    belief = world().belief()
    packed = pack(health_codes(1, *_SHOWN)[0], belief)
    return (lambda: unpack(packed, belief),)


def _packed_bytes(*paths: str) -> int:
    return len(pack(health_codes(1, *paths)[0], world().belief()))


ROWS = (
    Row(
        name="verify with key binding, status, trust; holder's key loaded",
        goal=3.1,
        prepare=lambda: _judging(health_codes(1, *_SHOWN)),
    ),
    Row(
        name="the same, each holder new",
        goal=3.1,
        prepare=lambda: _judging(health_codes(_HOLDERS, *_SHOWN)),
    ),
    Row(
        name="the same, each holder new, from a code's text",
        goal=_CODE_GOAL,
        prepare=lambda: _judging(as_codes(health_codes(_HOLDERS, *_SHOWN))),
    ),
    Row(
        name="verify, nested certificate",
        goal=3.4,
        prepare=lambda: _judging([certificate("match", "award", "modules.0")]),
    ),
    Row(name="packed decode, holder's key loaded", goal=0.5, prepare=_unpack),
    SizeRow(name="packed match,test", goal=450, prepare=lambda: _packed_bytes("match", "test")),
    SizeRow(name="packed test", goal=380, prepare=lambda: _packed_bytes("test")),
    SizeRow(
        name="packed identity.name,test", goal=560, prepare=lambda: _packed_bytes("identity.name", "test")
    ),
)

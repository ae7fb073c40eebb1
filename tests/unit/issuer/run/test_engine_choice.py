# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where a roster is worked on: in this process while it is small, then beside it, or as somebody says."""

from pathlib import Path

import pytest

from tests.unit.issuer.run.homes import issue, make_home, roster_bytes
from vcred.errors import UsageError
from vcred.issuer.engines.runs import roster_chunks, roster_desk
from vcred.issuer.engines.workers import engine_choice
from vcred.issuer.engines.workers.engine_choice import EngineChoice, KeyHome, open_engine
from vcred.issuer.engines.workers.inline import InlineEngine
from vcred.issuer.engines.workers.processes import ProcessEngine
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner


@pytest.mark.parametrize(
    ("workers", "is_small", "processors", "expected"),
    [
        (None, True, 4, 0),
        (None, False, 4, 4),
        (None, False, 1, 0),
        (3, True, 4, 3),
        (1, False, 4, 0),
    ],
)
def test_as_many_as_there_are_processors_unless_it_is_small(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    workers: int | None,
    is_small: bool,
    processors: int,
    expected: int,
) -> None:
    monkeypatch.setattr(engine_choice, "_processors", lambda: processors)
    signer = SoftwareSigner.generate(ES256)
    keys = KeyHome(home=make_home(tmp_path / "home"), unlock=None)
    choice = EngineChoice(workers=workers)
    with open_engine(choice, signer=signer, keys=keys, is_small=is_small) as engine:
        assert isinstance(engine, ProcessEngine if expected else InlineEngine)
        assert engine.workers == expected
    # A key that is in this process only is used in this process.
    with open_engine(choice, signer=signer, keys=None, is_small=is_small) as engine:
        assert isinstance(engine, InlineEngine)


def test_there_is_a_processor() -> None:
    assert engine_choice._processors() >= 1


def test_options_that_say_nothing_or_two_things() -> None:
    assert EngineChoice(workers=2).engine is None
    with pytest.raises(UsageError, match="at least 1"):
        EngineChoice(workers=0)
    with pytest.raises(UsageError, match="exclude each other"):
        EngineChoice(engine="tls://127.0.0.1:8786", workers=2)


def test_a_roster_is_small_up_to_a_number_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_desk, "SMALL_ROSTER", 10)
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", 4)
    monkeypatch.setattr(engine_choice, "_processors", lambda: 2)
    home = make_home(tmp_path / "home")
    began: list[int] = []
    begin = ProcessEngine.__init__

    def noted(engine: ProcessEngine, **given: object) -> None:
        began.append(1)
        begin(engine, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(ProcessEngine, "__init__", noted)
    assert issue(home.path, roster_bytes(10), home.path / "out").issued == 10
    assert began == []
    assert issue(home.path, roster_bytes(11), home.path / "out").issued == 1
    assert began == [1]

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Values behave as those of the standard library, before and after `__init__` is compiled."""

import dataclasses
import pickle
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

import pytest

from vcred import values

MANY: Final = 100


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """With a default, a factory, a hidden field and one that is not compared."""

    number: int
    text: str = "a"
    names: Mapping[str, int] = values.field(default_factory=dict, compare=False)
    secret: str = values.field(default="", repr=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """The same in the standard library."""

    number: int
    text: str = "a"
    names: Mapping[str, int] = dataclasses.field(default_factory=dict, compare=False)
    secret: str = dataclasses.field(default="", repr=False)


@values.dataclass(frozen=True, slots=True)
class Even:
    """By position, checked, with a field that it works out itself."""

    number: int
    half: int = values.field(init=False)
    sign: values.InitVar[int] = 1

    def __post_init__(self, sign: int) -> None:
        if self.number % 2:
            raise ValueError("odd")
        object.__setattr__(self, "half", sign * self.number // 2)


@values.dataclass(slots=True)
class Changing:
    """Not frozen."""

    found: list[int] = values.field(default_factory=list)
    last: int | None = None


@values.dataclass(frozen=True, kw_only=True)
class Open:
    """Without slots."""

    number: int


def compiled(cls: type, **members: Any) -> type:
    """The class, with so many values made that its `__init__` has been compiled."""
    first = vars(cls)["__init__"]
    for _ in range(MANY):
        cls(**members)
    assert vars(cls)["__init__"] is not first
    return cls


@pytest.fixture(params=[lambda cls, **_: cls, compiled], ids=["first values", "compiled"])
def soon_or_late(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Gives a class of the same body anew: as it is at first, and later."""

    def make(cls: Any, **members: Any) -> Any:
        decorated = values.dataclass(frozen=True, slots=True, kw_only=True)
        body = {name: item.default for name, item in cls.__dataclass_fields__.items()}
        body = {name: value for name, value in body.items() if value is not dataclasses.MISSING}
        body["names"] = values.field(default_factory=dict, compare=False)
        body["secret"] = values.field(default="", repr=False)
        body |= {"__annotations__": cls.__annotations__, "__qualname__": "Theirs"}
        return request.param(decorated(type("Theirs", (), body)), **members)

    return make


def test_it_is_as_the_standard_one(soon_or_late: Callable[..., Any]) -> None:
    ours = soon_or_late(Theirs, number=0)
    given: tuple[dict[str, Any], ...] = (
        {"number": 1},
        {"number": 1, "text": "b"},
        {"number": 2, "names": {"x": 1}},
        {"number": 1, "secret": "s"},
    )
    for one in given:
        mine, standard = ours(**one), Theirs(**one)
        assert repr(mine) == repr(standard)
        for other in given:
            assert (mine == ours(**other)) is (standard == Theirs(**other))
        assert (hash(mine) == hash(ours(number=1))) is (hash(standard) == hash(Theirs(number=1)))
        assert dataclasses.asdict(mine) == dataclasses.asdict(standard)
        assert dataclasses.asdict(values.replace(mine, text="z")) == {**dataclasses.asdict(mine), "text": "z"}
        assert dataclasses.replace(mine, text="z") == values.replace(mine, text="z")
        assert not hasattr(mine, "__dict__")
    assert ours(number=1).names is not ours(number=1).names


@pytest.mark.parametrize("wrong", [{}, {"text": "a"}, {"number": 1, "more": 2}])
def test_wrong_arguments_are_told_as_by_the_standard_one(
    soon_or_late: Callable[..., Any], wrong: dict[str, Any]
) -> None:
    ours = soon_or_late(Theirs, number=0)
    with pytest.raises(TypeError) as standard:
        Theirs(**wrong)
    with pytest.raises(TypeError) as mine:
        ours(**wrong)
    assert str(mine.value) == str(standard.value)
    with pytest.raises(TypeError, match="positional"):
        ours(1)


def test_a_frozen_value_stays() -> None:
    value = Ours(number=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.number = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del value.number
    assert value.number == 1


def test_values_of_two_classes_differ() -> None:
    assert Ours(number=1) != Theirs(number=1)
    assert Open(number=1) == Open(number=1)
    assert len({Open(number=1), Open(number=1), Open(number=2)}) == 2


def test_it_is_copied_and_pickled() -> None:
    value = Ours(number=1, names={"x": 1}, secret="s")
    for again in (deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert again == value
        assert (again.names, again.secret) == ({"x": 1}, "s")
    assert pickle.loads(pickle.dumps(Open(number=1))) == Open(number=1)


def test_a_check_runs_also_after_compiling() -> None:
    for number in range(0, MANY, 2):
        assert Even(number).half == number // 2
        assert Even(number, sign=-1).half == -number // 2
        with pytest.raises(ValueError, match="odd"):
            Even(number + 1)
    assert [item.name for item in dataclasses.fields(Even)] == ["number", "half"]


def test_a_value_that_changes() -> None:
    one, other = Changing(), Changing(last=1)
    one.found.append(1)
    one.last = 1
    assert other.found == []
    other.found = [1]
    assert one == other
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_a_default_that_all_would_share_is_refused() -> None:
    with pytest.raises(ValueError, match="default_factory"):
        values.dataclass(frozen=True)(type("Shared", (), {"__annotations__": {"names": list}, "names": []}))

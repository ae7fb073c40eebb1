# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`dataclass`, `field`, `replace` and `InitVar` of the standard library, at a fraction of the start.

The standard `dataclass` compiles six methods of every class while its module is imported: half a
millisecond each, and a gate's program that decides once and ends has sixty of them. This one makes
the class and its slots, compiles `__init__` when it is worth it, and shares the rest.
Type checkers see the standard library's; so do `dataclasses.fields` and its like.

What vcred needs is here, nothing else: no inheritance, no order, no matching by position.
"""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any

_MISSING: Any = object()
# Compiling `__init__` takes as long as making some fifty values without.
_UNCOMPILED = 32
# A frozen value refuses to be set; making it has to go round that.
_SET = object.__setattr__


class _InitVar:
    """An argument of `__init__` that goes to `__post_init__` and is not kept."""

    __slots__ = ("type",)

    def __init__(self, type_: Any) -> None:
        self.type = type_

    def __class_getitem__(cls, type_: Any) -> "_InitVar":
        return cls(type_)


class _Field:
    """What a class says about one of its fields. Arguments as those of `dataclasses.field`."""

    __slots__ = ("compare", "default", "default_factory", "init", "is_kept", "name", "repr", "type")

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
    ) -> None:
        self.name = ""
        self.type: Any = None
        # Whether the value has it as an attribute.
        self.is_kept = True
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.compare = compare

    @property
    def has_default(self) -> bool:
        """Whether `__init__` can do without it."""
        return self.default is not _MISSING or self.default_factory is not _MISSING


class _StandardFields:
    """Gives the `dataclasses` module what it asks a class for; made anew, for nobody asks often."""

    __slots__ = ()

    def __get__(self, value: object, owner: type) -> Any:
        import dataclasses

        library: Any = dataclasses
        made = []
        for item in owner.__vcred_fields__:  # type: ignore[attr-defined]
            given = {"init": item.init, "repr": item.repr, "compare": item.compare}
            if item.default is not _MISSING:
                given["default"] = item.default
            if item.default_factory is not _MISSING:
                given["default_factory"] = item.default_factory
            kind = item.type if item.is_kept else library.InitVar[item.type.type]
            made.append((item.name, kind, library.field(**given)))
        return library.make_dataclass(owner.__name__, made, kw_only=True).__dataclass_fields__


_STANDARD_FIELDS = _StandardFields()


def _dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False, repr: bool = True, eq: bool = True
) -> Callable[[type], type]:
    def make(cls: type) -> type:
        fields = tuple(_fields_of(cls))
        kept = [item for item in fields if item.is_kept]
        taken = {"__dict__", "__weakref__", *[item.name for item in fields]}
        own = {name: value for name, value in vars(cls).items() if name not in taken}
        namespace = {
            "__vcred_fields__": fields,
            "__vcred_members__": tuple([item.name for item in kept if item.init]),
            "__dataclass_fields__": _STANDARD_FIELDS,
        }
        if slots:
            namespace["__slots__"] = tuple([item.name for item in kept])
        if repr:
            namespace["__repr__"] = _repr
        if eq:
            # A value without fields is equal to every other of its class.
            names = [item.name for item in kept if item.compare] or ["__class__"]
            namespace["__vcred_key__"] = staticmethod(attrgetter(*names))
            namespace |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
        if frozen:
            namespace |= {"__setattr__": _refuse_set, "__delattr__": _refuse_delete}
            if slots:
                namespace |= {"__getstate__": _get_state, "__setstate__": _set_state}

        namespace["__init__"] = _first_init(fields, kw_only=kw_only)
        return type(cls)(cls.__name__, cls.__bases__, namespace | own)

    return make


def _fields_of(cls: type) -> Iterator[_Field]:
    namespace = vars(cls)
    for name, kind in namespace.get("__annotations__", {}).items():
        default = namespace.get(name, _MISSING)
        item = default if isinstance(default, _Field) else _Field(default=default)
        if type(item.default).__hash__ is None:
            raise ValueError(
                f"{cls.__name__}.{name}: all values would share the default; use default_factory"
            )
        item.name, item.type, item.is_kept = name, kind, type(kind) is not _InitVar
        yield item


def _first_init(fields: tuple[_Field, ...], *, kw_only: bool) -> Callable[..., None]:
    """Return the `__init__` that makes the first values, then has another compiled in its place."""
    is_plain = kw_only and all(item.is_kept and item.init for item in fields)
    names = {item.name for item in fields}
    defaults = {item.name: item.default for item in fields if item.default is not _MISSING}
    factories = [(item.name, item.default_factory) for item in fields if item.default_factory is not _MISSING]
    made = 0

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807
        nonlocal made
        made += 1
        members = {**defaults, **named}
        for name, factory in factories:
            if name not in named:
                members[name] = factory()
        if is_plain and made <= _UNCOMPILED and not values and members.keys() == names:
            for name, value in members.items():
                _SET(self, name, value)
            if hasattr(self, "__post_init__"):
                self.__post_init__()
            return
        # It also says best what is wrong with the arguments.
        cls = type(self)
        cls.__init__ = _write_init(cls, fields, kw_only=kw_only)
        cls.__init__(self, *values, **named)

    return __init__


def _write_init(cls: Any, fields: tuple[_Field, ...], *, kw_only: bool) -> Callable[..., None]:
    """Compile `__init__`: one assignment a field, then `__post_init__`."""
    scope: dict[str, Any] = {"_set": _SET, "_missing": _MISSING}
    # Going round the refusal for each field is most of the work of making a value: it is set as
    # one of a class with the same slots that refuses nothing, and then becomes one of its own.
    is_thawed = cls.__setattr__ is _refuse_set and cls.__bases__ == (object,) and "__slots__" in vars(cls)
    if is_thawed:
        scope |= {"_own": cls, "_thawed": type(cls.__name__, (), {"__slots__": cls.__slots__})}
    arguments, body, passed = [], [], []
    for item in fields:
        name, source = item.name, item.name
        scope[f"_default_{name}"] = item.default
        if item.init:
            arguments.append(f"{name}=_default_{name}" if item.has_default else name)
        else:
            source = f"_default_{name}"
        if item.default_factory is not _MISSING:
            scope[f"_make_{name}"] = item.default_factory
            source = f"_make_{name}() if {source} is _missing else {source}"
        if not item.is_kept:
            passed.append(name)
        elif item.init or item.has_default:
            body.append(f"self.{name} = {source}" if is_thawed else f"_set(self, {name!r}, {source})")
    if is_thawed:
        body = ["_set(self, '__class__', _thawed)", *body, "self.__class__ = _own"]
    if hasattr(cls, "__post_init__"):
        body.append(f"self.__post_init__({', '.join(passed)})")
    star = "*, " if kw_only and arguments else ""
    lines = [f"def __init__(self, {star}{', '.join(arguments)}):", *(body or ["pass"])]
    # Every name in it comes from the body of a class of ours.
    exec("\n ".join(lines), scope)  # noqa: S102
    written: Callable[..., None] = scope["__init__"]
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    return written


def _replace(value: Any, /, **changes: Any) -> Any:
    members = {name: getattr(value, name) for name in value.__vcred_members__}
    return value.__class__(**members | changes)


def _repr(self: Any) -> str:
    shown = [item.name for item in self.__vcred_fields__ if item.is_kept and item.repr]
    members = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({members})"


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    key = self.__vcred_key__
    return key(self) == key(other)


def _hash(self: Any) -> int:
    return hash(self.__vcred_key__(self))


def _refuse_set(_self: Any, name: str, _: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(_self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, item.name) for item in self.__vcred_fields__ if item.is_kept]


def _set_state(self: Any, state: list[Any]) -> None:
    kept = (item.name for item in self.__vcred_fields__ if item.is_kept)
    for name, value in zip(kept, state, strict=True):
        _SET(self, name, value)


if TYPE_CHECKING:
    from dataclasses import InitVar, dataclass, field, replace
else:
    InitVar, dataclass, field, replace = _InitVar, _dataclass, _Field, _replace

__all__ = ["InitVar", "dataclass", "field", "replace"]

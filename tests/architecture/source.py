# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The source as data: every module of vcred, and what it imports, read without importing anything."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[2]
SOURCE = PROJECT / "src"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file: its dotted name, where it stands, its syntax tree."""

    name: str
    path: Path
    is_package: bool
    tree: ast.Module

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, in the order of their names."""
    return tuple(_module(path) for path in sorted((SOURCE / "vcred").rglob("*.py")))


def imported_names(module: Module) -> Iterator[str]:
    """Every dotted name that the module imports, at the top or inside a function.

    `from a.b import c` gives both `a.b` and `a.b.c`: whether `c` is a module cannot be
    told from the text. Imports for types only are left out: they do not run.
    """
    for node in _running_nodes(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.name}: relative import"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def docstrings(module: Module) -> Iterator[tuple[str, str]]:
    """Every docstring with the name of what it stands under."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text is not None:
                yield f"{module.name}:{getattr(node, 'name', '')}", text


def _module(path: Path) -> Module:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Module(
        name=".".join(parts[:-1] if is_package else parts),
        path=path,
        is_package=is_package,
        tree=ast.parse(path.read_text(encoding="utf-8"), filename=str(path)),
    )


def _running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _running_nodes(node)

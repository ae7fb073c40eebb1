# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Messages to holders stand in the source so that each is found, translated and filled in by name.

What gathers them sees literals only, and nothing inside an f-string before Python 3.12: a message
that it misses would be said in English to everybody.
"""

import ast
import re
from collections.abc import Iterator

import pytest
from tools.catalogues import MessageId, gather_messages

from tests.architecture.source import Module, modules

# How many of the first arguments are messages or contexts.
SAYINGS = {"gettext": 1, "pgettext": 2, "ngettext": 2}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%")
# It passes on what others say.
THE_WORDS = "vcred.text.words"
SPEAKERS = [module for module in modules() if module.name != THE_WORDS]


def sayings(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call of `gettext` and its kind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SAYINGS:
            yield node


def faults(tree: ast.AST) -> list[str]:
    """What keeps a message from being gathered or filled in, with its line."""
    called = {id(call.func) for call in sayings(tree)}
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(node) for outer in formatted for node in ast.walk(outer)}
    found = [
        f"{node.lineno}: goes by another name"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in SAYINGS and id(node) not in called
    ]
    for call in sayings(tree):
        count, literals = wanted(call), texts(call)
        if len(literals) < count:
            found.append(f"{call.lineno}: not a literal")
        if id(call) in inside:
            found.append(f"{call.lineno}: inside an f-string")
        if not all(literals):
            # Its "translation" would be the header of the catalogue.
            found.append(f"{call.lineno}: an empty message")
        if any("%" in PLACEHOLDER.sub("", literal) for literal in literals):
            found.append(f"{call.lineno}: a placeholder without a name")
        if any("{" in literal for literal in literals):
            found.append(f"{call.lineno}: a placeholder in braces")
    return sorted(found + [f"{call.lineno}: filled in otherwise" for call in ill_filled(tree)])


def ill_filled(tree: ast.AST) -> Iterator[ast.Call]:
    """The messages with placeholders that get other values than those, or none.

    Values that are no dictionary on the spot are not looked into.
    """
    fillings = [
        node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod)
    ]
    filled = {id(node.left): node.right for node in fillings}
    filled_names = {node.left.id for node in fillings if isinstance(node.left, ast.Name)}
    # A message that waits in a variable which is filled in further down.
    waiting = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(ast.unparse(target) in filled_names for target in node.targets)
        for inner in ast.walk(node.value)
    }
    for call in sayings(tree):
        asked = {name for literal in texts(call) for name in PLACEHOLDER.findall(literal) if name != "%%"}
        given = filled.get(id(call))
        if asked and given is None and id(call) not in waiting:
            yield call
        if isinstance(given, ast.Dict) and None not in given.keys:
            names = {ast.literal_eval(key) for key in given.keys if key is not None}
            if names != {name[2:-2] for name in asked}:
                yield call


def wanted(call: ast.Call) -> int:
    """How many of its arguments must be literals."""
    return SAYINGS[call.func.attr] if isinstance(call.func, ast.Attribute) else 0


def texts(call: ast.Call) -> list[str]:
    """Those of its message arguments that are literals."""
    constants = [node.value for node in call.args[: wanted(call)] if isinstance(node, ast.Constant)]
    return [value for value in constants if isinstance(value, str)]


def said(tree: ast.AST) -> set[MessageId]:
    """The messages, read from the syntax tree."""
    found: set[MessageId] = set()
    for call in sayings(tree):
        first, *others = texts(call) or [""]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "pgettext":
            found.add((first, tuple(others)))
        else:
            found.add((None, (first, *others)))
    return found


@pytest.mark.parametrize("module", SPEAKERS, ids=lambda module: module.name)
def test_messages_are_literals_outside_f_strings_with_named_placeholders(module: Module) -> None:
    assert faults(module.tree) == []


def test_all_are_gathered() -> None:
    """By another reader than the tool's."""
    found = set().union(*(said(module.tree) for module in modules()))
    # What `Words` passes on is no literal.
    assert set(gather_messages()) == found - {(None, ("",)), ("", ())}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('words.gettext(f"Shown to {name}")', "not a literal"),
        ("words.gettext(name)", "not a literal"),
        ('words.ngettext("one", name, 2)', "not a literal"),
        ('words.pgettext(context, "valid")', "not a literal"),
        ("f\"{words.gettext('Shown')}: {name}\"", "inside an f-string"),
        ('words.gettext("Shown to %s") % name', "a placeholder without a name"),
        ('words.gettext("100 % of it")', "a placeholder without a name"),
        ('words.gettext("Shown to {name}").format(name=name)', "a placeholder in braces"),
        ('words.gettext("") + name', "an empty message"),
        ('words.gettext("Shown to %(name)s")', "filled in otherwise"),
        ('words.gettext("Shown to %(name)s") % {"nane": name}', "filled in otherwise"),
        ('words.gettext("Shown") % {"name": name}', "filled in otherwise"),
        ("say = words.gettext", "goes by another name"),
    ],
)
def test_what_would_be_missed_is_seen(line: str, fault: str) -> None:
    for good in (
        'words.gettext("Shown to %(name)s") % {"name": name}; words.ngettext("one", "many", 2)',
        'said = words.gettext("Shown to %(name)s"); show(said % {"name": name})',
        'words.gettext("Shown to %(name)s") % {**others}',
    ):
        assert faults(ast.parse(good)) == []
    assert faults(ast.parse(line)) == [f"1: {fault}"]

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Headers, sizes, names, and citations of specifications."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PROJECT, Module, docstrings, modules
from vcred.reasons import Reason

SPDX = "# SPDX-FileCopyrightText: The vcred authors\n# SPDX-License-Identifier: Apache-2.0\n"
MAX_LINES = 300
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "handler", "handlers", "service"}
SPECS = PROJECT / "docs" / "spec" / "SPECS.md"


def python_files() -> Iterator[Path]:
    """Every Python file of the project, tests and tools too."""
    for folder in ("src", "tests", "tools", "bench", "examples"):
        yield from sorted((PROJECT / folder).rglob("*.py"))


def spec_keys() -> list[str]:
    """The first column of the table of pinned specifications, longest first."""
    table = SPECS.read_text(encoding="utf-8").split("## Pinned")[1].split("## ")[0]
    rows = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")]
    return sorted(rows[2:], key=len, reverse=True)


def citations(docstring: str) -> list[str]:
    """What stands after `Spec:`, up to the end of the paragraph, one item a semicolon.

    An item that begins with "section" belongs to the document before it; what stands in
    parentheses is a remark.
    """
    found = re.findall(r"^Spec:\s*(.+?)(?=\n\s*\n|\Z)", docstring, flags=re.MULTILINE | re.DOTALL)
    bare = [re.sub(r"\([^)]*\)", "", text) for text in found]
    items = [" ".join(item.split()).rstrip(".") for text in bare for item in text.split(";")]
    return [item for number, item in enumerate(items) if item and not (number and item.startswith("section"))]


def is_known(citation: str, keys: list[str]) -> bool:
    """Whether the citation begins with a pinned key or with a document that exists."""
    if citation.startswith("docs/spec/"):
        return (PROJECT / citation.split()[0].rstrip(",")).is_file()
    return any(re.match(rf"{re.escape(key)}(?![\w-])", citation) for key in keys)


@pytest.mark.parametrize("path", list(python_files()), ids=lambda path: str(path.relative_to(PROJECT)))
def test_two_spdx_lines_stand_at_the_top(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(SPDX)


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_is_small_named_well_and_says_what_it_is(module: Module) -> None:
    lines = len(module.path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES
    assert module.parts[-1] not in VAGUE
    assert any(name == f"{module.name}:" for name, _ in docstrings(module)), "no module docstring"


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_every_citation_is_pinned(module: Module) -> None:
    keys = spec_keys()
    cited = [(at, item) for at, text in docstrings(module) for item in citations(text)]
    assert [(at, item) for at, item in cited if not is_known(item, keys)] == []


def test_citations_are_found_and_can_be_unknown() -> None:
    text = "Do it.\n\nSpec: RFC 9901 section 7.1 step 5;\n    docs/spec/SPECS.md section 2.\n"
    assert citations(text) == ["RFC 9901 section 7.1 step 5", "docs/spec/SPECS.md section 2"]
    assert all(is_known(item, spec_keys()) for item in citations(text))
    assert not is_known("RFC 99010 section 1", spec_keys())
    assert not is_known("docs/spec/nowhere.md", spec_keys())


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_in_the_table_of_the_verdict(reason: Reason) -> None:
    verdict = (PROJECT / "docs" / "spec" / "verdict.md").read_text(encoding="utf-8")
    assert f"`{reason.value}`" in verdict.split("## Reason codes")[1].split("## ")[0]

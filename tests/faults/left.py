# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What has left the issuer before a fault; in the end it must be there, byte for byte."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Left:
    """What has left by an output so far: files that grow, and files that are written once."""

    out: Path
    grown: dict[Path, tuple[int, str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def note(self) -> None:
        """Note what is there now; of what was noted before nothing may be missing."""
        is_lines, table = self.out.suffix == ".jsonl", receipts_file(self.out)
        for path in (table, self.out) if is_lines else (table,):
            if path.exists():
                self.grown[path] = (path.stat().st_size, _digest(path, path.stat().st_size))
        if not is_lines and self.out.exists():
            names = {entry.name for entry in os.scandir(self.out) if entry.name.endswith(".sdjwt")}
            for name in names - self.files.keys():
                self.files[name] = _digest(self.out / name)

    def complaints(self) -> list[str]:
        """What is not there any more as it was."""
        said = [
            f"INV-5: the first {size} bytes of {path.name} have changed"
            for path, (size, digest) in self.grown.items()
            if not path.exists() or _digest(path, size) != digest
        ]
        for name, digest in self.files.items():
            if not (self.out / name).exists() or _digest(self.out / name) != digest:
                said.append(f"INV-5: {name} has changed")
        return said


def receipts_file(out: Path) -> Path:
    """The table of receipts of an output."""
    return out.with_name(f"{out.stem}.receipts.csv") if out.suffix == ".jsonl" else out / "receipts.csv"


def receipts_bytes(out: Path) -> int:
    """How long the table of receipts is: it grows as credentials leave."""
    table = receipts_file(out)
    return table.stat().st_size if table.exists() else 0


def _digest(path: Path, size: int | None = None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = path.stat().st_size if size is None else size
        while left > 0 and (part := file.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
    return digest.hexdigest()

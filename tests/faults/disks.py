# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Disks of a test's own: ext4 in an image file on a loop device, and small ones in memory."""

import gc
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.machine import require

IMAGE_BYTES: Final = 32 * 1024 * 1024
_TOOL_FOLDERS: Final = "/usr/sbin:/sbin"


def make_image(file: Path) -> None:
    """Make a sparse file with an empty ext4 in it."""
    with file.open("wb") as image:
        image.truncate(IMAGE_BYTES)
    _run(["mkfs.ext4", "-q", "-F", str(file)])


def copy_image(file: Path, to: Path) -> None:
    """Copy an image, holes kept: of a mounted one, what the disk has at this moment."""
    _run(["cp", "--sparse=always", str(file), str(to)])


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """The file system in an image."""
    with _mounted(["-o", "loop", str(image)], place):
        yield place


@contextmanager
def small_disk(place: Path, *, size_bytes: int, files: int = 0) -> Iterator[Path]:
    """A file system in memory of that size; with `files`, for at most so many of them."""
    limit = f",nr_inodes={files}" if files else ""
    with _mounted(["-t", "tmpfs", "-o", f"size={size_bytes}{limit}", "tmpfs"], place):
        yield place


def require_mounts(folder: Path) -> None:
    """Skip where the kernel lets nobody mount: in a container, and then in CI too."""
    for tool in ("mkfs.ext4", "mount", "umount"):
        require(_found(tool), f"{tool} is not installed: disks that are cut off or full are not tested")
    image, place = folder / "probe.image", folder / "probe"
    make_image(image)
    place.mkdir(exist_ok=True)
    try:
        _run(["mount", "-o", "loop", str(image), str(place)])
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the kernel refuses loop mounts: {error.stderr.strip()}")
    else:
        # What may be mounted must also be given back.
        _run(["umount", str(place)])
    finally:
        image.unlink()


def _found(tool: str) -> str | None:
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:{_TOOL_FOLDERS}")


def _run(command: list[str]) -> None:
    tool = _found(command[0])
    if tool is None:
        raise FileNotFoundError(f"{command[0]} is not installed")
    subprocess.run([tool, *command[1:]], check=True, capture_output=True, text=True)


@contextmanager
def _mounted(options: list[str], place: Path) -> Iterator[None]:
    place.mkdir(exist_ok=True)
    _run(["mount", *options, str(place)])
    try:
        yield
    finally:
        # A store whose opening has failed may wait with its file open until it is collected.
        gc.collect()
        _run(["umount", str(place)])

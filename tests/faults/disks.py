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
    """Skip where nothing can be mounted: a container may not, not even in CI."""
    image = folder / "probe.image"
    try:
        make_image(image)
        with mounted(image, folder / "probe"):
            return
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", None) or str(error)
        where = "in CI too" if os.environ.get("CI") == "true" else "here"
        pytest.skip(f"mkfs.ext4 and loop mounts do not work {where}: {told.strip()}")
    finally:
        image.unlink(missing_ok=True)


def _run(command: list[str]) -> None:
    path = f"{os.environ.get('PATH', '')}:{_TOOL_FOLDERS}"
    tool = shutil.which(command[0], path=path)
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

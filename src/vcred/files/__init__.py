# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one way to touch files: old content or new, never half of it.

A file is written beside its place, made durable, then moved into its place in one step.
An existing file stays unless the caller says otherwise; a symbolic link is never written
through, for whoever planted it chose where the bytes go. Whatever the system says
against it is a `StoreError` (exit code 4).

Three ways to write: one whole file, many whole files into one folder, and behind the part of a
file whose durable length somebody else keeps.
"""

from vcred.files.locks import lock_folder, lock_marked
from vcred.files.many import append_at, read_behind, write_many
from vcred.files.whole import make_private_folder, read_capped, tighten_modes, write_atomic

__all__ = [
    "append_at",
    "lock_folder",
    "lock_marked",
    "make_private_folder",
    "read_behind",
    "read_capped",
    "tighten_modes",
    "write_atomic",
    "write_many",
]

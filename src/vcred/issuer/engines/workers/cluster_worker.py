# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a worker of a cluster does with a chunk: it finds the key on its own machine, and signs.

A task says which key by DID URL and public half. The private one is in the home that VCRED_HOME
names there, in its keyring or a token; it is opened once for each process. A worker refuses, and
says why, rather than sign with another key, as another version, or where what it holds might be
written to disk.

A refusal is an answer and no exception: of a task that raises, Dask writes a part into its log.
"""

import os
import socket
import threading
from functools import lru_cache
from pathlib import Path
from typing import Final

from vcred import __version__
from vcred.errors import StoreError, VcredError
from vcred.files.system import keep_memory_private
from vcred.home import Role, open_home
from vcred.issuer.chunk import work_chunk
from vcred.issuer.engines.workers.cluster_messages import (
    ClusterAnswer,
    ClusterRefusal,
    ClusterTask,
    decode_task,
    encode_answer,
)
from vcred.keys.custody import KeyRole
from vcred.keys.home_keys import KEY_FILE, open_home_keyring
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer

HOME_VARIABLE: Final = "VCRED_HOME"
_PAGE: Final = "see docs/operate/bulk.md"
_opening = threading.Lock()


def work_in_cluster(task: ClusterTask) -> ClusterAnswer | ClusterRefusal:
    """Called by Dask on a worker; returns what came of a chunk, or why nothing did."""
    try:
        if _may_write_to_disk():
            raise StoreError(
                "it may write what it holds to disk",
                hint=f"set distributed.worker.memory.target and .spill to false; {_PAGE}",
            )
        return answer_task(task)
    except VcredError as error:
        kind = type(error) if isinstance(error, StoreError) else StoreError
        message = f"the worker on {socket.gethostname()}: {error}"
        return ClusterRefusal(message=message, hint=error.hint, kind=kind)


def answer_task(task: ClusterTask) -> ClusterAnswer:
    """Work on a chunk with the key that this machine has.

    Raises:
        StoreError: Another version, no such key here, or it cannot be opened or used.
    """
    # Before the chunk is read: what it is made of may have changed.
    if task.version != __version__:
        raise StoreError(
            f"it runs vcred {__version__}, the issuer {task.version}", hint="install the same everywhere"
        )
    with _opening:
        signer = _signer(os.environ.get(HOME_VARIABLE, ""), task.key_id, task.key)
    return encode_answer(task, work_chunk(decode_task(task), signer), signer)


@lru_cache(maxsize=4)
def _signer(home: str, key_id: str, key: PublicKey) -> Signer:
    if not home:
        raise StoreError(f"{HOME_VARIABLE} is not set where it was started", hint=_PAGE)
    opened = open_home(Path(home), Role.ISSUER)
    if not (opened.path / KEY_FILE).exists():
        # Nobody is there to be asked for a passphrase.
        raise StoreError(f"its home has no {KEY_FILE}", hint=f"a worker's home opens by a key file; {_PAGE}")
    # No crash of it writes the key, and the claims that it signs, to the disk.
    keep_memory_private()
    with open_home_keyring(opened) as keyring:
        for signer in keyring.signers(KeyRole.ISSUING).values():
            if signer.public_key == key:
                return signer
    raise StoreError(f"its home does not hold the key {key_id}", hint=f"give it that key; {_PAGE}")


def _may_write_to_disk() -> bool:
    """Whether Dask moves results of this worker to a file when memory is short."""
    from distributed import get_worker
    from distributed.spill import SpillBuffer

    return isinstance(get_worker().data, SpillBuffer)

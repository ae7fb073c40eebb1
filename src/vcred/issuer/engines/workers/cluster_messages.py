# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the issuer's machine and the workers of a cluster tell each other of a chunk.

    task     the rows and places; which key signs, never the key
    answer   what came of each row, and that the key vouches for all of it
    refusal  why nothing came of any

An answer is vouched for as a whole: a JWS by the key that signed the credentials, over the digests of
task and answer. So nobody between the two, the scheduler or a machine that was let into the cluster
and holds no key, can give another one, or that of another task.
"""

import hashlib
import pickle
from dataclasses import dataclass
from typing import Final

from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, RefusedError, SignatureError, StoreError
from vcred.issuer.chunk import ChunkResult, ChunkTask
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.securing.jws import check_header, parse_jws, sign_jws, verify_jws

CHUNK_MEDIA_TYPE: Final = "vcred-chunk+jwt"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ClusterTask:
    """A chunk on its way to a worker.

    Not shown by `repr`: Dask writes tasks into logs.

    Attributes:
        version: Of the vcred that made it; another one may not even be able to read `chunk`.
        key_id: DID URL of the method that signs.
        key: Its public half.
        chunk: A `ChunkTask`, pickled. Bytes are passed on by the scheduler as they are.
    """

    version: str
    key_id: str
    key: PublicKey
    chunk: bytes

    def __repr__(self) -> str:
        return "ClusterTask(not shown)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ClusterAnswer:
    """What came of a chunk, on its way back; not shown by `repr`.

    Attributes:
        result: A `ChunkResult`, pickled.
        vouched: Compact JWS over the digests of the task's chunk and of `result`.
    """

    result: bytes
    vouched: str

    def __repr__(self) -> str:
        return "ClusterAnswer(not shown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRefusal:
    """Why a worker does not work on a chunk. `kind` is the error that it is here: it has the code."""

    message: str
    hint: str | None
    kind: type[StoreError] = StoreError


def encode_task(task: ChunkTask) -> ClusterTask:
    """Make a chunk ready for its way: with a reference to the key, and never the key."""
    issuer = task.terms.issuer
    return ClusterTask(
        version=task.terms.version, key_id=issuer.key_id, key=issuer.key, chunk=pickle.dumps(task, protocol=5)
    )


def decode_task(task: ClusterTask) -> ChunkTask:
    """Read a task on a worker.

    Who hands it out is in the cluster: the certificates say so, and Dask has unpickled more of it already.
    """
    chunk: ChunkTask = pickle.loads(task.chunk)  # noqa: S301
    return chunk


def encode_answer(task: ClusterTask, result: ChunkResult, signer: Signer) -> ClusterAnswer:
    """Make an answer ready for its way back.

    Args:
        signer: The key that `task` names.

    Raises:
        StoreError: The signer cannot sign.
    """
    encoded = pickle.dumps(result, protocol=5)
    header: JsonObject = {"kid": task.key_id, "typ": CHUNK_MEDIA_TYPE}
    return ClusterAnswer(result=encoded, vouched=sign_jws(header, _digests(task, encoded), signer))


def decode_answer(task: ClusterTask, answer: ClusterAnswer | ClusterRefusal) -> ChunkResult:
    """Read what a worker answered to a task.

    Raises:
        StoreError: The worker refuses; or the key of the task does not vouch for this answer.
    """
    if isinstance(answer, ClusterRefusal):
        raise answer.kind(answer.message, hint=answer.hint)
    try:
        jws = parse_jws(answer.vouched)
        check_header(jws, typ=CHUNK_MEDIA_TYPE, allowed=(task.key.algorithm,))
        verify_jws(jws, task.key)
        is_vouched = decode_json_object(jws.payload) == _digests(task, answer.result)
    except (DecodeError, RefusedError, SignatureError):
        is_vouched = False
    if not is_vouched:
        raise StoreError(
            "the cluster gave an answer for which the issuing key does not vouch",
            hint="nothing of its rows was issued; see that all machines of the cluster are yours",
        )
    result: ChunkResult = pickle.loads(answer.result)  # noqa: S301
    return result


def _digests(task: ClusterTask, result: bytes) -> JsonObject:
    digests = {"task": hashlib.sha256(task.chunk).digest(), "answer": hashlib.sha256(result).digest()}
    return {name: encode_base64url(digest) for name, digest in digests.items()}

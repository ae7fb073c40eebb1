# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a worker is told and what it answers: never a key, and why not."""

import dataclasses
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed.protocol import serialize

from tests.unit.issuer.cluster.machines import make_worker_home
from tests.unit.issuer.run.homes import issue, make_home, open_issuer, roster_bytes
from vcred.codec.base64url import encode_base64url
from vcred.codec.strict_json import decode_json_object
from vcred.errors import StoreError
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.home import read_home
from vcred.issuer.chunk import ChunkResult, ChunkTask
from vcred.issuer.engines.runs.issuer_keys import read_issuer_keys
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.issuer.engines.workers import cluster_worker
from vcred.issuer.engines.workers.cluster_messages import (
    ClusterAnswer,
    ClusterRefusal,
    ClusterTask,
    decode_answer,
    encode_answer,
    encode_task,
)
from vcred.issuer.engines.workers.cluster_worker import answer_task, work_in_cluster
from vcred.issuer.engines.workers.inline import InlineEngine
from vcred.issuer.row_signer import RowDone
from vcred.keys import home_keys
from vcred.keys.algorithms import ES256
from vcred.keys.hsm_errors import HsmMissingError
from vcred.keys.software import SoftwareSigner
from vcred.securing.jws import parse_jws, sign_jws

ROWS = 3


@pytest.fixture
def issuer(tmp_path: Path) -> Path:
    return make_home(tmp_path / "issuer").path


@pytest.fixture
def task(issuer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterTask:
    """A task as the coordinator makes it; it goes by the cluster's way here too."""
    made: list[ChunkTask] = []
    submit = InlineEngine.submit
    with monkeypatch.context() as patch:
        patch.setattr(InlineEngine, "submit", lambda self, task: (made.append(task), submit(self, task))[1])
        issue(issuer, roster_bytes(ROWS), tmp_path / "out.jsonl")
    return encode_task(made[0])


@pytest.fixture(autouse=True)
def new_process() -> Iterator[None]:
    """A worker that has opened nothing yet."""
    cluster_worker._signer.cache_clear()
    yield
    cluster_worker._signer.cache_clear()


@pytest.fixture
def worker(issuer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = make_worker_home(tmp_path / "worker", issuer)
    monkeypatch.setenv("VCRED_HOME", str(home))
    return home


def test_the_worker_signs_with_the_key_of_its_own_home(task: ClusterTask, worker: Path) -> None:
    result = decode_answer(task, answer_task(task))
    assert isinstance(result, ChunkResult)
    assert [isinstance(row, RowDone) and len(row.texts) for row in result.rows] == [1] * ROWS


def vouched_for_another_task(task: ClusterTask, answer: ClusterAnswer) -> ClusterAnswer:
    """The answer to the same rows with one more byte behind them: the scheduler exchanges the two."""
    return answer_task(dataclasses.replace(task, chunk=task.chunk + b"."))


def vouched_by_another_key(task: ClusterTask, answer: ClusterAnswer) -> ClusterAnswer:
    """Of a machine that was let into the cluster and has no key of the issuer."""
    result = decode_answer(task, answer)
    return encode_answer(task, result, SoftwareSigner.generate(ES256))


def with_another_result(task: ClusterTask, answer: ClusterAnswer) -> ClusterAnswer:
    rows = decode_answer(task, answer).rows
    return dataclasses.replace(answer, result=pickle.dumps(ChunkResult(rows[::-1]), protocol=5))


def with_a_credential(task: ClusterTask, answer: ClusterAnswer) -> ClusterAnswer:
    """The same key has signed it, for something else."""
    (first, *_) = decode_answer(task, answer).rows
    assert isinstance(first, RowDone)
    return dataclasses.replace(answer, vouched=first.texts[0].partition("~")[0])


def vouched_in_another_form(task: ClusterTask, answer: ClusterAnswer) -> ClusterAnswer:
    """The right digests, by the right key, in an object that is for something else."""
    payload = decode_json_object(parse_jws(answer.vouched).payload)
    signer = cluster_worker._signer(os.environ["VCRED_HOME"], task.key_id, task.key)
    vouched = sign_jws({"kid": task.key_id, "typ": MEDIA_TYPE}, payload, signer)
    return dataclasses.replace(answer, vouched=vouched)


def without_a_signature(task: ClusterTask, answer: ClusterAnswer) -> ClusterAnswer:
    return dataclasses.replace(answer, vouched="")


@pytest.mark.parametrize(
    "change",
    [
        vouched_for_another_task,
        vouched_by_another_key,
        with_another_result,
        with_a_credential,
        vouched_in_another_form,
        without_a_signature,
    ],
)
def test_the_key_vouches_for_an_answer_to_this_task(
    change: Callable[[ClusterTask, ClusterAnswer], ClusterAnswer], task: ClusterTask, worker: Path
) -> None:
    answer = answer_task(task)
    assert decode_answer(task, answer).rows
    with pytest.raises(StoreError, match="the issuing key does not vouch"):
        decode_answer(task, change(task, answer))


def test_the_keyring_is_opened_once(task: ClusterTask, worker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    open_keyring = home_keys.open_home_keyring
    monkeypatch.setattr(
        cluster_worker, "open_home_keyring", lambda home: (opened.append(home), open_keyring(home))[1]
    )
    answer_task(task)
    answer_task(task)
    assert len(opened) == 1


def test_a_task_names_the_key_and_carries_none(task: ClusterTask, issuer: Path) -> None:
    """What travels, byte for byte, has the reference; no key, no secret of the store, nothing that opens."""
    header, frames = serialize(task)
    travelling = b"".join([pickle.dumps(header), *map(bytes, frames), pickle.dumps(task), task.chunk])
    with open_issuer(issuer) as opened:
        name = opened._name(opened._clock())
    assert name.key_id.encode() in travelling
    assert name.key.raw in travelling
    with home_keys.open_home_keyring(read_home(issuer)) as keyring:
        secrets = [keyring.secret("outbox"), keyring._key_of_folder()]
        for key in map(keyring.signer, keyring.names()):
            private = key.to_private_jwk()["d"]  # type: ignore[attr-defined]
            secrets.append(private.encode())
            secrets.append(key._private.private_numbers().private_value.to_bytes(32, "big"))  # type: ignore[attr-defined]
    with open_issuer_store(read_home(issuer)) as store:
        secrets.append(store.secret)
    secrets.append((issuer / "unlock.key").read_bytes())
    for secret in secrets:
        assert len(secret) >= 32
        for form in (secret, secret.hex().encode(), encode_base64url(secret).encode()):
            assert form not in travelling


def test_a_signer_cannot_be_pickled(issuer: Path) -> None:
    (signer,) = read_issuer_keys(read_home(issuer), None).issuing.values()
    with pytest.raises(TypeError):
        pickle.dumps(signer)


def test_nothing_of_a_person_is_shown_in_logs(task: ClusterTask) -> None:
    assert repr(task) == str(task) == "ClusterTask(not shown)"
    assert repr(ClusterAnswer(result=b"claims", vouched="claims")) == "ClusterAnswer(not shown)"


def refused(task: ClusterTask) -> str:
    with pytest.raises(StoreError) as caught:
        answer_task(task)
    return str(caught.value)


def test_another_version_is_refused_before_the_chunk_is_read(task: ClusterTask, worker: Path) -> None:
    other = dataclasses.replace(task, version="0.0.1", chunk=b"not to be read")
    assert "the issuer 0.0.1" in refused(other)
    answer_task(task)


def test_a_worker_without_a_home_is_refused(
    task: ClusterTask, worker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_task(task)
    monkeypatch.delenv("VCRED_HOME")
    assert "VCRED_HOME is not set" in refused(task)


def test_a_home_that_is_none_is_refused(
    task: ClusterTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VCRED_HOME", str(tmp_path / "nowhere"))
    assert "is not a home" in refused(task)


def test_a_home_without_its_key_file_is_refused(task: ClusterTask, worker: Path) -> None:
    answer_task(task)
    cluster_worker._signer.cache_clear()
    (worker / "unlock.key").unlink()
    assert refused(task) == "its home has no unlock.key"


def test_a_home_without_the_key_is_refused_and_may_get_it(
    task: ClusterTask, worker: Path, issuer: Path
) -> None:
    (worker / "keys" / "issuing-1.key.jwe").unlink()
    assert refused(task) == f"its home does not hold the key {task.key_id}"
    (worker / "keys" / "issuing-1.key.jwe").write_bytes((issuer / "keys" / "issuing-1.key.jwe").read_bytes())
    answer_task(task)


def test_a_home_with_another_key_is_refused(task: ClusterTask, tmp_path: Path, worker: Path) -> None:
    """It has an issuing key, and may sign with it: only not in this name."""
    other = make_worker_home(tmp_path / "other-worker", make_home(tmp_path / "other").path)
    for file in (other / "keys").iterdir():
        (worker / "keys" / file.name).write_bytes(file.read_bytes())
    (worker / "unlock.key").write_bytes((other / "unlock.key").read_bytes())
    assert "does not hold the key" in refused(task)


def test_a_refusal_is_an_answer(task: ClusterTask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_worker, "_may_write_to_disk", lambda: False)
    monkeypatch.delenv("VCRED_HOME", raising=False)
    answer = work_in_cluster(task)
    assert isinstance(answer, ClusterRefusal)
    with pytest.raises(StoreError, match=r"the worker on .*: VCRED_HOME is not set") as caught:
        decode_answer(task, answer)
    assert caught.value.hint == "see docs/operate/bulk.md"


def test_a_refusal_keeps_its_code(task: ClusterTask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a token that a worker cannot reach the issuer hears as of its own."""

    def no_token(_: ClusterTask) -> ClusterAnswer:
        raise HsmMissingError("no token here", hint="plug it in")

    monkeypatch.setattr(cluster_worker, "_may_write_to_disk", lambda: False)
    monkeypatch.setattr(cluster_worker, "answer_task", no_token)
    answer = pickle.loads(pickle.dumps(work_in_cluster(task)))
    with pytest.raises(HsmMissingError, match=r"the worker on .*: no token here") as caught:
        decode_answer(task, answer)
    assert (caught.value.code, caught.value.hint) == ("hsm_missing", "plug it in")


def test_a_worker_that_may_write_to_disk_is_refused(
    task: ClusterTask, worker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_worker, "_may_write_to_disk", lambda: False)
    assert isinstance(work_in_cluster(task), ClusterAnswer)
    monkeypatch.setattr(cluster_worker, "_may_write_to_disk", lambda: True)
    answer = work_in_cluster(task)
    assert isinstance(answer, ClusterRefusal) and "to disk" in answer.message

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A ledger behind a URL: what is believed of what it says."""

import base64
import contextlib
import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.homes import Network
from tests.unit.server.client import AppSite, TestClient
from vcred.errors import FetchError, LedgerError, QuorumError, SignatureError
from vcred.fetch import Answer
from vcred.ledger.engines.remote import RemoteLedger, RemoteLog
from vcred.ledger.entries import MAX_LEAF_BYTES, parse_leaf
from vcred.limits import MAX_ENTRIES_PER_ANSWER, MAX_TIME
from vcred.reasons import Reason


def opened(network: Network, site: AppSite, *, network_id: str | None = None) -> RemoteLedger:
    return RemoteLedger(RemoteLog(site), clock=network.clock, network_id=network_id)


class Lying(AppSite):
    """A server that gives other answers to some paths."""

    def __init__(self, client: TestClient, lies: dict[str, Answer]) -> None:
        super().__init__(client)
        self._lies = lies

    def get(self, path: str = "", *, max_bytes: int) -> Answer:
        return self._lies.get(path.partition("?")[0]) or super().get(path, max_bytes=max_bytes)

    def post(self, path: str, body: bytes, *, media_type: str, max_bytes: int) -> Answer:
        lie = self._lies.get(path)
        return lie or super().post(path, body, media_type=media_type, max_bytes=max_bytes)


def said(body: bytes | dict[str, Any], status: int = 200) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, media_type="application/json", body=content)


def entries(*leaves: bytes, start: int = 0) -> Answer:
    return said({"start": start, "leaves": [base64.b64encode(leaf).decode() for leaf in leaves]})


def test_what_it_says_is_replayed(network: Network, client: TestClient) -> None:
    network.grow(3)
    head = network.publish()
    network.grow(2)
    with opened(network, AppSite(client)) as remote, network.ledger() as ledger:
        assert remote.state == ledger.state
        assert remote.published() == head
        assert remote.leaves(1, 4) == ledger.leaves(1, 4)


def test_a_statement_is_appended_through_it(network: Network, client: TestClient) -> None:
    network.publish()
    for number in (1, 2):
        with opened(network, AppSite(client)) as remote:
            operation = network.statement("gd", number, ledger=remote)
            appended = remote.append(operation)
            assert (appended.index, appended.is_new) == (number, True)
            assert not remote.append(operation).is_new
    with network.ledger() as ledger:
        assert ledger.state.size == 3
        assert ledger.state.void == ()


def test_what_the_rules_refuse_has_its_reason(network: Network, client: TestClient) -> None:
    log = RemoteLog(AppSite(client))
    with pytest.raises(LedgerError) as caught:
        log.append({"kind": "type.publish", "version": 1})
    assert caught.value.reason is not None
    with opened(network, AppSite(client)) as remote:
        operation = network.statement("gd", 1, ledger=remote)
    with pytest.raises(LedgerError) as caught:
        log.append(operation | {"network": "z" + "1" * 43})
    assert caught.value.reason is Reason.NOT_AUTHORISED


def test_entries_come_in_pages(network: Network, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    network.grow(6)
    monkeypatch.setattr("vcred.ledger.engines.remote.MAX_ENTRIES_PER_ANSWER", 3)
    site = AppSite(client)
    with network.ledger() as ledger:
        assert RemoteLog(site).leaves(1, 100) == list(ledger.leaves(1, 7))
    assert site.asked == [f"/entries?start={start}&end={start + 3}" for start in (1, 4, 7)]


def test_a_ledger_without_entries_yet(network: Network) -> None:
    empty = Lying.__new__(Lying)
    empty._lies = {"/checkpoint": said(b"", 404), "/entries": entries()}
    remote = RemoteLedger(RemoteLog(empty), clock=network.clock, network_id=None)
    assert remote.state.size == 0
    assert remote.published() is None


def test_entries_that_are_not_those_of_the_checkpoint(network: Network, client: TestClient) -> None:
    """An operator who leaves out, or changes, what he has signed."""
    network.grow(2)
    head = network.publish()
    with network.ledger() as ledger:
        leaves = ledger.leaves(0, 3)
    assert opened(network, AppSite(client)).published() == head
    changed = json.dumps(json.loads(leaves[2]) | {"logged_at": parse_leaf(leaves[2]).logged_at + 1})
    for lie in ((leaves[0], leaves[2], leaves[1]), (*leaves[:2], changed.encode())):
        pages = Pages(client, lie)
        with pytest.raises(LedgerError) as caught:
            opened(network, pages)
        assert caught.value.reason is Reason.BUNDLE_INCONSISTENT
    with pytest.raises(LedgerError, match="too few entries"):
        opened(network, Pages(client, leaves[:2]))


class Pages(AppSite):
    """A server with a good checkpoint and other entries."""

    def __init__(self, client: TestClient, leaves: tuple[bytes, ...]) -> None:
        super().__init__(client)
        self._leaves = leaves

    def get(self, path: str = "", *, max_bytes: int) -> Answer:
        if not path.startswith("/entries"):
            return super().get(path, max_bytes=max_bytes)
        start = int(path.partition("start=")[2].partition("&")[0])
        return entries(*self._leaves[start:], start=start)


def test_a_checkpoint_without_its_quorum(network: Network, client: TestClient) -> None:
    """It is never published bare; a server that shows a bare one is not believed."""
    note = network.publish().note
    assert opened(network, AppSite(client)).published() is not None
    bare = b"".join(note.splitlines(keepends=True)[:-1])
    with pytest.raises(QuorumError):
        opened(network, Lying(client, {"/checkpoint": said(bare)}))
    unsigned = note.replace(
        b"\n\n\xe2\x80\x94 ledger.example/homes ", b"\n\n\xe2\x80\x94 ledger.example/other "
    )
    with pytest.raises(SignatureError):
        opened(network, Lying(client, {"/checkpoint": said(unsigned)}))
    with pytest.raises(LedgerError):
        opened(network, Lying(client, {"/checkpoint": said(b"no note")}))


def test_cosignatures_from_the_future_do_not_count(network: Network, client: TestClient) -> None:
    network.publish()
    network.clock.now -= timedelta(seconds=50)
    assert opened(network, AppSite(client)).published() is not None
    network.clock.now -= timedelta(seconds=50)
    with pytest.raises(QuorumError):
        opened(network, AppSite(client))


def test_another_network(network: Network, client: TestClient) -> None:
    with network.ledger() as ledger:
        known = ledger.state.require_network().id
    assert opened(network, AppSite(client), network_id=known).state.size == 1
    with pytest.raises(LedgerError, match="another network"):
        opened(network, AppSite(client), network_id="z" + "1" * 43)


@pytest.mark.parametrize(
    "answer",
    [
        said(b""),
        said(b"[]"),
        said({"start": 1, "leaves": []}),
        said({"start": 0}),
        said({"start": 0, "leaves": "AAAA"}),
        said({"start": 0, "leaves": ["!"]}),
        said({"start": 0, "leaves": ["AA"]}),
        said({"start": 0, "leaves": ["AAAA"] * 3}),
        said({"start": 0, "leaves": []}, 500),
        said({"start": 0, "leaves": []}, 404),
    ],
)
def test_entries_that_are_none(client: TestClient, answer: Answer) -> None:
    assert len(RemoteLog(AppSite(client)).leaves(0, 2)) == 1
    with pytest.raises(FetchError):
        RemoteLog(Lying(client, {"/entries": answer})).leaves(0, 2)


class Endless(AppSite):
    """A server whose every answer is one leaf, as if there were many."""

    def __init__(self, leaf: bytes) -> None:
        self._leaf = leaf
        self.asked = []

    def get(self, path: str = "", *, max_bytes: int) -> Answer:
        self.asked.append(path)
        return entries(self._leaf, start=int(path.partition("start=")[2].partition("&")[0]))


def test_a_leaf_that_no_ledger_takes() -> None:
    """A lying operator, and a witness that reads from him: some MiB a leaf would fill its memory."""
    largest = bytes(MAX_LEAF_BYTES)
    assert RemoteLog(Endless(largest)).leaves(0, 2) == [largest, largest]
    for more in (3, 5 * 1024 * 1024):
        with pytest.raises(FetchError, match="does not answer as a ledger"):
            RemoteLog(Endless(bytes(MAX_LEAF_BYTES + more))).leaves(0, 2)


def test_many_leaves_are_not_fetched_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcred.ledger.engines.remote._MAX_FETCHED_BYTES", 4 * MAX_LEAF_BYTES)
    assert len(RemoteLog(Endless(bytes(MAX_LEAF_BYTES))).leaves(0, 4)) == 4
    site = Endless(bytes(MAX_LEAF_BYTES))
    with pytest.raises(FetchError, match="too many"):
        RemoteLog(site).leaves(0, 10_000)
    assert len(site.asked) == 5


def test_one_call_has_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer has a deadline of its own; ten thousand of them would be days."""
    assert len(RemoteLog(Endless(b"leaf")).leaves(0, 100)) == 100
    now = iter(range(0, 1000, 25))
    monkeypatch.setattr("vcred.ledger.engines.remote.time", SimpleNamespace(monotonic=lambda: next(now)))
    site = Endless(b"leaf")
    with pytest.raises(FetchError, match="too slowly"):
        RemoteLog(site).leaves(0, 100)
    assert len(site.asked) == 5


@pytest.mark.parametrize("many", [b"[],", b"{},", b'"ab",', b"1.5,"])
def test_an_answer_of_very_many_values_is_not_decoded(many: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it was decoded")

    full = said({"start": 0, "leaves": ["QUFB"] * MAX_ENTRIES_PER_ANSWER, "more": 1})
    site = Lying.__new__(Lying)
    site._lies = {"/entries": full}
    assert len(RemoteLog(site).leaves(0, MAX_ENTRIES_PER_ANSWER)) == MAX_ENTRIES_PER_ANSWER
    site._lies = {"/entries": said(b'{"start":0,"leaves":[' + many * 100_000 + b'"QUFB"]}')}
    monkeypatch.setattr("vcred.ledger.engines.remote.decode_json_object", refuse)
    with pytest.raises(FetchError, match="does not answer as a ledger"):
        RemoteLog(site).leaves(0, MAX_ENTRIES_PER_ANSWER)


@pytest.mark.parametrize(("index", "logged_at"), [(0, 0), (7, MAX_TIME)])
@pytest.mark.parametrize(
    "lie", [{"logged_at": MAX_TIME + 1}, {"logged_at": 2**53 - 1}, {"logged_at": -1}, {"index": -1}]
)
def test_an_answer_to_an_operation_with_no_such_date(index: int, logged_at: int, lie: dict[str, int]) -> None:
    """No calendar shows it: it would end the command that prints it."""
    good = {"index": index, "logged_at": logged_at, "new": True}
    site = Lying.__new__(Lying)
    site._lies = {"/operations": said(good, 201)}
    assert RemoteLog(site).append({}).logged_at == logged_at
    site._lies = {"/operations": said(good | lie, 201)}
    with pytest.raises(FetchError, match="does not answer as a ledger"):
        RemoteLog(site).append({})


@pytest.mark.parametrize(
    "answer",
    [
        said(b""),
        said({"index": 0, "logged_at": 0}),
        said({"index": "0", "logged_at": 0, "new": True}),
        said(b"", 422),
        said({"reason": "nonsense"}, 422),
        said({}, 413),
        said({}, 503),
    ],
)
def test_an_answer_to_an_operation_that_is_none(client: TestClient, answer: Answer) -> None:
    good = said({"index": 7, "logged_at": 1, "new": True}, 201)
    assert RemoteLog(Lying(client, {"/operations": good})).append({}).index == 7
    with pytest.raises(FetchError):
        RemoteLog(Lying(client, {"/operations": answer})).append({})


@given(st.binary(max_size=200), st.sampled_from([200, 201, 404, 422, 500]))
def test_any_answer_is_a_value_or_an_error_of_ours(content: bytes, status: int) -> None:
    site = Lying.__new__(Lying)
    site._lies = dict.fromkeys(("/checkpoint", "/entries", "/operations"), said(content, status))
    log = RemoteLog(site)
    for call in (log.checkpoint, lambda: log.leaves(0, 2), lambda: log.append({})):
        with contextlib.suppress(FetchError, LedgerError):
            call()

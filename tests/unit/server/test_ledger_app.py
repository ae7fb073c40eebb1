# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The routes of a ledger: what they give, when, and in which words they refuse."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from tests.unit.ledger.homes import Network
from tests.unit.server.client import TestClient, client_of
from vcred.codec.json_types import JsonObject
from vcred.limits import MAX_JSON_BYTES
from vcred.reasons import Reason
from vcred.server.ledger_app import make_ledger_app
from vcred.server.openapi import LEDGER_API
from vcred.server.problems import RequestError
from vcred.server.requests import read_body
from vcred.tlog.checkpoint import parse_checkpoint_text
from vcred.tlog.note import parse_note
from vcred.tlog.proofs import verify_consistency, verify_inclusion
from vcred.tlog.tiles import parse_bundle, parse_tile_path, verify_tile
from vcred.tlog.tree import leaf_hash


def statement(network: Network, number: int) -> JsonObject:
    with network.ledger() as ledger:
        return network.statement("gd", number, ledger=ledger)


def hashes(answer: Any) -> list[bytes]:
    return [base64.b64decode(text) for text in answer.json()["hashes"]]


def refusal(answer: Any, status: int) -> str | None:
    """The reason in problem details, and nothing of a stack, a version or a path."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem.keys() <= {"type", "title", "status", "reason", "detail"}
    for word in ("Traceback", "File ", "/home", ".py", "starlette", "uvicorn", "0."):
        assert word not in answer.text
    return problem.get("reason")


def test_an_operation_is_appended_once(network: Network, client: TestClient) -> None:
    """LED-11."""
    operation = statement(network, 1)
    first = client.post("/operations", json=operation)
    assert (first.status_code, first.json()) == (
        201,
        {"index": 1, "logged_at": int(network.clock.now.timestamp()), "new": True},
    )
    network.clock.later(seconds=10)
    again = client.post("/operations", json=operation)
    assert (again.status_code, again.json()) == (200, {**first.json(), "new": False})
    assert first.headers["cache-control"] == "no-store"
    with network.ledger() as ledger:
        assert ledger.state.size == 2


def test_the_rules_refuse_with_their_reason(network: Network, client: TestClient) -> None:
    good = statement(network, 1)
    for changed, reason in (
        (good | {"network": "z" + "1" * 43}, Reason.NOT_AUTHORISED),
        (good | {"more": 1}, Reason.SIGNATURE_INVALID),
        (good | {"kind": "what.ever"}, Reason.VERSION_UNSUPPORTED),
        ({}, Reason.MALFORMED),
    ):
        answer = client.post("/operations", json=changed)
        assert refusal(answer, 422) == reason
    assert client.post("/operations", json=good).status_code == 201


@pytest.mark.parametrize(
    ("content", "headers", "status", "reason"),
    [
        (b"{", {}, 400, Reason.MALFORMED),
        (b"[]", {}, 400, Reason.MALFORMED),
        (b'{"a":1,"a":1}', {}, 400, Reason.MALFORMED),
        (b"[" * 100 + b"]" * 100, {}, 400, Reason.LIMIT_EXCEEDED),
        ("{}".encode("utf-16"), {}, 400, Reason.MALFORMED),
        (b" " * (MAX_JSON_BYTES + 1), {}, 413, Reason.LIMIT_EXCEEDED),
        (b"{}", {"Content-Type": "text/plain"}, 415, Reason.MEDIA_TYPE_WRONG),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415, Reason.MEDIA_TYPE_WRONG),
        (b"{}", {"Content-Type": "application/json; charset=utf-7"}, 415, Reason.MEDIA_TYPE_WRONG),
        (b"{}", {"Content-Type": "application/json; charset=utf-8; x=y"}, 415, Reason.MEDIA_TYPE_WRONG),
        (b"{}", {"Content-Type": ""}, 415, Reason.MEDIA_TYPE_WRONG),
        (b"{}", {"Content-Encoding": "gzip"}, 415, Reason.MEDIA_TYPE_WRONG),
    ],
)
def test_what_a_body_must_be(
    network: Network, client: TestClient, content: bytes, headers: dict[str, str], status: int, reason: Reason
) -> None:
    """SRV-05, SRV-18."""
    json_type = {"Content-Type": "application/json; charset=UTF-8"}
    good = json.dumps(statement(network, 1)).encode()
    assert client.post("/operations", content=good, headers=json_type).status_code == 201
    answer = client.post("/operations", content=content, headers=json_type | headers)
    assert refusal(answer, status) == reason


def test_a_body_in_pieces_is_cut_off_at_the_limit(client: TestClient) -> None:
    """SRV-05: nothing announces its length."""
    pieces = (b" " * 1024 for _ in range(10**6))
    headers = {"Content-Type": "application/json"}
    assert refusal(client.post("/operations", content=pieces, headers=headers), 413) == "limit_exceeded"


def test_a_body_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """SRV-05: a piece now and then is no progress."""
    monkeypatch.setattr("vcred.server.requests.MAX_REQUEST_BODY_TIME", timedelta(seconds=0.2))

    async def drip() -> Message:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    scope = {"type": "http", "method": "POST", "headers": [], "path": "/operations", "query_string": b""}
    with pytest.raises(RequestError) as caught:
        asyncio.run(read_body(Request(scope, drip), max_bytes=1000))
    assert caught.value.status == 408


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    st.sampled_from(
        ["", "entries", "tile/", "tile/0/", "tile/entries/", "1.0/identifiers/", "proofs/inclusion"]
    ),
    st.text(max_size=30),
    st.dictionaries(st.sampled_from(["start", "end", "index", "size", "versionTime"]), st.text(max_size=8)),
)
def test_any_request_has_an_answer(client: TestClient, path: str, more: str, query: dict[str, str]) -> None:
    answer = client.get(f"/{path}{quote(more, safe='/')}", params=query)
    assert answer.status_code in (200, 400, 404, 410, 501)


def test_nothing_is_published_before_the_quorum(network: Network, client: TestClient) -> None:
    for path in (
        "/checkpoint",
        "/tile/0/000.p/1",
        "/tile/entries/000.p/1",
        "/proofs/inclusion?index=0&size=1",
    ):
        assert refusal(client.get(path), 404) == Reason.REFERENCE_UNKNOWN
    network.publish()
    checkpoint = client.get("/checkpoint")
    assert (checkpoint.status_code, checkpoint.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert checkpoint.headers["cache-control"] == "no-store"
    note = parse_note(checkpoint.content)
    assert parse_checkpoint_text(note.text).size == 1
    assert len(note.signatures) == 3


def test_what_is_published_is_proved(network: Network, client: TestClient) -> None:
    network.grow(4)
    first = network.publish()
    network.grow(6)
    network.clock.later(seconds=1)
    head = network.publish()
    leaves = [base64.b64decode(text) for text in client.get("/entries?start=0&end=11").json()["leaves"]]
    assert len(leaves) == head.size == 11
    answer = client.get(f"/proofs/inclusion?index=3&size={head.size}")
    assert "immutable" in answer.headers["cache-control"]
    verify_inclusion(index=3, size=11, leaf=leaf_hash(leaves[3]), path=hashes(answer), root=head.root)
    path = hashes(client.get(f"/proofs/consistency?old_size={first.size}&new_size={head.size}"))
    verify_consistency(
        old_size=first.size, old_root=first.root, new_size=head.size, new_root=head.root, path=path
    )


def test_tiles_of_the_published_tree(network: Network, client: TestClient) -> None:
    network.grow(4)
    head = network.publish()
    network.grow(1)
    tile = client.get("/tile/0/000.p/5")
    assert (tile.status_code, tile.headers["content-type"]) == (200, "application/octet-stream")
    assert "immutable" in tile.headers["cache-control"]
    with network.ledger() as ledger:
        name = parse_tile_path("tile/0/000.p/5")
        verify_tile(name, tile.content, node=ledger.node, size=head.size, root=head.root)
        bundle = client.get("/tile/entries/000.p/5").content
        assert parse_bundle(bundle, width=5) == ledger.leaves(0, 5)
    for path in ("/tile/0/000.p/6", "/tile/0/000", "/tile/1/000.p/1", "/tile/0/0", "/tile/entries/../000"):
        assert refusal(client.get(path), 404) is not None or path.count("..")


def test_entries_are_read_in_pages(
    network: Network, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.grow(9)
    page = client.get("/entries?start=2&end=5")
    assert (page.json()["start"], len(page.json()["leaves"])) == (2, 3)
    assert "immutable" in page.headers["cache-control"]
    last = client.get("/entries?start=8&end=1000000")
    assert len(last.json()["leaves"]) == 2
    assert last.headers["cache-control"] == "no-store"
    assert client.get("/entries?start=50&end=60").json() == {"start": 50, "leaves": []}
    assert client.get("/entries?start=5&end=3").json() == {"start": 5, "leaves": []}
    monkeypatch.setattr("vcred.server.ledger_app.MAX_ENTRIES_PER_ANSWER", 4)
    assert len(client.get("/entries?start=0&end=9").json()["leaves"]) == 4
    monkeypatch.setattr("vcred.server.ledger_app.MAX_ENTRIES_ANSWER_BYTES", 10)
    assert len(client.get("/entries?start=0&end=9").json()["leaves"]) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/entries",
        "/entries?start=0",
        "/entries?start=0&end=1&more=1",
        "/entries?start=0&start=0&end=1",
        "/entries?start=-1&end=1",
        "/entries?start=01&end=1",
        "/entries?start=0&end=1e3",
        "/entries?start=0&end=9007199254740992",
        "/entries?start=0&end=%EF%BC%91",
        "/checkpoint?x=1",
        "/proofs/inclusion?index=0",
        "/1.0/identifiers/did:vcred:x?versionTime=yesterday",
        "/1.0/identifiers/did:vcred:x?what=1",
    ],
)
def test_a_query_that_is_not_understood(client: TestClient, path: str) -> None:
    assert client.get("/entries?start=0&end=1").status_code == 200
    assert refusal(client.get(path), 400) == Reason.MALFORMED


@pytest.mark.parametrize("path", ["/", "/nowhere", "/operations/1", "/entries/", "/.git/config", "/docs"])
def test_what_is_not_there(client: TestClient, path: str) -> None:
    """SRV-11."""
    assert refusal(client.get(path), 404) is None


def test_another_method(client: TestClient) -> None:
    assert refusal(client.get("/operations"), 405) is None
    assert refusal(client.post("/checkpoint"), 405) is None


def test_a_did_is_resolved_on_the_published_tree(network: Network, client: TestClient) -> None:
    with network.party("gd") as party:
        did = party.did
    early = client.get(f"/1.0/identifiers/{did}")
    assert early.status_code == 404
    assert early.json()["didResolutionMetadata"]["error"]["type"].endswith("NOT_FOUND")
    network.publish()
    found = client.get(f"/1.0/identifiers/{did}")
    assert (found.status_code, found.headers["content-type"]) == (200, "application/did-resolution")
    assert found.json()["didDocument"]["id"] == did
    document = client.get(f"/1.0/identifiers/{did}", headers={"Accept": "application/did"})
    assert document.json() == found.json()["didDocument"]
    moment = network.clock.now.isoformat().replace("+00:00", "Z")
    assert client.get(f"/1.0/identifiers/{did}", params={"versionTime": moment}).status_code == 200
    for other, status in (("did:vcred:zzz", 400), ("what", 400), ("did:web:a.example", 501)):
        assert client.get(f"/1.0/identifiers/{other}").status_code == status
    both = {"versionTime": moment, "versionId": "z"}
    assert client.get(f"/1.0/identifiers/{did}", params=both).status_code == 400


def test_a_store_that_refuses_is_not_now(
    network: Network, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vcred.errors import StoreError
    from vcred.ledger.ledger import Ledger

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("the ledger's store at /srv/secret refuses: disk I/O error")

    assert client.get("/entries?start=0&end=1").status_code == 200
    monkeypatch.setattr(Ledger, "leaves", refuse)
    answer = client.get("/entries?start=0&end=1")
    assert refusal(answer, 503) == "store"
    assert "secret" not in answer.text
    assert int(answer.headers["retry-after"]) > 0


def test_a_fault_of_ours_says_nothing_of_itself(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """SRV-11."""
    from vcred.ledger.ledger import Ledger

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Ledger, "leaves", fail)
    answer = client.get("/entries?start=0&end=1")
    assert refusal(answer, 500) is None
    assert "secret" not in answer.text


def test_the_description_lists_the_routes(network: Network, client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert described == json.loads(json.dumps(LEDGER_API))
    app = make_ledger_app(network.ledger)
    routes = {
        (route.path.replace(":path", ""), method.lower())
        for route in app.routes
        for method in route.methods - {"HEAD"}
    }
    assert routes == {(path, method) for path, item in described["paths"].items() for method in item}
    assert "version" not in json.dumps(described["info"]).replace('"version": "1"', "")


def test_a_ledger_that_does_not_open_is_told_at_the_start(network: Network) -> None:
    from vcred.errors import StoreError
    from vcred.ledger.ledger import Ledger

    app = make_ledger_app(lambda: Ledger.open(network.folder / "nowhere"))
    with pytest.raises(StoreError, match="is not a home"), client_of(app):
        pass

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The route of a witness: every status of the protocol, with its exact body (LED-19)."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.ledger.homes import ORIGIN, Network
from tests.unit.server.client import AppSite, TestClient, witness_client
from tests.unit.server.test_ledger_app import refusal
from vcred.errors import FetchError, StoreError
from vcred.home import Role, open_home
from vcred.keys.home_keys import open_home_keyring
from vcred.keys.keyring import KeyRole
from vcred.keys.signer import Signer
from vcred.server.openapi import WITNESS_API
from vcred.tlog.add_checkpoint import MAX_ADD_CHECKPOINT_BYTES, AddCheckpoint, encode_add_checkpoint
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.cosignature import verify_cosignature
from vcred.tlog.note import Note, encode_note, parse_note, parse_signature_lines
from vcred.tlog.witness import RefusalKind, WitnessRefusedError
from vcred.witness.engines.remote import HttpWitness
from vcred.witness.witness import LocalWitness

PATH = "/add-checkpoint"


def log_signer(network: Network) -> Signer:
    home = open_home(network.folder / "ledger", Role.LEDGER)
    with open_home_keyring(home) as keyring:
        return next(iter(keyring.signers(KeyRole.LOG).values()))


def head(network: Network, **changes: Any) -> Checkpoint:
    """The head of the ledger as it is, or another one."""
    with network.ledger() as ledger:
        size = changes.get("size", ledger.state.size)
        known = Checkpoint(origin=ORIGIN, size=size, root=ledger.root(min(size, ledger.state.size)))
    return replace(known, **changes)


def note_of(network: Network, checkpoint: Checkpoint, *, by: Signer | None = None) -> bytes:
    signature = sign_checkpoint(checkpoint, checkpoint.origin, by or log_signer(network))
    return encode_note(Note(text=encode_checkpoint_text(checkpoint), signatures=(signature,)))


def body(
    network: Network, *, old: int, checkpoint: Checkpoint | None = None, by: Signer | None = None
) -> bytes:
    """A request from the size `old`, with a good proof where there can be one."""
    offered = checkpoint or head(network)
    with network.ledger() as ledger:
        proof = (
            ledger.prove_consistency(old, offered.size) if old <= offered.size <= ledger.state.size else ()
        )
    return encode_add_checkpoint(
        AddCheckpoint(old_size=old, proof=tuple(proof), note=note_of(network, offered, by=by))
    )


def cosigned(network: Network, witness: TestClient, *, old: int) -> None:
    assert witness.post(PATH, content=body(network, old=old)).status_code == 200


def test_200_signature_lines(network: Network, witness: TestClient) -> None:
    network.grow(3)
    request = body(network, old=0)
    answer = witness.post(PATH, content=request)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    (line,) = parse_signature_lines(answer.content.decode())
    note = parse_note(note_of(network, head(network)))
    with network.ledger() as ledger:
        known = {item.name: item.key for item in ledger.state.require_network().witnesses}
    signed = Note(text=note.text, signatures=(*note.signatures, line))
    assert verify_cosignature(signed, line.name, known[line.name]) == int(network.clock.now.timestamp())
    # The same again is cosigned again: its time is newer.
    network.clock.later(seconds=5)
    assert witness.post(PATH, content=body(network, old=4)).status_code == 200


def test_the_size_is_durable_before_the_answer(network: Network, client: TestClient) -> None:
    with witness_client(network, "gd", client) as witness:
        cosigned(network, witness, old=0)
    network.grow(1)
    with witness_client(network, "gd", client) as witness:
        answer = witness.post(PATH, content=body(network, old=0))
        assert (answer.status_code, answer.content) == (409, b"1\n")
        cosigned(network, witness, old=1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n",
        b"old -1\n\n",
        b"new 0\n\nnote",
        b"old 0\nnot base64\n\nnote",
        b"old 0\n\nno note at all",
        b"old 0\n" + b"AAAA\n" * 64 + b"\nnote",
        b"\xff\n\n",
    ],
)
def test_400_malformed(network: Network, witness: TestClient, content: bytes) -> None:
    assert refusal(witness.post(PATH, content=content), 400) == "malformed"
    cosigned(network, witness, old=0)


def test_400_an_old_size_above_the_size(network: Network, witness: TestClient) -> None:
    cosigned(network, witness, old=0)
    assert refusal(witness.post(PATH, content=body(network, old=2)), 400) == "malformed"


def test_403_unsigned(network: Network, witness: TestClient) -> None:
    with network.party("gd") as party:
        stranger = party._keyring.signer("statement")
    assert refusal(witness.post(PATH, content=body(network, old=0, by=stranger)), 403) == "unsigned"
    cosigned(network, witness, old=0)


def test_404_another_log(network: Network, witness: TestClient) -> None:
    other = head(network, origin="ledger.example/other")
    cosigned(network, witness, old=0)
    answer = witness.post(PATH, content=body(network, old=1, checkpoint=other))
    assert refusal(answer, 404) == "origin_unknown"


def test_409_the_size_it_has(network: Network, witness: TestClient) -> None:
    network.grow(2)
    cosigned(network, witness, old=0)
    network.grow(2)
    answer = witness.post(PATH, content=body(network, old=0))
    assert (answer.status_code, answer.content) == (409, b"3\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"
    cosigned(network, witness, old=3)


def test_409_a_fork(network: Network, witness: TestClient) -> None:
    """Same size, another root: it is told that very size again."""
    network.grow(2)
    cosigned(network, witness, old=0)
    fork = head(network, root=bytes(32))
    answer = witness.post(PATH, content=body(network, old=3, checkpoint=fork))
    assert (answer.status_code, answer.content) == (409, b"3\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


def test_422_a_proof_that_does_not_verify(network: Network, witness: TestClient) -> None:
    network.grow(2)
    cosigned(network, witness, old=0)
    network.grow(2)
    good = body(network, old=3)
    note = note_of(network, head(network))
    bad = encode_add_checkpoint(AddCheckpoint(old_size=3, proof=(bytes(32),), note=note))
    assert refusal(witness.post(PATH, content=bad), 422) == "proof_invalid"
    assert witness.post(PATH, content=good).status_code == 200


def test_503_the_entries_cannot_be_read(network: Network, client: TestClient, witness: TestClient) -> None:
    beyond = head(network, size=5, root=bytes(32))
    answer = witness.post(PATH, content=body(network, old=0, checkpoint=beyond))
    assert refusal(answer, 503) == "entries_missing"
    assert int(answer.headers["retry-after"]) > 0
    cosigned(network, witness, old=0)


def test_503_its_record_cannot_be_kept(
    network: Network, witness: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreError("the disk at /srv/secret is full")

    cosigned(network, witness, old=0)
    monkeypatch.setattr(LocalWitness, "add_checkpoint", refuse)
    answer = witness.post(PATH, content=body(network, old=1))
    assert refusal(answer, 503) == "store"
    assert "secret" not in answer.text


def test_413_and_415(network: Network, witness: TestClient) -> None:
    large = b"old 0\n\n" + b"x" * MAX_ADD_CHECKPOINT_BYTES
    assert refusal(witness.post(PATH, content=large), 413) == "limit_exceeded"
    compressed = witness.post(PATH, content=body(network, old=0), headers={"Content-Encoding": "gzip"})
    assert refusal(compressed, 415) == "media_type_wrong"
    cosigned(network, witness, old=0)


def test_other_paths_and_methods(witness: TestClient) -> None:
    assert refusal(witness.get(PATH), 405) is None
    assert refusal(witness.get("/"), 404) is None
    described = witness.get("/openapi.json").json()
    assert described == json.loads(json.dumps(WITNESS_API))


class TestTheClient:
    """`HttpWitness` reads the same answers."""

    def test_it_asks_and_hears(self, network: Network, witness: TestClient) -> None:
        network.grow(2)
        asked = HttpWitness(AppSite(witness))
        assert (asked.name, asked.known_size()) == ("https://server.example", 0)
        (line,) = asked.cosign(note_of(network, head(network)), old_size=0, proof=())
        assert line.name

    def test_it_is_told_the_size_and_asks_from_there(self, network: Network, witness: TestClient) -> None:
        network.grow(2)
        cosigned(network, witness, old=0)
        network.grow(1)
        asked = HttpWitness(AppSite(witness))
        note = note_of(network, head(network))
        with pytest.raises(WitnessRefusedError) as caught:
            asked.cosign(note, old_size=0, proof=())
        assert (caught.value.kind, caught.value.recorded_size) == (RefusalKind.SIZE_CONFLICT, 3)
        assert asked.known_size() == 3
        with network.ledger() as ledger:
            proof = ledger.prove_consistency(3, 4)
        assert len(asked.cosign(note, old_size=3, proof=proof)) == 1

    @pytest.mark.parametrize("size", [2, 2**53 - 1])
    def test_a_size_beyond_the_logs_is_not_remembered(self, network: Network, size: int) -> None:
        """A lie of one moment, or a fault: else that witness would never be asked again."""
        note = note_of(network, head(network))
        asked = HttpWitness(Canned(409, f"{size}\n".encode()))
        with pytest.raises(WitnessRefusedError) as caught:
            asked.cosign(note, old_size=0, proof=())
        assert (caught.value.kind, caught.value.recorded_size) == (RefusalKind.SIZE_CONFLICT, size)
        assert asked.known_size() == 0

    def test_a_fork_is_told_from_a_size(self, network: Network, witness: TestClient) -> None:
        network.grow(2)
        cosigned(network, witness, old=0)
        asked = HttpWitness(AppSite(witness))
        with pytest.raises(WitnessRefusedError) as caught:
            asked.cosign(note_of(network, head(network, root=bytes(32))), old_size=3, proof=())
        assert caught.value.kind is RefusalKind.FORK

    @pytest.mark.parametrize(
        ("status", "content", "kind"),
        [
            (400, b"", RefusalKind.MALFORMED),
            (403, b"no", RefusalKind.UNSIGNED),
            (403, b'{"reason":"retired"}', RefusalKind.RETIRED),
            (403, b'{"reason":"fork"}', RefusalKind.UNSIGNED),
            (404, b'{"reason":"nonsense"}', RefusalKind.ORIGIN_UNKNOWN),
            (422, b"[]", RefusalKind.PROOF_INVALID),
            (503, b'{"reason":"withheld"}', RefusalKind.WITHHELD),
        ],
    )
    def test_what_it_is_refused_with(self, status: int, content: bytes, kind: RefusalKind) -> None:
        with pytest.raises(WitnessRefusedError) as caught:
            HttpWitness(Canned(status, content)).cosign(b"note", old_size=1, proof=())
        assert caught.value.kind is kind

    @pytest.mark.parametrize(
        ("status", "content"),
        [
            (200, b""),
            (200, b"\xff\xff"),
            (200, "— name AAAA\n".encode()),
            (200, "— name AAAAAAA=\n\n".encode()),
            (200, "— n AAAAAAA=\n".encode() * 17),
            (409, b"3"),
            (409, b"03\n"),
            (409, b"-3\n"),
            (409, b"9007199254740992\n"),
            (409, b"\xd9\xa3\n"),
            (500, b""),
            (503, b"busy"),
            (204, b""),
        ],
    )
    def test_an_answer_that_is_none(self, status: int, content: bytes) -> None:
        good = Canned(200, "— name AAAAAAA=\n".encode())
        assert len(HttpWitness(good).cosign(b"note", old_size=1, proof=())) == 1
        with pytest.raises(FetchError):
            HttpWitness(Canned(status, content)).cosign(b"note", old_size=1, proof=())


class Canned(AppSite):
    """A server that always gives the same answer."""

    def __init__(self, status: int, content: bytes) -> None:
        self._status, self._content = status, content

    def __str__(self) -> str:
        return "https://canned.example"

    def post(self, path: str, body: bytes, *, media_type: str, max_bytes: int) -> Any:
        from vcred.fetch import Answer

        return Answer(status=self._status, media_type="", body=self._content)

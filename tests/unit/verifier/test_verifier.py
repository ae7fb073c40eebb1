# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door: a home, codes shown twice, two lanes at once, and questions about another time."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from tests.world import START, World, make_world
from vcred.codec.jcs import encode_jcs
from vcred.credential.request import PresentationRequest
from vcred.errors import StoreError, UsageError
from vcred.home import Role, Settings, create_home, open_home
from vcred.ledger.entries import Kind
from vcred.ledger.network_file import encode_network_file
from vcred.qr.engines.zxing import draw_png
from vcred.qr.frame import encode_text
from vcred.qr.packing import pack
from vcred.reasons import Reason
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import TrustStore
from vcred.verifier import Decision, HasClaims, VerificationError, Verifier
from vcred.verifier.engines.seen import SqliteSeen

LANES = 8


class Gate:
    """A gate of Macao with a home, and a clock that is the world's."""

    def __init__(self, world: World, path: Path) -> None:
        self.world = world
        self.path = path
        network_file = encode_network_file(world.network_file())
        Verifier.create(path, jurisdiction="MO", network_file=network_file)

    def clock(self) -> datetime:
        return self.world.now

    def learn(self) -> None:
        """Import what the world says now."""
        with self.trust() as store:
            store.import_bundle(encode_bundle(self.world.bundle()))

    def trust(self) -> TrustStore:
        return TrustStore.open(open_home(self.path, Role.VERIFIER), clock=self.clock)

    @contextmanager
    def opened(self, **more: object) -> Iterator[Verifier]:
        with Verifier.open(self.path, clock=self.clock, **more) as gate:  # type: ignore[arg-type]
            yield gate

    def seen(self) -> list[tuple[bytes, int]]:
        """The codes that the home remembers."""
        with sqlite3.connect(self.path / "seen.sqlite") as db:
            return db.execute("SELECT key, until FROM seen").fetchall()

    def time_floor(self) -> int:
        with sqlite3.connect(self.path / "trust.sqlite") as db:
            return int(db.execute("SELECT value FROM time_floor").fetchone()[0])


def request(world: World) -> PresentationRequest:
    """What this gate asks."""
    return PresentationRequest(
        audience=world.mo_issuer.did,
        nonce="dGVzdCByZXF1ZXN0IG5vbmNl",
        type="health-code",
        claims=("match",),
        purpose="crossing",
        issued_at=int(START.timestamp()),
        expires_at=int(START.timestamp()) + 300,
    )


def answer_to(asked: PresentationRequest, world: World) -> str:
    return world.present(world.issue(), "match", audience=asked.audience, nonce=asked.nonce)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    gate = Gate(make_world(), tmp_path / "gate-mo")
    gate.learn()
    return gate


def test_accepted_with_its_claims(gate: Gate) -> None:
    with gate.opened() as door:
        shown = door.verify(gate.world.show())
    assert shown.claims["colour"] == "green"


@pytest.mark.parametrize("form", ["text", "bytes", "code", "lines around", "picture"])
def test_every_form(gate: Gate, form: str) -> None:
    text = gate.world.show()
    code = encode_text(pack(text, gate.world.belief()))
    forms = {
        "text": text,
        "bytes": text.encode(),
        "code": code,
        "lines around": f"\n {code}\r\n",
        "picture": draw_png(code),
    }
    with gate.opened() as door:
        assert door.evaluate(forms[form]).decision is Decision.ACCEPTED
        # In whatever form it comes again: it is the same code.
        assert door.evaluate(code).reasons == (Reason.REPLAYED,)


def test_what_is_no_presentation(gate: Gate) -> None:
    with gate.opened() as door:
        for data in (b"", b"\xff\xfe", "é".encode(), b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"x" * 100_000):
            report = door.evaluate(data)
            assert report.decision is Decision.REJECTED
            with pytest.raises(VerificationError):
                door.verify(data)
    assert gate.seen() == []


def test_shown_twice(gate: Gate) -> None:
    """QR-07, also after the program was started anew; shown again it is made anew."""
    code = gate.world.show()
    with gate.opened() as door:
        assert door.evaluate(code).decision is Decision.ACCEPTED
        again = door.evaluate(code)
        assert (again.decision, again.reasons) == (Decision.REJECTED, (Reason.REPLAYED,))
        with pytest.raises(VerificationError):
            door.verify(code)
    with gate.opened() as door:
        assert door.evaluate(code).reasons == (Reason.REPLAYED,)
        assert door.evaluate(gate.world.show()).decision is Decision.ACCEPTED


def test_the_other_signature_is_the_same_code(gate: Gate) -> None:
    """ECDSA signatures have a twin that verifies too: what was signed is remembered."""
    code = gate.world.show()
    signed, _, signature = code.rpartition(".")
    from vcred.codec.base64url import decode_base64url, encode_base64url

    raw = decode_base64url(signature)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    twin = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    with gate.opened() as door:
        assert door.evaluate(code).decision is Decision.ACCEPTED
        assert door.evaluate(f"{signed}.{encode_base64url(twin)}").reasons == (Reason.REPLAYED,)


def test_remembered_to_the_end_of_its_window_and_no_longer(gate: Gate) -> None:
    credential = gate.world.issue()
    code = gate.world.present(credential, "match")
    with gate.opened() as door:
        assert door.evaluate(code).decision is Decision.ACCEPTED
        gate.world.later(seconds=60)
        assert door.evaluate(code).reasons == (Reason.REPLAYED,)
        assert len(gate.seen()) == 1
        gate.world.later(seconds=300)
        other = gate.world.present(credential, "match")
        assert door.evaluate(other).decision is Decision.ACCEPTED
        # The first is forgotten, and its window is over.
        assert len(gate.seen()) == 1
        assert door.evaluate(code).reasons == (Reason.REPLAYED,)


def test_a_clock_that_runs_ahead_and_back_brings_no_code_back(gate: Gate) -> None:
    """What was forgotten in the meantime is refused, for nobody knows any more what it was."""
    credential = gate.world.issue()
    code, never_shown = (gate.world.present(credential, *paths) for paths in (["match"], ["match", "test"]))
    with gate.opened() as door:
        door.verify(code)
        gate.world.later(hours=3)
        door.verify(gate.world.present(credential, "match"))
        assert len(gate.seen()) == 1
        gate.world.later(hours=-3)
        assert door.evaluate(code).reasons == (Reason.REPLAYED,)
        assert door.evaluate(never_shown).reasons == (Reason.REPLAYED,)
        gate.world.later(seconds=91)
        door.verify(gate.world.present(credential, "match"))


def test_until_when_a_code_is_remembered(gate: Gate) -> None:
    """30 s past its window: 60 s for a live code, 300 s for an answer."""
    issued_at = int(START.timestamp())
    with gate.opened() as door:
        door.verify(gate.world.show())
        assert [until for _, until in gate.seen()] == [issued_at + 90]
        asked = request(gate.world)
        door.verify(answer_to(asked, gate.world), request=asked)
        assert sorted(until for _, until in gate.seen()) == [issued_at + 90, asked.expires_at + 330]


def test_only_what_was_accepted_is_remembered(gate: Gate) -> None:
    code = gate.world.show("match")
    asking = gate.world.policy(rule=HasClaims(("match", "test")))
    with gate.opened(policy=asking) as door:
        assert door.evaluate(code).reasons == (Reason.POLICY_UNMET,)
        assert gate.seen() == []
    with gate.opened() as door:
        assert door.evaluate(code).decision is Decision.ACCEPTED


def test_nothing_personal_is_remembered(gate: Gate) -> None:
    with gate.opened() as door:
        door.verify(gate.world.show())
    stored = b"".join(file.read_bytes() for file in gate.path.iterdir() if file.name.startswith("seen"))
    for canary in ("陳大文".encode(), b"2681", gate.world.issuer.did.encode(), b"NAAT"):
        assert canary not in stored


def test_an_answer_is_taken_once(gate: Gate) -> None:
    """QR-09."""
    world = gate.world
    asked = request(world)
    answer = answer_to(asked, world)
    with gate.opened() as door:
        assert door.evaluate(answer).reasons == (Reason.NONCE_WRONG,)
        assert door.evaluate(answer, request=asked).decision is Decision.ACCEPTED
        world.later(seconds=200)
        assert door.evaluate(answer, request=asked).reasons == (Reason.REPLAYED,)


def test_a_request_has_one_answer(gate: Gate) -> None:
    """INV-10. Another answer to it, made anew, is one too many."""
    asked = request(gate.world)
    with gate.opened() as door:
        assert door.evaluate(answer_to(asked, gate.world), request=asked).decision is Decision.ACCEPTED
        gate.world.later(seconds=1)
        assert door.evaluate(answer_to(asked, gate.world), request=asked).reasons == (Reason.REPLAYED,)


def test_an_open_door_learns_what_is_imported_beside_it(gate: Gate) -> None:
    """INV-7. A gate stays open for days; what was taken back must reach it."""
    credential = gate.world.issue()
    with gate.opened() as door:
        door.verify(gate.world.present(credential, "match"))
        gate.world.later(minutes=1).revoke(7)
        gate.learn()
        assert door.evaluate(gate.world.present(credential, "match")).reasons == (Reason.REVOKED,)


def test_an_open_door_obeys_what_is_pending_and_a_floor_entered_beside_it(gate: Gate) -> None:
    world = gate.world
    with gate.opened() as door:
        assert door.evaluate(world.show()).decision is Decision.ACCEPTED
        with gate.trust() as store:
            store.enter_floor(replace(store.gossip(), size=world.state.size + 1))
        below = door.evaluate(world.show())
        assert (below.decision, below.reasons) == (Decision.INDETERMINATE, (Reason.ROLLBACK,))
        distrust = world.statement(world.gd, Kind.KEY_DISTRUST, key=world.issuer.key_id())
        with gate.trust() as store:
            store.import_bundle(encode_bundle(world.bundle(pending=(encode_jcs(distrust),))))
        final = door.evaluate(world.show())
        assert (final.decision, final.reasons) == (
            Decision.REJECTED,
            (Reason.KEY_DISTRUSTED, Reason.ROLLBACK),
        )


def test_an_audit_learns_what_is_imported_beside_it(gate: Gate) -> None:
    credential = gate.world.issue()
    with gate.opened() as door:
        code = gate.world.present(credential, "match")
        assert door.evaluate(code, at=START).decision is Decision.ACCEPTED
        gate.world.later(minutes=1).revoke(7)
        gate.learn()
        code = gate.world.present(credential, "match")
        assert door.evaluate(code, at=gate.world.now).reasons == (Reason.REVOKED,)


def test_of_two_calls_at_once_exactly_one_is_accepted(gate: Gate) -> None:
    """INV-10: lanes with a process each, on one home."""
    code = gate.world.show()
    barrier = Barrier(LANES)

    def lane(_: int) -> Decision:
        with gate.opened() as door:
            barrier.wait(timeout=30)
            return door.evaluate(code).decision

    for _ in range(3):
        code = gate.world.show()
        with ThreadPoolExecutor(LANES) as pool:
            outcomes = list(pool.map(lane, range(LANES)))
        assert outcomes.count(Decision.ACCEPTED) == 1
        assert outcomes.count(Decision.REJECTED) == LANES - 1


def test_one_door_serves_many_threads(gate: Gate) -> None:
    """Each code is new once, however the threads take turns at the one connection."""
    codes = [gate.world.show("match") for _ in range(40)]
    with gate.opened() as door, ThreadPoolExecutor(LANES) as pool:
        outcomes = list(pool.map(lambda code: door.evaluate(code).decision, codes * 3))
    assert outcomes.count(Decision.ACCEPTED) == len(codes)


def test_the_memory_of_codes_is_one_test_and_set(tmp_path: Path) -> None:
    seen = SqliteSeen(tmp_path / "seen.sqlite")
    keys = [n.to_bytes(32, "big") for n in range(400)]
    assert seen.remember(keys[0], until=100, now=10)
    with ThreadPoolExecutor(LANES) as pool:
        # A code seen before, again and again, while others are new at the same moment.
        old = [pool.submit(seen.remember, keys[0], until=100, now=10) for _ in keys]
        new = [pool.submit(seen.remember, key, until=100, now=10) for key in keys[1:] * 2]
        assert not any(future.result() for future in old)
        assert sum(future.result() for future in new) == len(keys) - 1
    seen.close()


def test_a_code_that_cannot_be_remembered_is_not_accepted(gate: Gate) -> None:
    with gate.opened() as door:
        door.verify(gate.world.show())
        door._seen.close()
        with pytest.raises(StoreError, match="remembered"):
            door.evaluate(gate.world.show())


# Questions about another time.


def test_an_audit_neither_asks_nor_changes_what_was_seen(gate: Gate) -> None:
    code = gate.world.show()
    floor = gate.time_floor()
    with gate.opened() as door:
        for _ in range(2):
            report = door.evaluate(code, at=START)
            assert (report.decision, report.audit) == (Decision.ACCEPTED, True)
        assert gate.seen() == []
        now = door.evaluate(code)
        assert (now.decision, now.audit) == (Decision.ACCEPTED, False)
        remembered = gate.seen()
        assert door.evaluate(code, at=START).decision is Decision.ACCEPTED
        assert gate.seen() == remembered
    assert gate.time_floor() == floor


def test_an_audit_judges_on_what_was_known_then(gate: Gate) -> None:
    """Revoked since: then it was good, and now it is not."""
    world = gate.world
    code = world.show()
    size_then = len(world.leaves)
    world.later(hours=1).revoke(7)
    world.accredit(world.gd, world.issuer, world.vct)
    gate.learn()
    with gate.opened() as door:
        then = door.evaluate(code, at=START)
        assert then.decision is Decision.ACCEPTED
        assert (then.evidence.size, then.evidence.trust_as_of) == (size_then, int(START.timestamp()))
        assert then.evidence.status_as_of == int(START.timestamp())
        shown_now = world.present(world.issue(), "match")
        assert door.evaluate(shown_now).reasons == (Reason.REVOKED,)
        assert door.evaluate(shown_now).evidence.size == size_then + 1


def test_an_audit_does_not_consult_the_time_floor(gate: Gate) -> None:
    world = gate.world
    credential = world.issue()
    code = world.present(credential, "match", issued_at=int(START.timestamp()) + 3_600)
    world.later(days=2)
    gate.learn()
    an_hour_in = START + timedelta(hours=1)
    with gate.opened() as door:
        assert door.evaluate(code, at=an_hour_in).decision is Decision.ACCEPTED
        world.now = an_hour_in
        assert door.evaluate(code).reasons == (Reason.CLOCK_UNRELIABLE,)


def test_an_audit_of_a_time_of_which_nothing_is_known(gate: Gate) -> None:
    with gate.opened() as door:
        assert door.evaluate(gate.world.show(), at=START).decision is Decision.ACCEPTED
        with pytest.raises(StoreError, match="at that time"):
            door.evaluate(gate.world.show(), at=START - timedelta(seconds=1))


def test_a_time_without_a_zone_is_the_callers_mistake(gate: Gate) -> None:
    with gate.opened() as door, pytest.raises(ValueError, match="timezone"):
        door.evaluate(gate.world.show(), at=START.replace(tzinfo=None))


def test_the_belief_is_the_one_that_was_judged_on(gate: Gate) -> None:
    with gate.opened() as door:
        assert door.belief() is door.belief()
        assert not door.belief().audit
        audited = door.belief(at=START)
        assert audited is door.belief(at=START)
        assert audited.audit
        report = door.evaluate(gate.world.show(), at=START)
        assert report.evidence.root == audited.root
        with pytest.raises(StoreError, match="at that time"):
            door.belief(at=START - timedelta(days=1))
        with pytest.raises(ValueError, match="timezone"):
            door.belief(at=START.replace(tzinfo=None))


# The home.


def test_before_the_first_bundle(tmp_path: Path) -> None:
    gate = Gate(make_world(), tmp_path / "gate")
    with gate.opened() as door, pytest.raises(StoreError, match="no trust bundle"):
        door.evaluate(gate.world.show())
    gate.learn()
    with gate.opened() as door:
        assert door.evaluate(gate.world.show()).decision is Decision.ACCEPTED


def test_a_home_of_another_role(tmp_path: Path) -> None:
    create_home(tmp_path / "issuer", Role.ISSUER, Settings())
    with pytest.raises(UsageError, match="issuer"):
        Verifier.open(tmp_path / "issuer")


def test_a_home_without_a_policy_or_with_one_that_cannot_be_used(gate: Gate) -> None:
    policy = gate.path / "policy.toml"
    written = policy.read_bytes()
    for damaged in (b"", b"\xff", written.replace(b'"match"', b""), written.replace(b"[[accept]]", b"[x]")):
        policy.write_bytes(damaged)
        with pytest.raises(UsageError):
            Verifier.open(gate.path)
    policy.unlink()
    with pytest.raises(StoreError):
        Verifier.open(gate.path)
    policy.write_bytes(written)
    with gate.opened() as door:
        assert door.evaluate(gate.world.show()).decision is Decision.ACCEPTED


def test_the_bundle_of_another_network_changes_nothing(gate: Gate) -> None:
    """BND-05."""
    from tests.seeded_keys import SeededKeys
    from vcred.errors import TrustBundleError

    other = make_world(SeededKeys("another network"))
    with TrustStore.open(open_home(gate.path, Role.VERIFIER), clock=gate.clock) as store:
        with pytest.raises(TrustBundleError) as caught:
            store.import_bundle(encode_bundle(other.bundle()))
        assert caught.value.reason is Reason.ISSUER_UNKNOWN
    with gate.opened() as door:
        assert door.evaluate(other.show()).reasons == (Reason.ISSUER_UNKNOWN,)
        assert door.evaluate(gate.world.show()).decision is Decision.ACCEPTED

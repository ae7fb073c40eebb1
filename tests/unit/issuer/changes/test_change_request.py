# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Requests as bytes."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture.source import PROJECT
from tests.unit.issuer.changes.rig import CAROL, ISSUER, NOW
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, LimitExceededError
from vcred.issuer.audit.log import AuditKind
from vcred.issuer.change_request import (
    AddApprover,
    AllowIssuing,
    ChangeRequest,
    ChangeStatus,
    GoOn,
    Limit,
    RemoveApprover,
    SetHours,
    SetLimit,
    Wish,
    decode_request,
)
from vcred.issuer.credential_set import (
    credentials_digest,
    is_credential_id,
    pack_credentials,
    unpack_credentials,
)
from vcred.issuer.journal import StatusValue
from vcred.issuer.signing_hours import make_hours

REVOKE = ChangeStatus(value=StatusValue.REVOKED, count=10_000, digest=bytes(range(32)))
WISHES: list[Wish] = [
    REVOKE,
    AllowIssuing(number=5, until=NOW + 60),
    AddApprover(did=CAROL.did, name="陳大文"),
    RemoveApprover(did=CAROL.did),
    SetLimit(limit=Limit.ISSUING, number=0),
    GoOn(newest=NOW, missing=2),
    SetHours(hours=make_hours("22:00-06:00", "Asia/Macau")),
    SetHours(hours=None),
]


def request(wish: Wish = WISHES[0]) -> ChangeRequest:
    return ChangeRequest(request_id="0f" * 16, issuer=ISSUER, wish=wish, why="recall", made_at=NOW)


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: type(wish).__name__)
def test_a_request_is_read_as_it_was_written(wish: Wish) -> None:
    made = request(wish)
    assert decode_request(made.encode()) == made
    assert json.loads(made.encode()) == made.to_json()


def altered(wish: Wish, **members: object) -> bytes:
    value: JsonObject = {**request(wish).to_json(), **members}  # type: ignore[dict-item]
    return encode_jcs({name: member for name, member in value.items() if member is not None})


STATUS, ISSUE, ADD, _, LIMIT, GO_ON, HOURS, _ = WISHES


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (altered(STATUS, kind="everything"), "a kind that is not known"),
        (altered(STATUS, value="gone"), "must be a status"),
        (altered(STATUS, digest="00"), "must be a SHA-256 digest"),
        (altered(STATUS, digest="AA" * 32), "must be a SHA-256 digest"),
        (altered(STATUS, count=-1), "must be from 0"),
        (altered(STATUS, count="7"), "must be an integer"),
        (altered(STATUS, until=NOW), "an unknown member"),
        (altered(STATUS, id="0F" * 16), "32 hexadecimal characters"),
        (altered(STATUS, issuer="Guangdong"), "must be a DID"),
        (altered(STATUS, why="x" * 501), "0 to 500 characters"),
        (altered(STATUS, why=None), "missing"),
        (altered(STATUS, why="one\ntwo"), "cannot be shown"),
        (altered(ADD, name="\u202eloraC"), "cannot be shown"),
        (altered(STATUS, made_at=10**15), "must be from 0"),
        (altered(ISSUE, until=10**15), "must be from 0"),
        (altered(ADD, name=""), "1 to 100 characters"),
        (altered(ADD, did="did:key:z6"), "vcred init approver"),
        (altered(ADD, did="did:web:example.org"), "vcred init approver"),
        (altered(LIMIT, limit="sky"), "changes, issuing"),
        (altered(GO_ON, newest=10**15), "must be from 0"),
        (altered(GO_ON, newest=None), "missing"),
        (altered(HOURS, hours="always"), "hours are written"),
        (altered(HOURS, hours="06:00-22:00 ../etc"), "a timezone is written"),
        (altered(HOURS, hours=None), "missing"),
        (altered(HOURS, timezone="UTC"), "unknown member"),
    ],
)
def test_what_is_no_request_is_refused(data: bytes, why: str) -> None:
    assert decode_request(altered(STATUS)) == request()
    with pytest.raises(DecodeError, match=why):
        decode_request(data)


def test_a_request_has_a_limit() -> None:
    with pytest.raises(LimitExceededError):
        decode_request(request().encode() + b" " * 9000)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_request(data)


@given(st.sets(st.binary(min_size=16, max_size=16).map(bytes.hex), max_size=20), st.randoms())
def test_the_digest_knows_a_set_whatever_its_order(ids: set[str], random: Random) -> None:
    shuffled = [*ids, *ids]
    random.shuffle(shuffled)
    packed = pack_credentials(shuffled)
    assert unpack_credentials(packed) == sorted(ids)
    assert credentials_digest(packed) == credentials_digest(pack_credentials(sorted(ids)))


def test_a_credential_id_has_one_spelling() -> None:
    assert is_credential_id("0f" * 16)
    assert not any(map(is_credential_id, ("0F" * 16, "0f" * 15, "HC0000001", "０" * 32)))


def test_the_specification_names_every_kind() -> None:
    text = (PROJECT / "docs" / "spec" / "changes.md").read_text(encoding="utf-8")
    kinds = [str(wish.to_json()["kind"]) for wish in WISHES]
    assert [name for name in (*kinds, *AuditKind) if f"`{name}`" not in text] == []

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The second person's signature: what it stands for, and every way that it does not."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.changes.rig import CAROL, DAVID, DAY, MALLORY, NOW, Person
from tests.unit.issuer.changes.test_change_request import REVOKE, WISHES, request
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, KeyMaterialError, LimitExceededError, RefusedError
from vcred.issuer.approval import MEDIA_TYPE, require_approval, sign_approval, verify_approval
from vcred.issuer.change_request import AddApprover, ChangeRequest, RemoveApprover
from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason
from vcred.securing.data_integrity.jcs_suites import did_key_url
from vcred.securing.jws import sign_jws


def judge(
    text: str,
    waiting: ChangeRequest,
    *,
    in_office: Collection[str] = (CAROL.did, DAVID.did),
    own_keys: Collection[PublicKey] = (),
    at: int = NOW,
) -> None:
    require_approval(verify_approval(text), waiting, in_office=in_office, own_keys=own_keys, at=at)


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: type(wish).__name__)
def test_an_approval_is_good_for_its_request(wish: object) -> None:
    asked = request(wish)  # type: ignore[arg-type]
    approval = verify_approval(DAVID.approve(asked))
    assert (approval.approver, approval.request, approval.issued_at) == (DAVID.did, asked, NOW)
    judge(DAVID.approve(asked), asked)
    judge(DAVID.approve(asked), asked, at=NOW + DAY - 1)


def test_an_approver_may_have_an_ed25519_key() -> None:
    erin = Person(SoftwareSigner.generate(EDDSA))
    judge(erin.approve(request()), request(), in_office=[erin.did])


def refused(reason: Reason, text: str, waiting: ChangeRequest, **changes: object) -> None:
    """The good case is taken, the one beside it refused for this reason."""
    judge(CAROL.approve(request()), request())
    with pytest.raises(RefusedError) as caught:
        judge(text, waiting, **changes)  # type: ignore[arg-type]
    assert caught.value.reason is reason


def test_who_is_not_in_office_approves_nothing() -> None:
    refused(Reason.NOT_AUTHORISED, MALLORY.approve(request()), request())
    refused(Reason.NOT_AUTHORISED, CAROL.approve(request()), request(), in_office=[DAVID.did])
    refused(Reason.NOT_AUTHORISED, CAROL.approve(request()), request(), in_office=[])


def test_the_key_of_the_issuers_own_home_is_no_second_person() -> None:
    own = [CAROL.signer.public_key]
    refused(Reason.KEY_NOT_AUTHORISED, CAROL.approve(request()), request(), own_keys=own)


@pytest.mark.parametrize(
    "edited",
    [
        replace(request(), request_id="1f" * 16),
        replace(request(), why="another reason"),
        replace(request(), made_at=NOW - 1),
        replace(request(), wish=replace(REVOKE, count=10_001)),
        replace(request(), wish=replace(REVOKE, digest=bytes(32))),
        replace(request(), wish=WISHES[1]),
    ],
)
def test_a_request_that_was_edited_is_another_one(edited: ChangeRequest) -> None:
    refused(Reason.REQUEST_INVALID, CAROL.approve(edited), request())
    refused(Reason.REQUEST_INVALID, CAROL.approve(request()), edited)


def test_the_request_of_another_issuer_is_approved_there() -> None:
    other = replace(request(), issuer=MALLORY.did)
    refused(Reason.AUDIENCE_WRONG, CAROL.approve(other), request())


def test_an_approval_ends_after_24_hours_and_does_not_begin_ahead() -> None:
    refused(Reason.EXPIRED, CAROL.approve(request()), request(), at=NOW + DAY)
    judge(CAROL.approve(request(), at=NOW + 7 * DAY - 1), request(), at=NOW + 7 * DAY - 1)
    late = CAROL.approve(request(), at=NOW + 7 * DAY)
    refused(Reason.EXPIRED, late, request(), at=NOW + 7 * DAY)
    refused(Reason.NOT_YET_VALID, CAROL.approve(request(), at=NOW + 301), request())


@pytest.mark.parametrize("kind", [AddApprover, RemoveApprover])
def test_nobody_approves_what_is_about_themselves(kind: type) -> None:
    named = {"name": "Carol"} if kind is AddApprover else {}
    wish = kind(did=CAROL.did, **named)
    judge(DAVID.approve(request(wish)), request(wish))
    with pytest.raises(RefusedError) as caught:
        judge(CAROL.approve(request(wish)), request(wish))
    assert caught.value.reason is Reason.NOT_AUTHORISED


def signed(
    signer: SoftwareSigner = CAROL.signer,
    *,
    typ: str = MEDIA_TYPE,
    kid: str | None = None,
    members: JsonObject | None = None,
) -> str:
    payload: JsonObject = {
        "iss": CAROL.did,
        "iat": NOW,
        "exp": NOW + DAY,
        "request": request().to_json(),
        **(members or {}),
    }
    return sign_jws({"typ": typ, "kid": kid or did_key_url(CAROL.signer.public_key)}, payload, signer)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (signed(typ="kb+jwt"), Reason.MEDIA_TYPE_WRONG),
        (signed(kid=did_key_url(MALLORY.signer.public_key)), Reason.KEY_NOT_AUTHORISED),
        (signed(MALLORY.signer), Reason.SIGNATURE_INVALID),
        (signed(MALLORY.signer, members={"iss": DAVID.did}), Reason.KEY_NOT_AUTHORISED),
    ],
)
def test_a_signature_that_is_not_the_approvers_is_refused(text: str, reason: Reason) -> None:
    assert verify_approval(signed()).approver == CAROL.did
    with pytest.raises(RefusedError) as caught:
        verify_approval(text)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"exp": NOW + DAY + 1}, "more than 24 hours"),
        ({"exp": NOW}, "or for none"),
        ({"iat": "now"}, "must be an integer"),
        ({"iss": "did:web:example.org"}, "did:key"),
        ({"request": {}}, "missing"),
        ({"sub": "somebody"}, "an unknown member"),
    ],
)
def test_what_is_no_approval_is_refused(members: JsonObject, why: str) -> None:
    assert verify_approval(signed()).request == request()
    with pytest.raises(DecodeError, match=why):
        verify_approval(signed(members=members))


def test_an_approval_has_a_limit() -> None:
    with pytest.raises(LimitExceededError):
        verify_approval(signed(typ="x" * 20_000))


@given(st.text(max_size=200))
def test_any_text_is_refused_as_what_it_is(text: str) -> None:
    with pytest.raises((DecodeError, RefusedError, KeyMaterialError)):
        verify_approval(text)


@given(st.data())
def test_one_altered_character_is_never_an_approval(data: st.DataObject) -> None:
    text = sign_approval(request(), signer=CAROL.signer, at=NOW)
    place = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from("ABCabc019-_."))
    if text[place] == character:
        return
    altered = text[:place] + character + text[place + 1 :]
    with pytest.raises((DecodeError, RefusedError, KeyMaterialError)):
        verify_approval(altered)

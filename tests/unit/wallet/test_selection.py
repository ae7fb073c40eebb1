# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""May this choice answer that request? H9."""

import pytest

from vcred.credential.request import PresentationRequest
from vcred.errors import RefusedError, UsageError
from vcred.formats.sd_jwt_vc.present import Selection
from vcred.reasons import Reason
from vcred.wallet.selection import check_request

VCT = "did:vcred:x/types/health-code/1"
REQUEST = PresentationRequest(
    audience="did:vcred:gate",
    nonce="n" * 22,
    type="health-code",
    claims=("match", "identity.name"),
    purpose="to cross",
    issued_at=100,
    expires_at=400,
)


def choice(*revealed: str) -> Selection:
    return Selection(disclosures=(), revealed=revealed, withheld=())


def test_what_was_asked_or_less() -> None:
    for revealed in ((), ("match.name", "match.id_type"), ("identity.name",)):
        check_request(REQUEST, choice(*revealed), vct=VCT, now=200)


@pytest.mark.parametrize("path", ["identity.names", "identity", "matching", "test.result"])
def test_more_than_was_asked(path: str) -> None:
    with pytest.raises(UsageError, match="not asked for"):
        check_request(REQUEST, choice("match.name", path), vct=VCT, now=200)


def test_too_late_to_the_second() -> None:
    check_request(REQUEST, choice(), vct=VCT, now=399)
    with pytest.raises(RefusedError) as caught:
        check_request(REQUEST, choice(), vct=VCT, now=400)
    assert caught.value.reason is Reason.REQUEST_EXPIRED


@pytest.mark.parametrize(
    "vct",
    [
        None,
        "",
        "did:vcred:x/types/code/1",
        "did:vcred:x/types/my-health-code/1",
        "health-code/1",
        "health-code2",
    ],
)
def test_another_type(vct: str | None) -> None:
    check_request(REQUEST, choice(), vct=VCT, now=200)
    with pytest.raises(UsageError, match="another type"):
        check_request(REQUEST, choice(), vct=vct, now=200)

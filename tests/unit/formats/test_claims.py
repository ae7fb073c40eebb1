# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""SD-JWT VC's rule on top of RFC 9901: what is never disclosed."""

import pytest

from tests.unit.formats.samples import HIDDEN, PAYLOAD, craft, disclose, without
from vcred.codec.json_types import JsonObject
from vcred.errors import RefusedError
from vcred.formats.sd_jwt_vc.claims import open_claims
from vcred.formats.sd_jwt_vc.names import NEVER_DISCLOSED
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.reasons import Reason


def test_disclosed_claims_are_in_place() -> None:
    assert open_claims(parse_presentation(craft(PAYLOAD, HIDDEN))).claims["name"] == "陳大文"


@pytest.mark.parametrize("name", sorted(NEVER_DISCLOSED - {"iss"}))
def test_what_the_checks_have_read_is_never_disclosed(name: str) -> None:
    late = disclose(name, 1)
    payload: JsonObject = {**without(PAYLOAD, name), "_sd": [late.digest]}
    open_claims(parse_presentation(craft(payload)))
    with pytest.raises(RefusedError) as caught:
        open_claims(parse_presentation(craft(payload, late)))
    assert caught.value.reason is Reason.DISCLOSURE_INVALID


def test_the_same_name_deeper_down_is_another_claim() -> None:
    inner = disclose("status", "single")
    payload: JsonObject = {**PAYLOAD, "_sd": [], "person": {"_sd": [inner.digest]}}
    assert open_claims(parse_presentation(craft(payload, inner))).claims["person"] == {"status": "single"}


def test_a_disclosure_of_another_credential() -> None:
    """SDJ-02."""
    with pytest.raises(RefusedError) as caught:
        open_claims(parse_presentation(craft(PAYLOAD, HIDDEN, disclose("name", "陳大文"))))
    assert caught.value.reason is Reason.DISCLOSURE_INVALID

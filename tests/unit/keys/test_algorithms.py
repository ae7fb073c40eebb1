# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The table of algorithms."""

import pytest

from vcred.errors import UnsupportedAlgorithmError
from vcred.keys.algorithms import ALGORITHMS, EDDSA, ES256, by_curve, by_jose


def test_rows_are_found_by_name_and_by_curve() -> None:
    assert by_jose("ES256") is ES256
    assert by_jose("EdDSA") is EDDSA
    assert by_jose("Ed25519") is EDDSA
    assert by_curve("EC", "P-256") is ES256
    assert by_curve("OKP", "Ed25519") is EDDSA


def test_no_two_rows_share_a_name_number_prefix_or_curve() -> None:
    for column in ("jose", "cose", "multicodec", "curve", "key_bytes"):
        assert len({getattr(row, column) for row in ALGORITHMS}) == len(ALGORITHMS), column


# JOS-01, JOS-02, JOS-03.
@pytest.mark.parametrize(
    "name",
    ["none", "None", "NONE", "nOnE", "", "es256", "HS256", "HS384", "HS512", "RS256", "ES256K", "ES384"],
)
def test_other_names_have_no_row(name: str) -> None:
    with pytest.raises(UnsupportedAlgorithmError):
        by_jose(name)


@pytest.mark.parametrize(
    ("key_type", "curve"),
    [("EC", "P-384"), ("EC", "secp256k1"), ("OKP", "X25519"), ("RSA", ""), ("OKP", "P-256")],
)
def test_other_curves_have_no_row(key_type: str, curve: str) -> None:
    with pytest.raises(UnsupportedAlgorithmError):
        by_curve(key_type, curve)

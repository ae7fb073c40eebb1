# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rows whose own holder column is not used, because somebody else is named beside the roster."""

import pytest

from vcred.credential.type_definition import shipped_type
from vcred.issuer.applications import Application
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.issuer.engines.runs.overridden import OverriddenHolders
from vcred.issuer.engines.runs.roster_chunks import NamedHolders
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.wallet.possession import make_possession_proof

HEADER = ("row_id", "holder")
TYPE = shipped_type("health-code")
SIGNER = SoftwareSigner.generate(ES256)
ONE = SIGNER.public_key.did_key()
TWO = SoftwareSigner.generate(ES256).public_key.did_key()
PROOF = make_possession_proof(SIGNER, audience="did:vcred:issuer", nonce="code", issued_at=1_795_147_200)


def count(
    cell: str, named: NamedHolders, *, header: tuple[str, ...] = HEADER, fault: str | None = None
) -> int:
    """How many of one row are counted; it goes through as it is."""
    overridden = OverriddenHolders(header, TYPE, named)
    row = RawRow(line=2, cells=("R1", cell), fault=fault)
    assert list(overridden.watch([row])) == [row]
    return overridden.count


@pytest.mark.parametrize(
    "named",
    [
        {"R1": ONE},
        {"R1": (Application(did=ONE),)},
        {"R1": (Application(did=TWO), Application(did=ONE))},
        {"R1": (Application(proof=PROOF, nonce="code"),)},
    ],
    ids=["text", "did", "copies", "proof"],
)
def test_the_same_holder_is_no_other(named: NamedHolders) -> None:
    assert count(ONE, named) == 0
    assert count(SoftwareSigner.generate(ES256).public_key.did_key(), named) == 1


def test_what_names_nobody_is_not_counted() -> None:
    named = {"R1": TWO}
    assert count(ONE, named) == 1
    assert count("", named) == 0
    assert count(ONE, {}) == 0
    assert count(ONE, {"R2": TWO}) == 0
    assert count(ONE, named, fault="not closed") == 0
    assert count(ONE, named, header=("row_id", "name")) == 0
    assert count(ONE, named, header=("row_id", "holder", "name")) == 0


def test_a_proof_that_cannot_be_read_names_nobody_else() -> None:
    assert count(ONE, {"R1": (Application(proof="no.proof.atall", nonce="code"),)}) == 1

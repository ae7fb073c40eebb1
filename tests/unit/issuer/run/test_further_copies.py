# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A copy more is no way round a revocation, a suspension, the key of a row or its enrolment code."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.run.homes import HEALTH
from tests.unit.issuer.stage import DATA, DID, Stage, did_key
from vcred.errors import SchemaError
from vcred.issuer.applications import Application
from vcred.issuer.engines.runs.row_outcomes import NO_FURTHER_COPY, OTHER_COPY, OTHER_KEY, SUSPENDED
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import StatusValue
from vcred.issuer.summary import Summary
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.wallet.possession import make_possession_proof

LINES = (DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:2]
ROSTER = b"".join(LINES)
ROW = "HC0000001"
NONCE_REFUSED = "refused (nonce_wrong)"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def keys(count: int) -> list[Application]:
    return [Application(did=did_key()) for _ in range(count)]


def proofs(stage: Stage, *nonces: str) -> list[Application]:
    """Each by a key of its own."""
    found = []
    for nonce in nonces:
        signer = SoftwareSigner.generate(ES256)
        issued_at = int(stage.now.timestamp())
        proof = make_possession_proof(signer, audience=DID, nonce=nonce, issued_at=issued_at)
        found.append(Application(proof=proof, nonce=nonce))
    return found


def run(stage: Stage, named: Sequence[Application], roster: bytes = ROSTER, **more: Any) -> Summary:
    with stage.open() as issuer:
        return issuer.issue_roster(
            HEALTH,
            roster,
            out=stage.folder / "1.jsonl",
            applications={ROW: tuple(named)},
            copies=len(named),
            **more,
        )


def values(stage: Stage) -> list[StatusValue]:
    """Of all that was ever issued for the row: what is not told to have left is in it, too."""
    with stage.open() as issuer:
        return [item.status for item in issuer.show_status(ROW)]


def change(stage: Stage, value: StatusValue) -> None:
    with stage.open() as issuer:
        issuer.status.change_one(ROW, value)


def rules(summary: Summary) -> list[str]:
    return [note.rule for note in summary.refused]


def test_a_copy_more_joins_those_that_are_valid(stage: Stage) -> None:
    first, second, third = keys(3)
    assert run(stage, [first]).issued == 1
    summary = run(stage, [first, second])
    assert (summary.issued, summary.skipped, summary.refused_count) == (1, 1, 0)
    # The keys that it has may change places.
    assert run(stage, [second, first, third]).issued == 1
    assert values(stage) == [StatusValue.VALID] * 3


def test_who_names_fewer_keys_is_told_of_the_copy_that_stands(stage: Stage) -> None:
    """A lost phone is not taken back by leaving it out."""
    first, second = keys(2)
    assert run(stage, [first, second]).issued == 2
    assert run(stage, [second, first], reissue=True).flagged == ()
    summary = run(stage, [first], reissue=True)
    assert [(note.row_id, note.rule) for note in summary.flagged] == [(ROW, OTHER_COPY)]


@pytest.mark.parametrize("value", [StatusValue.REVOKED, StatusValue.SUSPENDED])
@pytest.mark.parametrize("check", [False, True])
def test_none_beside_one_that_is_not_valid(stage: Stage, value: StatusValue, check: bool) -> None:
    first, second, third = keys(3)
    run(stage, [first])
    assert run(stage, [first, second]).issued == 1
    change(stage, value)
    summary = run(stage, [first, second, third], check=check)
    assert (summary.issued, rules(summary)) == (0, [NO_FURTHER_COPY])
    assert values(stage) == [value] * 2


def test_none_where_one_of_the_copies_is_revoked(stage: Stage) -> None:
    first, second, third = keys(3)
    run(stage, [first, second])
    with stage.open() as issuer:
        issuer.revoke(issuer.show_status(ROW)[1].receipt.credential_id)
    assert rules(run(stage, [first, second, third])) == [NO_FURTHER_COPY]
    assert values(stage) == [StatusValue.VALID, StatusValue.REVOKED]


def test_none_for_other_keys(stage: Stage) -> None:
    first, second, third = keys(3)
    run(stage, [first])
    for named in ([second, third], [second, first]):
        summary = run(stage, named)
        assert (summary.issued, [note.rule for note in summary.other_key]) == (0, [OTHER_KEY])
    assert values(stage) == [StatusValue.VALID]
    assert run(stage, [first, second]).issued == 1


@pytest.mark.parametrize("value", [StatusValue.REVOKED, StatusValue.SUSPENDED])
def test_none_beside_one_that_was_changed_while_it_was_signed(stage: Stage, value: StatusValue) -> None:
    first, second, third = keys(3)
    run(stage, [first])
    assert run(stage, [first, second]).issued == 1
    original = IssuerStore.record

    def record_after_a_change(store: IssuerStore, *args: Any, **more: Any) -> Any:
        change(stage, value)
        return original(store, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IssuerStore, "record", record_after_a_change)
        summary = run(stage, [first, second, third])
    assert (summary.issued, rules(summary)) == (0, [NO_FURTHER_COPY])
    assert values(stage) == [value] * 2


def test_none_beside_what_was_reissued_to_another_key_while_it_was_signed(stage: Stage) -> None:
    first, second, other = keys(3)
    run(stage, [first])
    original = IssuerStore.record

    def record_after_another(store: IssuerStore, *args: Any, **more: Any) -> Any:
        patch.undo()
        with stage.open() as issuer:
            out = stage.folder / "2.jsonl"
            issuer.issue_roster(HEALTH, ROSTER, out=out, applications={ROW: (other,)}, reissue=True)
        return original(store, *args, **more)

    patch = pytest.MonkeyPatch()
    patch.setattr(IssuerStore, "record", record_after_another)
    assert rules(run(stage, [first, second])) == [NO_FURTHER_COPY]
    assert values(stage) == [StatusValue.REVOKED, StatusValue.VALID]


def test_a_suspended_row_is_not_issued_anew(stage: Stage) -> None:
    """Whoever suspended it says first what becomes of it: a new key would lift the suspension."""
    first, second, third = keys(3)
    run(stage, [first])
    assert run(stage, [second], reissue=True).reissued == 1
    change(stage, StatusValue.SUSPENDED)
    summary = run(stage, [third], reissue=True)
    assert (summary.issued, rules(summary)) == (0, [SUSPENDED])
    assert values(stage) == [StatusValue.REVOKED, StatusValue.SUSPENDED]
    change(stage, StatusValue.VALID)
    assert run(stage, [third], reissue=True).reissued == 1


def test_a_row_that_is_suspended_while_it_is_signed_is_not_issued_anew(stage: Stage) -> None:
    first, second = keys(2)
    run(stage, [first])
    original = IssuerStore.record

    def record_after_a_change(store: IssuerStore, *args: Any, **more: Any) -> Any:
        change(stage, StatusValue.SUSPENDED)
        return original(store, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IssuerStore, "record", record_after_a_change)
        summary = run(stage, [second], reissue=True)
    assert (summary.issued, rules(summary)) == (0, [SUSPENDED])
    assert values(stage) == [StatusValue.SUSPENDED]


def test_an_enrolment_code_that_was_used_is_for_no_further_key(stage: Stage) -> None:
    """ISS-06."""
    first, second, late, fresh = proofs(stage, "code", "code", "code", "other code")
    # Keys that come together may share it.
    assert run(stage, [first, second]).issued == 2
    assert rules(run(stage, [first, second, late])) == [NONCE_REFUSED]
    assert rules(run(stage, [late, second], reissue=True)) == [NONCE_REFUSED]
    assert values(stage) == [StatusValue.VALID] * 2
    assert run(stage, [first, second, fresh]).issued == 1
    # Those that were its first may come again with it.
    changed = ROSTER.replace(b",NAAT,", b",antigen,")
    assert run(stage, [first, second, fresh], changed, reissue=True).reissued == 3


def test_one_credential_leaves_nothing_where_it_is_refused(stage: Stage) -> None:
    first, second, third = keys(3)
    claims = health_claims()
    with stage.open() as issuer:

        def issue(named: Sequence[Application], out: str, **more: Any) -> int:
            return len(
                issuer.issue_one(
                    HEALTH,
                    claims,
                    tuple(named),
                    row_id=ROW,
                    out=stage.folder / out,
                    copies=len(named),
                    **more,
                )
            )

        assert issue([first], "1") == 1
        with pytest.raises(SchemaError, match="issued before, and its credential delivered"):
            issue([first, second], "2")
        assert [item.status for item in issuer.show_status(ROW)] == [StatusValue.VALID]
        issuer.suspend(ROW)
        with pytest.raises(SchemaError, match="row_id: issued before, and suspended") as caught:
            issue([third], "2", reissue=True)
        assert caught.value.hint is not None and caught.value.hint.startswith("reinstate or revoke it first")
        issuer.revoke(ROW)
        assert issue([third], "2", reissue=True) == 1
        assert [item.status for item in issuer.show_status(ROW)] == [StatusValue.REVOKED, StatusValue.VALID]

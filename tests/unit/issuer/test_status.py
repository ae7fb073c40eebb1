# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Taking credentials back, and the lists that say so."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.changes.rig import set_limit
from tests.unit.issuer.stage import DATA, STATUS_BASE, Stage, did_key
from vcred.errors import RefusedError, UsageError
from vcred.issuer.applications import Application
from vcred.issuer.issuer import Issuer
from vcred.issuer.journal import StatusValue
from vcred.issuer.status_lists import PublishedStatusList
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.status.snapshot import StatusSnapshot
from vcred.status.token_status_list import parse_status_token, verify_status_token

HEALTH = "health-code"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def issue(issuer: Issuer, row_id: str, type_name: str = HEALTH) -> tuple[str, int]:
    """Issue one; give its id and status index."""
    (issued,) = issuer.issue_one(type_name, health_claims(), (Application(did=did_key()),), row_id=row_id)
    return issued.credential_id, issued.status.index


def opened(published: PublishedStatusList, stage: Stage) -> StatusSnapshot:
    """A published list, its signature checked."""
    token = parse_status_token(published.token)
    return verify_status_token(token, key=stage.status.public_key, allowed=(ES256,))


def test_what_is_revoked_is_in_the_next_list(stage: Stage) -> None:
    with stage.open() as issuer:
        good, good_index = issue(issuer, "K1")
        bad, bad_index = issue(issuer, "K2")
        halted, halted_index = issue(issuer, "K3")
        issuer.revoke(bad)
        issuer.suspend("K3")
        (published,) = issuer.publish_status()
        snapshot = opened(published, stage)
        assert [snapshot.lookup(i) for i in (good_index, bad_index, halted_index)] == [0, 1, 2]
        assert published.uri == snapshot.uri == f"{STATUS_BASE}0"
        assert snapshot.issued_at == int(stage.now.timestamp()) // 60 * 60
        assert snapshot.expires_at == snapshot.issued_at + 7 * 86400
        assert snapshot.ttl == 12 * 3600
        assert [item.status for item in issuer.show_status(good)] == [StatusValue.VALID]
        assert [item.status for item in issuer.show_status(halted)] == [StatusValue.SUSPENDED]


def test_a_list_is_large_enough_to_hide_in(stage: Stage) -> None:
    """STA-13."""
    with stage.open() as issuer:
        issue(issuer, "K1")
        snapshot = opened(issuer.publish_status()[0], stage)
        assert snapshot.lookup(MIN_STATUS_LIST_SIZE - 1) == 0
        with pytest.raises(RefusedError):
            snapshot.lookup(MIN_STATUS_LIST_SIZE)


def test_revocation_survives_a_new_start(stage: Stage) -> None:
    with stage.open() as issuer:
        _, index = issue(issuer, "K1")
        issuer.revoke("K1")
    with stage.open() as issuer:
        assert opened(issuer.publish_status()[0], stage).lookup(index) == 1


def test_suspension_ends_and_revocation_does_not(stage: Stage) -> None:
    """STA-18."""
    with stage.open() as issuer:
        issue(issuer, "K1")
        assert issuer.suspend("K1")[0].status is StatusValue.SUSPENDED
        assert issuer.reinstate("K1")[0].status is StatusValue.VALID
        assert issuer.revoke("K1")[0].status is StatusValue.REVOKED
        assert issuer.revoke("K1")[0].status is StatusValue.REVOKED
        for change in (issuer.reinstate, issuer.suspend):
            with pytest.raises(RefusedError, match="final") as caught:
                change("K1")
            assert caught.value.reason is Reason.REVOKED
        assert issuer.show_status("K1")[0].status is StatusValue.REVOKED


@pytest.mark.parametrize("identifier", ["K2", "", "0", "1"])
def test_what_was_not_issued_is_not_revoked(stage: Stage, identifier: str) -> None:
    """STA-21."""
    with stage.open() as issuer:
        issue(issuer, "K1")
        with pytest.raises(UsageError, match="nothing was issued"):
            issuer.revoke(identifier)


def test_a_row_takes_its_copies_with_it(stage: Stage) -> None:
    keys = tuple(Application(did=did_key()) for _ in range(3))
    with stage.open() as issuer:
        issued = issuer.issue_one(HEALTH, health_claims(), keys, copies=3, row_id="K1")
        issuer.revoke(issued[0].credential_id)
        assert [item.status for item in issuer.show_status("K1")].count(StatusValue.REVOKED) == 1
        # One of them is revoked already: it stays so, the others follow the row.
        assert [item.status for item in issuer.suspend("K1")].count(StatusValue.SUSPENDED) == 2
        assert {item.status for item in issuer.revoke("K1")} == {StatusValue.REVOKED}


def test_a_row_id_of_two_types_is_ambiguous(stage: Stage) -> None:
    roster = b"".join((DATA / "professional_certificates.csv").read_bytes().splitlines(keepends=True)[:2])
    with stage.open() as issuer:
        issue(issuer, "FT000001")
        issuer.issue_roster(
            "professional-certificate",
            roster,
            out=stage.folder / "out",
            applications={"FT000001": did_key()},
        )
        with pytest.raises(UsageError, match="several types"):
            issuer.revoke("FT000001")
        # Each type has a list of its own.
        assert [item.uri for item in issuer.publish_status()] == [f"{STATUS_BASE}0", f"{STATUS_BASE}1"]


def test_a_key_that_the_ledger_does_not_know_publishes_nothing(stage: Stage) -> None:
    with stage.open() as issuer:
        issue(issuer, "K1")
        stranger = SoftwareSigner.generate(ES256)
        issuer._keys = replace(issuer._keys, status={stranger.public_key: stranger})
        with pytest.raises(RefusedError) as caught:
            issuer.publish_status()
    assert caught.value.reason is Reason.KEY_NOT_AUTHORISED


def test_what_waits_for_a_second_person_is_not_taken_for_revoked(stage: Stage) -> None:
    approver = did_key()
    with stage.open() as issuer:
        issue(issuer, "K1")
        issuer.status.add_approver(approver, name="Carol")
    with stage.store() as store, store.db.transaction():
        set_limit(store, 0)
    with stage.open() as issuer:
        with pytest.raises(RefusedError, match="waits for a second person") as caught:
            issuer.revoke("K1")
        assert caught.value.reason is Reason.APPROVAL_REQUIRED
        assert issuer.show_status("K1")[0].status is StatusValue.VALID


def test_nothing_issued_nothing_published(stage: Stage) -> None:
    with stage.open() as issuer:
        assert issuer.publish_status() == ()

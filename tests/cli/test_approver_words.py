# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is said of approvers who go, and to an approver before the signature."""

import pytest

from tests.cli.test_second_person import approve, limit_to
from tests.cli.test_status_changes import issuer
from tests.cli.town import ROW, Town


@pytest.fixture
def carol(town: Town) -> str:
    """An approver in office; one person alone changes nothing."""
    did = town.done("init", "approver", home="carol")
    town.done("status", "approver", "add", did, "--name", "Carol Vong", home="issuer-gd")
    limit_to(town, 0)
    return did


def test_who_is_removed_is_named_and_the_last_one_too(town: Town, carol: str) -> None:
    people = {name: town.done("init", "approver", home=name) for name in ("david", "erin")}
    for name, did in people.items():
        issuer(town, "approver", "add", did, "--name", name.title())
        issuer(town, "apply", approve(town))
        (town.path / "request.json").unlink()
        (town.path / "approval.jwt").unlink()
    removed = [
        ("david", []),
        ("erin", ["vcred: Carol Vong alone may approve now; name a second approver soon, or nobody can take"
         " this one's place"]),
    ]  # fmt: skip
    for name, warned in removed:
        asked = issuer(town, "approver", "remove", people[name])
        words = f"let {name.title()}, {people[name]}, approve no more"
        assert asked.said[0].endswith(f"approve that you {words}")
        assert words in issuer(town, "requests").out
        applied = issuer(town, "apply", approve(town))
        assert applied.said == [f"vcred: done, as approved: {words}", *warned]
        (town.path / "request.json").unlink()
        (town.path / "approval.jwt").unlink()


def test_that_the_credentials_are_not_checked_is_said_before_it_is_signed(
    town: Town, carol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = issuer(town, "revoke", ROW)
    assert (
        "--ids LIST" in waiting.said[1] and f"--home {town.path / 'issuer-gd'} --out FILE" in waiting.said[1]
    )
    file = town.path / "request.json"
    town.done("status", "request", "--out", file, home="issuer-gd")

    def stop(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("vcred.issuer.approver.Approver.approve", stop)
    stopped = town.run("status", "approve", file, "--out", town.path / "approval.jwt", home="carol")
    assert stopped.said[0] == "vcred: which credentials it is about is not checked: --ids LIST would"
    assert stopped.said[-1] == "vcred: error: interrupted"

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-01, FI-04 of `vcred status`: a change is made whole or not at all, told once, and published.

INV-6    an acknowledged revocation is in every list published later
INV-14   each acknowledged change has exactly one audit record, and the audit chain verifies
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.damage import sampled
from tests.faults.injection import faults_of, meet_faults
from tests.faults.small_roster import ROWS, SmallRoster, prepare_small_roster
from tests.faults.status_facts import status_facts
from tests.kill import kill_at_every_write, require_strace

ALL = 1_000_000
# As `tests/faults/test_errors.py`.
MUST_HIT = 0.6
LISTS = "lists"


@dataclass(frozen=True)
class Change:
    """A command, the home before it, and how many credentials are revoked before and after.

    `is_once`: done, it is refused the next time.
    """

    before: Path
    words: tuple[object, ...]
    revoked: tuple[int, int]
    is_once: bool = False


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> SmallRoster:
    """All rows are issued, and Carol is in office."""
    made = prepare_small_roster(tmp_path_factory.mktemp("town"))
    town, path = made.town, made.town.path
    issued = town.here(*made.words(path / "codes.jsonl"))
    assert issued.code == 0, issued.err
    (path / "ids.txt").write_text("\n".join(made.row_ids), encoding="utf-8")
    carol = town.town.done("init", "approver", home="carol")
    assert town.here("status", "approver", "add", carol, "--name", "Carol").code == 0
    return made


@pytest.fixture(scope="module")
def changes(roster: SmallRoster) -> dict[str, Change]:
    town, path = roster.town, roster.town.path
    revoke = ("status", "revoke", "--file", path / "ids.txt")
    plain = town.copied(path / "plain")
    asked = town.copied(path / "asked")
    assert town.here("status", "approver", "limit", "0", home=asked).code == 3
    lowered = approved(roster, asked, "lowered")
    assert town.here("status", "apply", lowered, home=asked).code == 0
    assert town.here(*revoke, home=asked).code == 3
    approval = approved(roster, asked, "approval")
    revoked = town.copied(path / "revoked")
    assert town.here(*revoke, home=revoked).code == 0
    publish = ("status", "publish", "--out", LISTS)
    return {
        "revoke": Change(plain, revoke, (0, ROWS)),
        "apply": Change(asked, ("status", "apply", approval), (0, ROWS), is_once=True),
        "publish": Change(revoked, publish, (ROWS, ROWS)),
    }


def approved(roster: SmallRoster, home: Path, name: str) -> Path:
    """Carry the one request that waits to Carol, and bring her approval."""
    path = roster.town.town.path
    request, approval = path / f"{name}.json", path / f"{name}.jwt"
    assert roster.town.here("status", "request", "--out", request, home=home).code == 0
    roster.town.town.done("status", "approve", request, "--out", approval, home="carol")
    return approval


def words_in(change: Change, home: Path) -> list[object]:
    return [home / LISTS if word == LISTS else word for word in change.words]


def assert_goes_on(roster: SmallRoster, change: Change, home: Path) -> int:
    """It is done or it is not; the same command ends it. Returns how many were revoked before that."""
    faulted = status_facts(home)
    assert faulted.complaints() == []
    assert len(faulted.revoked) in change.revoked
    again = roster.town.here(*words_in(change, home), home=home)
    is_refused = change.is_once and len(faulted.revoked) == change.revoked[1]
    assert again.code == (1 if is_refused else 0), again.err
    after = status_facts(home)
    assert len(after.revoked) == change.revoked[1]
    is_published = LISTS in change.words
    assert after.complaints(home / LISTS if is_published else None) == []
    # What was signed once is signed: the same tokens leave, byte for byte.
    assert not faulted.tokens or faulted.tokens == after.tokens
    audit = roster.town.here("status", "audit", home=home)
    assert audit.code == 0, audit.err
    return len(faulted.tokens) if is_published else len(faulted.revoked)


@pytest.mark.parametrize("name", ["revoke", "apply", "publish"])
def test_fi_01_killed_at_any_write(
    roster: SmallRoster, changes: dict[str, Change], tmp_path: Path, name: str
) -> None:
    require_strace()
    change, found = changes[name], set()
    points = kill_at_every_write(
        lambda copy: roster.town.copied(tmp_path / copy, of=change.before),
        lambda home: roster.town.command(*words_in(change, home), home=home),
        at_most=amount(24, ALL),
    )
    for point, home, _ in points:
        print(point)
        found.add(assert_goes_on(roster, change, home))
    # Kills before and after the one moment at which it is done: else the test would prove nothing.
    assert len(found) == 2


@pytest.mark.parametrize("name", ["revoke", "apply", "publish"])
def test_fi_04_whatever_a_call_answers(
    roster: SmallRoster, changes: dict[str, Change], tmp_path: Path, name: str
) -> None:
    require_strace()
    change = changes[name]

    def command(home: Path) -> list[str]:
        return roster.town.command(*words_in(change, home), home=home)

    untouched = roster.town.copied(tmp_path / "untouched", of=change.before)
    faults = sampled(faults_of(command(untouched), untouched), amount(20, 400))
    met = [*meet_faults(faults, lambda copy: roster.town.copied(tmp_path / copy, of=change.before), command)]
    assert len(met) >= MUST_HIT * len(faults)
    for item in met:
        print(item.fault, item.code)
        assert item.is_typed, item.said[-500:]
        done = assert_goes_on(roster, change, item.place)
        # What was acknowledged is there.
        assert done or item.code != 0
    assert {item.code for item in met} == {0, 4}

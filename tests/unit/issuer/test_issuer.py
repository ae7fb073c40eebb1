# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door: rosters and single credentials, each issued once, each one that can be taken back."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.stage import DATA, DID, START, STATUS_BASE, Stage, did_key, vct
from vcred.codec.jcs import encode_jcs
from vcred.codec.strict_json import decode_json_object
from vcred.credential.type_definition import TypeDefinition, parse_type_definition
from vcred.credential.type_definition import shipped_type as shipped
from vcred.errors import DecodeError, RefusedError, SchemaError, StoreError, UsageError
from vcred.files.mark import read_mark
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation, parse_presentation
from vcred.issuer import row_signer
from vcred.issuer.applications import Application
from vcred.issuer.engines.statuses.safeguard import MARK_FILE
from vcred.issuer.journal import EntryState
from vcred.issuer.possession import Possession
from vcred.issuer.receipts import encode_receipts
from vcred.issuer.summary import Progress
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason
from vcred.securing.jws import verify_jws
from vcred.securing.sd_jwt.salts import draw_salts
from vcred.wallet.possession import make_possession_proof

DIRTY = DATA / "health_codes_dirty.csv"
HEALTH = "health-code"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def small_roster(rows: int = 3) -> bytes:
    """The header and the first rows of the good roster."""
    return b"".join((DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[: rows + 1])


def holders(rows: int = 3) -> dict[str, Any]:
    """A holder for each of the first rows."""
    return {f"HC{number:07}": did_key() for number in range(1, rows + 1)}


def parsed(text: str, stage: Stage) -> UnverifiedPresentation:
    """A credential, its signature checked."""
    presentation = parse_presentation(text)
    verify_jws(presentation.issuer_jws, stage.issuing.public_key)
    return presentation


def test_a_roster_becomes_credentials(stage: Stage) -> None:
    named = holders()
    progress: list[Progress] = []
    with stage.open() as issuer:
        summary = issuer.issue_roster(
            HEALTH, small_roster(), out=stage.folder / "out", applications=named, on_progress=progress.append
        )
    assert (summary.rows, summary.issued, summary.refused, summary.skipped) == (3, 3, (), 0)
    assert progress == [Progress(rows=3, issued=3, skipped=0, refused=0, percent=100)]
    files = sorted((stage.folder / "out").glob("*.sdjwt"))
    assert [file.name for file in files] == [f"{row_id}.sdjwt" for row_id in named]
    for file, did in zip(files, named.values(), strict=True):
        credential = parsed(file.read_text(), stage)
        assert file.stat().st_mode & 0o777 == 0o600
        assert (credential.issuer, credential.vct) == (DID, vct(HEALTH))
        assert credential.holder_key is not None and credential.holder_key.did_key() == did
        assert credential.issued_at == int(START.replace(minute=0, second=0).timestamp())
        assert credential.status is not None and credential.status.uri == f"{STATUS_BASE}0"
        valid_until = decode_json_object(credential.issuer_jws.payload)["valid_until"]
        assert credential.expires_at == shipped(HEALTH).expires_at({"valid_until": valid_until})


def test_a_roster_from_a_file_with_bad_rows(stage: Stage) -> None:
    with stage.open() as issuer:
        summary = issuer.issue_roster(HEALTH, DIRTY, out=stage.folder / "out", applications=holders(200))
    assert (summary.rows, summary.issued, summary.refused_count) == (200, 189, 11)
    assert [note.line for note in summary.refused] == sorted(note.line for note in summary.refused)
    assert len(list((stage.folder / "out").glob("*.sdjwt"))) == 189
    with stage.open() as issuer, pytest.raises(StoreError):
        issuer.issue_roster(HEALTH, stage.folder / "nothing.csv", out=stage.folder / "out")


def test_a_row_is_never_issued_twice(stage: Stage) -> None:
    """ISS-17: the same roster again, also after a new start, gives nothing new."""
    out, named = stage.folder / "out", holders()
    for expected in ((3, 0), (0, 3)):
        with stage.open() as issuer:
            summary = issuer.issue_roster(HEALTH, small_roster(), out=out, applications=named)
            assert (summary.issued, summary.skipped) == expected
            assert len(list(issuer.receipts())) == 3


def test_rows_without_a_holder_wait(stage: Stage) -> None:
    with stage.open() as issuer:
        summary = issuer.issue_roster(HEALTH, small_roster(), out=stage.folder / "o", applications=holders(1))
        assert (summary.issued, summary.waiting) == (1, 2)
        summary = issuer.issue_roster(HEALTH, small_roster(), out=stage.folder / "o", applications=holders(3))
        assert (summary.issued, summary.skipped, summary.waiting) == (2, 1, 0)


def test_a_holder_column_will_do(stage: Stage) -> None:
    lines = small_roster(2).decode().splitlines()
    roster = "\n".join([f"{lines[0]},holder", f"{lines[1]},{did_key()}", f"{lines[2]},did:web:x"]).encode()
    with stage.open() as issuer:
        summary = issuer.issue_roster(HEALTH, roster, out=stage.folder / "out")
    assert summary.issued == 1
    assert [(n.column, n.rule) for n in summary.refused] == [("holder", "refused (did_invalid)")]


def test_what_has_expired_is_counted(stage: Stage) -> None:
    stage.now = START + timedelta(days=30)
    with stage.open() as issuer:
        summary = issuer.issue_roster(HEALTH, small_roster(), out=stage.folder / "o", applications=holders())
    assert (summary.issued, summary.expired) == (3, 3)


def test_copies_share_nothing_but_the_row(stage: Stage) -> None:
    """ISS-14: keys, salts and status entries distinct, times aligned."""
    keys = [Application(did=did_key()) for _ in range(10)]
    out = stage.folder / "out"
    with stage.open() as issuer:
        summary = issuer.issue_roster(
            HEALTH, small_roster(1), out=out, applications={"HC0000001": tuple(keys)}, copies=10
        )
    assert summary.issued == 10
    texts = [file.read_text() for file in out.glob("*.sdjwt")]
    credentials = [parsed(text, stage) for text in texts]
    assert len({c.holder_key for c in credentials}) == 10
    assert len({c.status.index for c in credentials if c.status}) == 10
    assert len({c.issued_at for c in credentials}) == 1
    disclosures = [item.encoded for c in credentials for item in c.disclosures]
    assert len(set(disclosures)) == len(disclosures) == 10 * len(credentials[0].disclosures)
    assert (out / "HC0000001.sdjwt").exists() and (out / "HC0000001~9.sdjwt").exists()


@pytest.mark.parametrize(("keys", "rule"), [(1, "2 copies need as many keys"), (2, "one key for two copies")])
def test_copies_need_a_key_each(stage: Stage, keys: int, rule: str) -> None:
    applications = (Application(did=did_key()),) * keys
    with stage.open() as issuer:
        summary = issuer.issue_roster(
            HEALTH,
            small_roster(1),
            out=stage.folder / "o",
            applications={"HC0000001": applications},
            copies=2,
        )
        assert [(note.column, note.rule) for note in summary.refused] == [("holder", rule)]
        with pytest.raises(UsageError):
            issuer.issue_roster(HEALTH, small_roster(1), out=stage.folder / "o", copies=0)


def test_one_credential(stage: Stage) -> None:
    out = stage.folder / "code.sdjwt"
    holder = Application(did=did_key())
    with stage.open() as issuer:
        (issued,) = issuer.issue_one(HEALTH, health_claims(), (holder,), out=out)
        assert out.read_text() == issued.text
        assert parsed(issued.text, stage).holder_key is not None
        (receipt,) = issuer.receipts()
        assert receipt.possession is Possession.DID
        assert receipt.state is EntryState.DELIVERED
        assert receipt.credential_id.encode() in encode_receipts([receipt])


def test_one_credential_asked_for_again_is_the_same_until_it_is_delivered(stage: Stage) -> None:
    """ISS-17: a retry after a timeout; one credential, one index."""
    holder = Application(did=did_key())
    with stage.open() as issuer:
        first = issuer.issue_one(HEALTH, health_claims(), (holder,), row_id="K1")
    with stage.open() as issuer:
        again = issuer.issue_one(HEALTH, health_claims(), (holder,), row_id="K1")
        assert again[0].text == first[0].text
        issuer.mark_delivered(again)
        with pytest.raises(SchemaError, match="issued before"):
            issuer.issue_one(HEALTH, health_claims(), (holder,), row_id="K1")
        assert len(list(issuer.receipts())) == 1


def test_a_proof_of_possession(stage: Stage) -> None:
    holder = SoftwareSigner.generate(ES256)
    now = int(START.timestamp())
    proof = make_possession_proof(holder, audience=DID, nonce="enrol-1", issued_at=now)
    application = Application(proof=proof, nonce="enrol-1")
    with stage.open() as issuer:
        (issued,) = issuer.issue_one(HEALTH, health_claims(), (application,), row_id="K1")
        assert parsed(issued.text, stage).holder_key == holder.public_key
        assert issued.possession is Possession.PROOF
        # ISS-06: an enrolment code is used once.
        with pytest.raises(RefusedError) as caught:
            issuer.issue_one(HEALTH, health_claims(), (application,), row_id="K2")
        assert caught.value.reason is Reason.NONCE_WRONG
        summary = issuer.issue_roster(
            HEALTH, small_roster(1), out=stage.folder / "o", applications={"HC0000001": (application,)}
        )
        assert [note.rule for note in summary.refused] == ["refused (nonce_wrong)"]


def test_what_was_acknowledged_is_noted_beside_the_store_at_once(stage: Stage) -> None:
    """FI-13: else a copy from before a revocation would pass, if the program is killed before it ends."""
    with stage.open() as issuer:
        (issued,) = issuer.issue_one(HEALTH, health_claims(), (Application(did=did_key()),), row_id="K1")
        issuer.revoke(issued.credential_id)
        mark = read_mark(stage.home.path / MARK_FILE)
        assert mark is not None and mark.size == issuer._store.progress()


def test_what_does_not_fit_is_not_issued(stage: Stage) -> None:
    holder = (Application(did=did_key()),)
    with stage.open() as issuer:
        with pytest.raises(SchemaError, match="colour: not in the list"):
            issuer.issue_one(HEALTH, health_claims() | {"colour": "blue"}, holder)
        for name in ("_sd", "...", "_sd_alg", "iss", "exp", "nbf", "cnf", "vct", "status"):
            # ISS-13.
            with pytest.raises(SchemaError):
                issuer.issue_one(HEALTH, health_claims() | {name: "x"}, holder)
        with pytest.raises(SchemaError, match="holder: health-code is not issued on paper: name a holder"):
            issuer.issue_one(HEALTH, health_claims())
        with pytest.raises(RefusedError) as caught:
            issuer.issue_one("fishing-licence", health_claims(), holder)
        assert caught.value.reason is Reason.TYPE_UNKNOWN
        with pytest.raises(DecodeError):
            issuer.issue_roster(HEALTH, b"row_id,name\n1,x\n", out=stage.folder / "out")
        assert list(issuer.receipts()) == []


def test_a_type_may_require_proof_or_be_for_paper(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = (Application(did=did_key()),)
    with stage.open() as issuer:
        change_type(monkeypatch, possession_required=True)
        with pytest.raises(SchemaError, match="proof of possession"):
            issuer.issue_one(HEALTH, health_claims(), holder)
        change_type(monkeypatch, paper=True)
        (issued,) = issuer.issue_one(HEALTH, health_claims())
        assert issued.possession is Possession.NONE
        assert not parsed(issued.text, stage).has_cnf


def change_type(monkeypatch: pytest.MonkeyPatch, **changes: bool) -> None:
    """Let every type that the belief gives be changed so."""
    from vcred.trust.belief import Belief

    def type_definition(_belief: Belief, name: str) -> TypeDefinition:
        return parse_type_definition(encode_jcs(shipped(name.split("/")[-2]).document | changes))

    monkeypatch.setattr(Belief, "type_definition", type_definition)


@pytest.mark.parametrize("later", [timedelta(days=-31), timedelta(days=4000)], ids=["before", "after"])
def test_without_accreditation_nothing_is_issued(stage: Stage, later: timedelta) -> None:
    stage.now = START + later
    with stage.open() as issuer, pytest.raises(RefusedError) as caught:
        issuer.terms(HEALTH)
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED


def test_a_key_that_no_organisation_has_issues_nothing(stage: Stage) -> None:
    with stage.open() as issuer:
        stranger = SoftwareSigner.generate(ES256)
        issuer._keys = replace(issuer._keys, issuing={stranger.public_key: stranger})
        with pytest.raises(RefusedError) as caught:
            issuer.terms(HEALTH)
    assert caught.value.reason is Reason.ISSUER_UNKNOWN


def test_the_hour_begun_never_precedes_the_accreditation(stage: Stage) -> None:
    stage.accredited_from = START - timedelta(minutes=5)
    with stage.open() as issuer:
        assert issuer.terms(HEALTH).issued_at == int(stage.accredited_from.timestamp())
        assert issuer.terms(vct(HEALTH)).vct == vct(HEALTH)


def test_a_broken_source_of_randomness_issues_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """ISS-11."""

    def broken(_size: int) -> bytes:
        raise OSError("no entropy")

    def constant(size: int) -> bytes:
        return bytes(size)

    for source in (broken, constant):
        monkeypatch.setattr(
            row_signer, "draw_salts", lambda _, *, at_once, source=source: draw_salts(source, at_once=at_once)
        )
        with stage.open() as issuer:
            with pytest.raises((OSError, RuntimeError)):
                issuer.issue_roster(HEALTH, small_roster(), out=stage.folder / "o", applications=holders())
            assert list(issuer.receipts()) == []
    assert list((stage.folder / "o").glob("*.sdjwt")) == []


def test_salts_never_repeat(stage: Stage) -> None:
    """ISS-11, on a sample."""
    with stage.open() as issuer:
        issuer.issue_roster(HEALTH, small_roster(200), out=stage.folder / "o", applications=holders(200))
    salts = [
        item.salt
        for file in (stage.folder / "o").glob("*.sdjwt")
        for item in parse_presentation(file.read_text()).disclosures
    ]
    assert len(set(salts)) == len(salts) == 2000
    assert min(map(len, salts)) >= 22


@pytest.mark.parametrize("row_id", ["", "A\nB", "\x1b[2J", "x" * 65, "X1 ", "#7", "\udcff"])
def test_a_row_id_that_no_roster_could_have(row_id: str, stage: Stage) -> None:
    """Else nothing but its credential id could revoke it."""
    with stage.open() as issuer:
        (issued,) = issuer.issue_one(HEALTH, health_claims(), (Application(did=did_key()),), row_id="K1")
        assert issued.row_id == "K1"
        with pytest.raises(SchemaError) as caught:
            issuer.issue_one(HEALTH, health_claims(), (Application(did=did_key()),), row_id=row_id)
    assert caught.value.path == "row_id"

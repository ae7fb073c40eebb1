# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What happens at the gates: a morning of good codes, then everything that must be refused."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from vcred.demo.cast import (
    AUTHORITY_GD,
    GATE_GD,
    GATE_MO,
    HEALTH,
    HOLDER_FINTECH,
    HOLDER_GD,
    HOLDER_MO,
    ISSUER_FINTECH,
    ISSUER_MO,
)
from vcred.demo.forgeries import (
    issued_without_accreditation,
    with_colour,
    with_other_signature,
    without_key_binding,
)
from vcred.demo.gates import Gates
from vcred.demo.people import People, ShownFile
from vcred.demo.stage import Stage
from vcred.files import write_atomic
from vcred.home import read_home
from vcred.issuer import Issuer
from vcred.ledger.entries import Kind
from vcred.reasons import Reason
from vcred.verifier import Decision

Say = Callable[[str], None]
ACCEPTED, REJECTED, INDETERMINATE = Decision.ACCEPTED, Decision.REJECTED, Decision.INDETERMINATE


class Scenes:
    """The gates' morning, on one stage."""

    def __init__(self, stage: Stage, people: People, gates: Gates, say: Say) -> None:
        self._stage, self._people, self._gates, self._say = stage, people, gates, say

    def good_morning(self) -> None:
        """Different selections; each side's people at the other side's gate."""
        people, expect = self._people, self._gates.expect
        first = people.present(HOLDER_GD, "match", "test")
        write_atomic(self._stage.out / "code.png", first.file.read_bytes())
        expect("a Guangdong health code in Macao", first, GATE_MO, ACCEPTED)
        self._stage.clock.pass_by(seconds=10)
        shown = people.present(HOLDER_GD, "match")
        expect("the same at home, showing less", shown, GATE_GD, ACCEPTED)
        self._stage.clock.pass_by(seconds=10)
        shown = people.present(HOLDER_MO, "match", "vaccination")
        expect("a Macao health code in Guangdong", shown, GATE_GD, ACCEPTED)
        self._stage.clock.pass_by(seconds=10)
        shown = people.present(HOLDER_FINTECH, "match", "award", "modules.0")
        expect("a certificate, one module of it, in Guangdong", shown, GATE_GD, ACCEPTED)
        self._stage.clock.pass_by(seconds=10)
        shown = people.present(HOLDER_GD, "test")
        expect("who it is, withheld", shown, GATE_MO, REJECTED, Reason.POLICY_UNMET)
        self._say("codes of both sides pass at both gates; one that does not show whose it is, does not")

    def replays(self) -> None:
        """Old and repeated codes."""
        clock, expect = self._stage.clock, self._gates.expect
        shown = self._people.present(HOLDER_GD, "match", "test")
        expect("a fresh code", shown, GATE_MO, ACCEPTED)
        clock.pass_by(seconds=5)
        expect("the same code twice at one gate", shown, GATE_MO, REJECTED, Reason.REPLAYED)
        clock.pass_by(seconds=60)
        expect("a screenshot too old", shown, GATE_GD, REJECTED, Reason.REPLAYED)
        self._say("a code passes once, and for a minute")

    def forgeries(self) -> None:
        """One change each to a code that a gate would accept."""
        expect = self._gates.expect
        text = self._people.present(HOLDER_GD, "match", "test").code.sd_jwt
        stripped = self._forged("key-binding-stripped", without_key_binding(text))
        expect("the key binding stripped", stripped, GATE_MO, REJECTED, Reason.KEY_BINDING_INVALID)
        changed = self._forged("claim-changed", with_colour(text, "red"))
        expect("a changed claim", changed, GATE_MO, REJECTED, Reason.SIGNATURE_INVALID)
        forged = self._unaccredited()
        reason = Reason.ISSUER_NOT_ACCREDITED
        expect("an issuer without accreditation", forged, GATE_MO, REJECTED, reason)
        self._say("stripped, changed and unaccredited codes are refused, each for its own reason")

    def recognition_withdrawn(self, recognition: str) -> None:
        """Guangdong no longer recognises Macao's certificates: the next bundle says so."""
        stage, expect = self._stage, self._gates.expect
        stage.clock.pass_by(seconds=30)
        shown = self._people.present(HOLDER_FINTECH, "match", "award")
        expect("a certificate, before the withdrawal", shown, GATE_GD, ACCEPTED)
        stage.say(AUTHORITY_GD, Kind.RECOGNISE_WITHDRAW, {"entry": recognition, "effect": "void"})
        stage.clock.pass_by(minutes=1)
        stage.carry(stage.make_bundle(), GATE_GD)
        shown = self._people.present(HOLDER_FINTECH, "match", "award")
        reason = Reason.NOT_RECOGNISED
        expect("a withdrawn recognition", shown, GATE_GD, REJECTED, reason)
        self._say("a withdrawn recognition ends with the next bundle")

    def revoked(self) -> None:
        """A revoked code passes until the next bundle, and never after it."""
        stage, expect = self._stage, self._gates.expect
        stage.clock.pass_by(minutes=1)
        row_id = self._people.credentials[HOLDER_MO].file.stem
        with Issuer.open(stage.homes[ISSUER_MO], clock=stage.clock) as issuer:
            issuer.revoke(row_id)
        shown = self._people.present(HOLDER_MO, "match")
        expect("revoked, before the next bundle", shown, GATE_GD, ACCEPTED)
        stage.clock.pass_by(minutes=1)
        stage.publish_status(ISSUER_MO)
        stage.carry(stage.make_bundle(), GATE_GD)
        shown = self._people.present(HOLDER_MO, "match")
        expect("revoked, after the next bundle", shown, GATE_GD, REJECTED, Reason.REVOKED)
        self._say("a revoked code is refused once the next bundle is there")

    def stale(self) -> None:
        """Eight days without a bundle: absence is unknown, a forgery stays a forgery."""
        stage, expect = self._stage, self._gates.expect
        stage.clock.wait_until(stage.clock() + timedelta(days=8))
        shown = self._people.present(HOLDER_FINTECH, "match", "award")
        expect("a bundle too old", shown, GATE_MO, INDETERMINATE, Reason.STALE)
        forged = self._forged("signature-forged", with_other_signature(shown.code.sd_jwt))
        expect("forged, in a bundle too old", forged, GATE_MO, REJECTED, Reason.SIGNATURE_INVALID)
        self._say("under a bundle too old nothing is accepted, and nothing is called revoked either")

    def _forged(self, name: str, text: str) -> Path:
        file = self._stage.out / "presentations" / f"{name}.txt"
        write_atomic(file, text.encode("ascii") + b"\n")
        return file

    def _unaccredited(self) -> Path:
        """The fintech board signs a health code: its key is good, its right is missing."""
        credential = issued_without_accreditation(
            read_home(self._stage.homes[ISSUER_FINTECH]),
            did=self._stage.dids[ISSUER_FINTECH],
            type_name=HEALTH,
            vct=self._stage.types[HEALTH],
            like=self._people.credential(HOLDER_GD),
            listed_as=self._people.credential(HOLDER_FINTECH),
            now=self._stage.clock(),
        )
        shown: ShownFile = self._people.present_other(HOLDER_GD, credential, "match")
        return shown.file

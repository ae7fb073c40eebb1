# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The gates: each decides in its own home, on what was carried to it."""

from dataclasses import replace
from pathlib import Path

from vcred.demo.cast import GATES
from vcred.demo.outcome import Shown, Verdict
from vcred.demo.people import ShownFile
from vcred.demo.stage import Stage
from vcred.qr.symbol import choose_symbol
from vcred.reasons import Reason
from vcred.verifier import Decision, Verifier


class Gates:
    """A gate in each jurisdiction."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.shown: list[Shown] = []
        for name, jurisdiction in GATES.items():
            Verifier.create(stage.home(name), jurisdiction=jurisdiction, network_file=stage.network_bytes)

    def expect(
        self,
        title: str,
        presented: ShownFile | Path,
        gate: str,
        decision: Decision,
        reason: Reason | None = None,
    ) -> Shown:
        """Hold a file before a gate and note what it decides, and what it should."""
        file = presented if isinstance(presented, Path) else presented.file
        with Verifier.open(self._stage.homes[gate], clock=self._stage.clock) as verifier:
            found = Verdict.of(verifier.evaluate(file.read_bytes()))
        shown = Shown(
            title=title,
            file=file,
            gate=gate,
            at=self._stage.clock(),
            expected=Verdict(decision=decision, reason=reason),
            found=found,
            audit=found,
        )
        if isinstance(presented, ShownFile):
            size = choose_symbol(presented.code.text)
            shown = replace(
                shown, packed_bytes=presented.code.size_bytes, symbol=f"{size.version}-{size.level}"
            )
        self.shown.append(shown)
        return shown

    def answer_audits(self) -> None:
        """Ask each gate the same questions again, as an auditor would a year later."""
        for index, shown in enumerate(self.shown):
            with Verifier.open(self._stage.homes[shown.gate], clock=self._stage.clock) as verifier:
                audit = Verdict.of(verifier.evaluate(shown.file.read_bytes(), at=shown.at))
            self.shown[index] = replace(shown, audit=audit)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read the vectors of tests/vectors, and put their questions to the rule that decides.

Spec: tests/vectors/README.md says what the members mean.
"""

import json
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from vcred.credential.request import PresentationRequest
from vcred.errors import TrustBundleError
from vcred.ledger.network_file import parse_network_file
from vcred.trust.belief import Belief, belief_of
from vcred.trust.bundle import parse_bundle
from vcred.trust.held import Held
from vcred.trust.update import decide_update
from vcred.verifier.policy import Policy
from vcred.verifier.policy_file import DEFAULT_POLICY, parse_policy
from vcred.verifier.report import VerificationReport
from vcred.verifier.steps import evaluate

FOLDER = Path(__file__).parent / "vectors"


@dataclass(frozen=True)
class Vector:
    """One file."""

    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def base(self) -> "Vector | None":
        """The positive of which this is a mutation."""
        name = self.values.get("mutation_of")
        return None if name is None else by_id()[name]

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self["now"])

    @property
    def policy(self) -> Policy:
        return _policy(json.dumps(self["policy"]))

    @property
    def request(self) -> PresentationRequest | None:
        asked = self["request"]
        return None if asked is None else PresentationRequest(**{**asked, "claims": tuple(asked["claims"])})

    def held(self) -> Held:
        """What the gate holds after all imports.

        Raises:
            TrustBundleError: The last of them is refused.
        """
        imports = tuple((item["file"], item["imported_at"]) for item in self["bundles"])
        return _held(imports)

    def belief(self) -> Belief:
        belief = belief_of(self.held())
        assert belief is not None
        return belief

    def evaluate(self) -> VerificationReport:
        """Put the question."""
        return evaluate(
            self["presentation"],
            request=self.request,
            belief=self.belief(),
            policy=self.policy,
            now=self.now,
        )


@cache
def by_id() -> dict[str, Vector]:
    """Every vector of the verifier, by its id."""
    files = sorted((FOLDER / "verifier").glob("*/*.json"))
    return {f"verifier/{file.parent.name}/{file.stem}": _read(file) for file in files}


def _read(file: Path) -> Vector:
    return Vector(json.loads(file.read_text(encoding="utf-8")))


@cache
def _held(imports: tuple[tuple[str, str], ...]) -> Held:
    held = _held(imports[:-1]) if imports[1:] else Held()
    file, imported_at = imports[-1]
    network_file = parse_network_file((FOLDER / "bundles" / "network.json").read_bytes())
    now = int(datetime.fromisoformat(imported_at).timestamp())
    addition = decide_update(held, parse_bundle((FOLDER / file).read_bytes()), network_file, now=now)
    return held.with_update(addition)


@cache
def _policy(members: str) -> Policy:
    """The policy file that `vcred init` writes, with other members in their places."""
    given = json.loads(members)
    default = tomllib.loads(DEFAULT_POLICY.format(jurisdiction=given["jurisdiction"]))
    return parse_policy("".join(f"{name} = {_toml(value)}\n" for name, value in {**default, **given}.items()))


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # Texts, integers and booleans are written alike in TOML and JSON.
    return json.dumps(value)


__all__ = ["FOLDER", "TrustBundleError", "Vector", "by_id"]

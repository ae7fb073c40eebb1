# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer's stage on which a type gets a second version."""

import json
from dataclasses import dataclass, replace

from immutables import Map

from tests.unit.issuer.run.homes import HEALTH
from tests.unit.issuer.stage import Stage, vct
from vcred.credential.type_definition import TypeDefinition, parse_type_definition, shipped_type
from vcred.trust.belief import Belief

FIRST = vct(HEALTH)
SECOND = FIRST.removesuffix("1") + "2"


def second_version() -> TypeDefinition:
    """The shipped type with another number."""
    document = dict(shipped_type(HEALTH).document)
    return parse_type_definition(json.dumps(document | {"version": 2}).encode())


@dataclass
class Authority(Stage):
    """A stage on which version 2 is published, and the issuer accredited for it, once somebody says so."""

    is_published: bool = False

    def belief(self) -> Belief:
        first = super().belief()
        if not self.is_published:
            return first
        definition = second_version()
        state, name = first.state, f"{HEALTH} 2"
        published = replace(
            state.types[FIRST], type=SECOND, digest=definition.digest, size=len(definition.encoded)
        )
        accreditation = replace(state.accreditations[HEALTH], entry=name, type=SECOND)
        return replace(
            first,
            state=replace(
                state,
                types=Map({**state.types, SECOND: published}),
                accreditations=Map({**state.accreditations, name: accreditation}),
            ),
            type_contents={**first.type_contents, definition.digest: definition.encoded},
        )

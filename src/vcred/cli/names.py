# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Names of organisations and places, as the ledger has them, for people."""

from vcred.codec.json_types import JsonObject
from vcred.ledger.state import State


def counted(number: int, thing: str) -> str:
    """Write "1 row" or "2 rows", "1 entry" or "2 entries"."""
    if number == 1:
        return f"1 {thing}"
    return f"{number} {thing.removesuffix('y')}ies" if thing.endswith("y") else f"{number} {thing}s"


def name_in(name: JsonObject, language: str) -> str:
    """Return a name in the language, else in English, else in whichever there is."""
    for wanted in (language, "en", *sorted(name)):
        text = name.get(wanted)
        if isinstance(text, str):
            return text
    return ""


def organisation_name(state: State, did: str) -> str | None:
    """Return the English name of an organisation, or None for a stranger."""
    organisation = state.organisations.get(did)
    return None if organisation is None else name_in(organisation.name, "en")


def place_name(state: State, code: str) -> str | None:
    """Return the English name of a jurisdiction, or None for a stranger."""
    network = state.network
    return None if network is None else name_in(network.jurisdictions.get(code, {}), "en") or None

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an operation says, in a sentence. It is told, not judged: anybody may have written the file.

Every member is read with suspicion and named by what the ledger knows; whoever prints the
sentence passes it through the sanitiser.
"""

from datetime import timedelta

from vcred.cli.change_words import say_change
from vcred.cli.names import name_in, organisation_name, place_name
from vcred.cli.times import time_text
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.methods.vcred import did_of
from vcred.errors import VcredError
from vcred.ledger.entries import Kind
from vcred.ledger.state import State

UNREADABLE = "(not readable)"
_LAST_TIME = 253_402_300_799
_WITHDRAWN = {
    Kind.ISSUER_WITHDRAW.value: "accreditation",
    Kind.RECOGNISE_WITHDRAW.value: "recognition",
    Kind.VERIFIER_WITHDRAW.value: "registration",
}


def say_operation(operation: JsonObject, state: State) -> str:
    """Say what an operation does, in one English sentence without a full stop.

    Args:
        operation: As it was read, not yet judged by any rule.
        state: Whose names are used; an empty one leaves DIDs and codes.
    """
    match operation.get("kind"):
        case Kind.GENESIS:
            return f"founds the network of {_founders(operation)}"
        case Kind.DID_CREATE:
            return _say_create(operation, state)
        case Kind.TYPE_PUBLISH:
            return f"{author_of(operation, state)} publishes the type {_type(operation)}"
        case Kind.ISSUER_ACCREDIT:
            start, end = _when(operation.get("from")), _when(operation.get("until"))
            return (
                f"{author_of(operation, state)} accredits {_named(_text(operation, 'issuer'), state)} "
                f"for {_type(operation)}{_where(operation, state)}, "
                f"credentials issued from {start} until {end}"
            )
        case Kind.RECOGNISE:
            place = _place(_text(operation, "jurisdiction"), state)
            return (
                f"{author_of(operation, state)} recognises {_type(operation)} of {place}"
                f"{_where(operation, state)}{_conditions(operation.get('conditions'))}"
            )
        case Kind.ISSUER_WITHDRAW | Kind.RECOGNISE_WITHDRAW | Kind.VERIFIER_WITHDRAW:
            return (
                f"{author_of(operation, state)} withdraws the {_WITHDRAWN[str(operation['kind'])]} "
                f"{_text(operation, 'entry')}, effect {_text(operation, 'effect')}"
            )
        case Kind.DID_UPDATE:
            return _say_update(operation, state)
        case Kind.KEY_DISTRUST:
            return _say_distrust(operation, state)
        case Kind.VERIFIER_REGISTER:
            return _say_register(operation, state)
        case Kind.EVIDENCE_RECORD:
            return f"{author_of(operation, state)} records evidence, root {_text(operation, 'root')}"
        case Kind.NETWORK_CHANGE:
            return say_change(operation, state)
    return "is of a kind that this version does not know"


def author_of(operation: JsonObject, state: State) -> str:
    """Return the author's name, else its DID."""
    return _named(_text(operation, "author"), state)


def parties(operation: JsonObject, state: State) -> JsonObject:
    """Return who and what an operation names, by name: for programs; null is what it does not name."""
    author, issuer = operation.get("author"), operation.get("issuer")
    if operation.get("kind") == Kind.DID_CREATE:
        issuer = _did(operation)
    if operation.get("kind") == Kind.DID_UPDATE:
        issuer = operation.get("did")
    code = operation.get("jurisdiction")
    network = state.network
    if code is None and network is not None and isinstance(author, str):
        code = network.authorities.get(author)
    return {
        "author": author,
        "author_name": organisation_name(state, author) if isinstance(author, str) else None,
        "issuer": issuer,
        "issuer_name": organisation_name(state, issuer) if isinstance(issuer, str) else None,
        "type": operation.get("type"),
        "jurisdiction": code,
    }


def _say_create(operation: JsonObject, state: State) -> str:
    document = operation.get("document")
    name = document.get("name") if isinstance(document, dict) else None
    called = name_in(name, "en") if isinstance(name, dict) else UNREADABLE
    sponsor = operation.get("sponsor")
    by = f", sponsored by {_named(sponsor, state)}" if isinstance(sponsor, str) else ""
    return f"makes {called or UNREADABLE} ({_did(operation) or UNREADABLE}) an organisation{by}"


def _say_update(operation: JsonObject, state: State) -> str:
    did = _text(operation, "did")
    called = _named(did, state)
    if "deactivated" in operation:
        return f"ends {called} ({did}) for good"
    document, following = operation.get("document"), operation.get("next")
    said = []
    if isinstance(document, dict):
        name, keys = document.get("name"), document.get("methods")
        said.append(f"called {name_in(name, 'en') if isinstance(name, dict) else UNREADABLE}")
        said.append(f"{len(keys) if isinstance(keys, list) else 0} keys")
        services = document.get("services")
        for item in services if isinstance(services, list) else ():
            if isinstance(item, dict):
                said.append(f"{_text(item, 'type')} {_text(item, 'endpoint')}")
    if isinstance(following, dict):
        hashes = following.get("hashes")
        held = len(hashes) if isinstance(hashes, list) else 0
        said.append(f"{following.get('threshold')} of {held} control keys next")
    return f"updates {called} ({did}): {', '.join(said) or UNREADABLE}"


def _say_distrust(operation: JsonObject, state: State) -> str:
    key = _text(operation, "key")
    scope = operation.get("scope", "all")
    if isinstance(scope, dict):
        what = f"what it signed from {_when(scope.get('from'))} on, having been in hardware until then"
    else:
        what = "all that it ever signed" if scope == "all" else UNREADABLE
    owner = organisation_name(state, key.partition("#")[0])
    of = "" if owner is None else f" of {owner}"
    return f"{author_of(operation, state)} distrusts the key {key}{of}: {what}"


def _say_register(operation: JsonObject, state: State) -> str:
    claims, purpose = operation.get("claims"), operation.get("purpose")
    asked = ", ".join(map(str, claims)) if isinstance(claims, list) else UNREADABLE
    wanted = name_in(purpose, "en") if isinstance(purpose, dict) else UNREADABLE
    until = f", until {_when(operation['until'])}" if "until" in operation else ""
    return (
        f"{author_of(operation, state)} lets {_named(_text(operation, 'verifier'), state)} ask for {asked} "
        f"of {_type(operation)}, for: {wanted}{until}"
    )


def _did(operation: JsonObject) -> str | None:
    try:
        return did_of(operation)
    except VcredError:
        return None


def _founders(operation: JsonObject) -> str:
    listed = operation.get("jurisdictions")
    places = []
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict):
            name = item.get("name")
            called = name_in(name, "en") if isinstance(name, dict) else UNREADABLE
            places.append(f"{called} ({_text(item, 'code')})")
    return " and ".join(places) or UNREADABLE


def _where(operation: JsonObject, state: State) -> str:
    """Say for whose gates an author speaks, if the ledger tells."""
    author = operation.get("author")
    code = state.network.authorities.get(author) if state.network and isinstance(author, str) else None
    return "" if code is None else f" in {_place(code, state)}"


def _conditions(value: JsonValue) -> str:
    if not isinstance(value, dict) or not value:
        return ""
    told = []
    for name in sorted(value):
        item = value[name]
        if name == "max_age" and isinstance(item, int) and 0 <= item <= _LAST_TIME:
            text = str(timedelta(seconds=item))
        elif name == "until":
            text = _when(item)
        else:
            text = ", ".join(map(str, item)) if isinstance(item, list) else str(item)
        told.append(f"{name} {text}")
    return f", if {'; '.join(told)}"


def _type(operation: JsonObject) -> str:
    """Return "health-code 1" of ".../types/health-code/1"."""
    vct = _text(operation, "type")
    return vct.rpartition("/types/")[2].replace("/", " ")


def _place(code: str, state: State) -> str:
    name = place_name(state, code)
    return code if name is None else f"{name} ({code})"


def _named(did: str, state: State) -> str:
    return organisation_name(state, did) or did


def _text(value: JsonObject, name: str) -> str:
    text = value.get(name)
    return text if isinstance(text, str) else UNREADABLE


def _when(value: JsonValue) -> str:
    # `bool` is an `int` to Python, and no time.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LAST_TIME:
        return UNREADABLE
    return time_text(value)

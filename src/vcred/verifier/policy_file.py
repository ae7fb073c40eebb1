# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The policy as a TOML file: what an officer's supervisor reads and edits.

version = 1
jurisdiction = "MO"
...
[[accept]]              a presentation is taken if it meets all of one of these tables
require = ["match"]
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta

from vcred.codec.json_types import JsonValue
from vcred.credential.presentation import Binding
from vcred.errors import UnsupportedAlgorithmError, UsageError
from vcred.keys.algorithms import by_jose
from vcred.verifier.policy import (
    AllOf,
    AnyOf,
    ClaimIn,
    HasClaims,
    IssuedWithin,
    IssuerIn,
    Policy,
    Rule,
    TypeIn,
)

VERSION = 1
_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_CODE = re.compile(r"[A-Za-z0-9-]{1,16}", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MEMBERS = frozenset(
    {"version", "jurisdiction", "algorithms", "bindings", "max_trust_age", "max_status_age", "clock_skew"}
    | {"require_status", "accept"}
)
_ACCEPT = frozenset({"issuer", "type", "require", "claims", "max_age"})

DEFAULT_POLICY = """\
# What this post asks. Empty lists are refused; unknown names are refused.
version = 1
jurisdiction = "{jurisdiction}"
algorithms = ["ES256", "EdDSA"]
bindings = ["live", "challenge"]
max_trust_age = "7d"
clock_skew = "60s"

[max_status_age]
default = "7d"
health-code = "24h"

# A presentation is taken if it meets all of one of these tables.
# Without "match" any borrowed code would pass: the officer compares it with face and document.
[[accept]]
require = ["match"]
"""


def default_policy(jurisdiction: str) -> str:
    """The policy of a new gate, as text.

    Raises:
        UsageError: Not a code of 1 to 16 letters, digits and hyphens.
    """
    if not _CODE.fullmatch(jurisdiction):
        raise UsageError("a jurisdiction is a code of 1 to 16 letters, digits and hyphens")
    return DEFAULT_POLICY.format(jurisdiction=jurisdiction)


def parse_policy(text: str) -> Policy:
    """Read a policy file.

    Raises:
        UsageError: It is not one, or allows nothing, or everything.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: of very long numbers and deep lists the parser says otherwise.
        raise UsageError(f"the policy is not TOML: {error}") from error
    _refuse_unknown(document, _MEMBERS, "policy")
    if document.get("version") != VERSION:
        raise UsageError(f"the policy is not of version {VERSION}")
    ages = _table(document, "max_status_age")
    try:
        return Policy(
            jurisdiction=_text(document, "jurisdiction"),
            rule=AnyOf(tuple(_accept(table) for table in _tables(document, "accept"))),
            algorithms=tuple(by_jose(name) for name in _texts(document, "algorithms")),
            bindings=frozenset(Binding(name) for name in _texts(document, "bindings")),
            max_trust_age=_duration(document, "max_trust_age"),
            max_status_age={name: _duration(ages, name) for name in ages},
            clock_skew=_duration(document, "clock_skew"),
            require_status=_flag(document, "require_status"),
        )
    except (ValueError, UnsupportedAlgorithmError) as error:
        raise UsageError(f"the policy cannot be used: {error}") from error


def _accept(table: Mapping[str, object]) -> Rule:
    _refuse_unknown(table, _ACCEPT, "accept")
    rules: list[Rule] = []
    if "issuer" in table:
        rules.append(IssuerIn(frozenset(_texts(table, "issuer"))))
    if "type" in table:
        rules.append(TypeIn(frozenset(_texts(table, "type"))))
    if "require" in table:
        rules.append(HasClaims(tuple(_texts(table, "require"))))
    for path, values in _table(table, "claims").items() if "claims" in table else ():
        rules.append(ClaimIn(path, _values(values, path)))
    if "max_age" in table:
        rules.append(IssuedWithin(_duration(table, "max_age")))
    return AllOf(tuple(rules))


def _refuse_unknown(table: Mapping[str, object], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise UsageError(f"{where} has an unknown name; known are {', '.join(sorted(known))}")


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value:
        raise UsageError(f"policy: {name} needs a text")
    return value


def _texts(table: Mapping[str, object], name: str) -> list[str]:
    value = table.get(name)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values:
        raise UsageError(f"policy: {name} needs a list that is not empty")
    texts = [item for item in values if isinstance(item, str) and item]
    if len(texts) != len(values):
        raise UsageError(f"policy: {name} needs a list of texts")
    return texts


def _table(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = table.get(name)
    if not isinstance(value, dict) or not value:
        raise UsageError(f"policy: {name} needs a table that is not empty")
    return value


def _tables(table: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    value = table.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise UsageError(f"policy: at least one [[{name}]] is needed")
    return value


def _values(value: object, path: str) -> tuple[JsonValue, ...]:
    items = value if isinstance(value, list) else [value]
    found = [item for item in items if isinstance(item, str | int | bool)]
    if not items or len(found) != len(items):
        raise UsageError(f"policy: claims.{path} needs texts, whole numbers or true and false")
    return tuple(found)


def _flag(table: Mapping[str, object], name: str) -> bool:
    value = table.get(name, True)
    if not isinstance(value, bool):
        raise UsageError(f"policy: {name} is true or false")
    return value


def _duration(table: Mapping[str, object], name: str) -> timedelta:
    value = table.get(name)
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise UsageError(f'policy: {name} needs a duration such as "24h" or "7d"')
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])

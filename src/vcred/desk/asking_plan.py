# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a request will ask: which type is meant by a name, and claims that a holder can show by themselves."""

from collections.abc import Iterable
from typing import Final

from vcred.credential.paths import parse_path
from vcred.credential.type_definition import TypeDefinition
from vcred.credential.type_groups import GroupDisclosure
from vcred.errors import SchemaError, UsageError
from vcred.trust.belief import Belief

IMPORT_HINT: Final = 'import a newer bundle with "vcred trust import FILE"'
# How many segments of a path a holder can choose, by how its group is disclosed.
_DEPTH: Final = {GroupDisclosure.WHOLE: 1, GroupDisclosure.MEMBERS: 2, GroupDisclosure.ELEMENTS: 2}


def plan_type(belief: Belief, did: str, name: str, *, at: int) -> str:
    """Return the `vct` that is meant.

    Args:
        belief: Of the asking home.
        did: Who asks.
        name: A `vct`, or a type's name: then its newest version that `did` is registered for, or if
            it is for none, the newest.
        at: NumericDate.

    Raises:
        UsageError: There is none, or several publishers have one.
    """
    if name in belief.state.types:
        return name
    named = belief.types_named(name)
    registered = [vct for vct in named if any(item.covers(at) for item in belief.registrations(did, vct))]
    found = registered or named
    if not found:
        raise UsageError("the ledger that is held here has no type of that name", hint=IMPORT_HINT)
    if len({vct.rpartition("/")[0] for vct in found}) > 1:
        raise UsageError(
            f"several publishers have a type of that name: {', '.join(found)}",
            hint="give one of these instead of the name",
        )
    return found[-1]


def plan_claims(belief: Belief, vct: str, claims: Iterable[str]) -> tuple[str, ...]:
    """Hold what is asked against the type: a claim that nobody can show would be asked in vain.

    Raises:
        UsageError: The type's definition is not held, nothing is asked, or a claim that the type has
            not, or shows only together with others.
    """
    definition = belief.type_definition(vct)
    if definition is None:
        raise UsageError("the definition of that type is not held here", hint=IMPORT_HINT)
    paths = tuple(dict.fromkeys(claims))
    if not paths:
        raise UsageError("a request names at least one claim")
    for path in paths:
        _check_claim(definition, path)
    return paths


def _check_claim(definition: TypeDefinition, path: str) -> None:
    try:
        segments = parse_path(path)
        definition.schema_at(path)
    except SchemaError as error:
        names = ", ".join((*definition.always_shown, *(group.name for group in definition.groups)))
        hint = f"the type has {names}; a member is written group.name"
        raise UsageError(f"{path}: {error.rule}", hint=hint) from error
    group = definition.group(str(segments[0]))
    if group is not None and len(segments) > _DEPTH[group.disclosure]:
        whole = ".".join(path.split(".")[: _DEPTH[group.disclosure]])
        raise UsageError(f"{path}: shown only together with others", hint=f'ask for "{whole}"')

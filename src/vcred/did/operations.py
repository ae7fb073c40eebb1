# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The pure rules of a `did:vcred` operation: is it well-formed, and who had to sign it?

Takes values and the set of keys whose proofs have verified; gives the parsed operation or
refuses with a reason. Says nothing about sponsors or order: that is the ledger's.

Spec: docs/spec/did-vcred.md, Create and Update.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vcred.codec.fields import get_int, get_list, get_object, get_text, get_texts, refuse_unknown
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.methods.vcred import commitment, did_of, parse_hash_text
from vcred.errors import DecodeError, KeyMaterialError
from vcred.keys.public import PublicKey
from vcred.limits import MAX_URI_CHARACTERS

MAX_KEYS = 16
MAX_SERVICES = 8
MAX_NAME_CHARACTERS = 200
STATUS_SERVICE = "TokenStatusList"
SITE_SERVICE = "LinkedDomains"
LANGUAGES = frozenset({"en", "zh-Hans", "zh-Hant", "pt"})


class Purpose(StrEnum):
    """What a verification method may be used for. One key has one role."""

    ASSERTION = "assertionMethod"
    STATUS = "statusAssertion"
    STATEMENT = "capabilityInvocation"
    AUTHENTICATION = "authentication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One verification method of a DID: a key and its one purpose."""

    key: PublicKey
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class NextKeys:
    """What the next operation must reveal: at least `threshold` of the keys behind `hashes`."""

    threshold: int
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an operation says of the organisation; `status_bases` and `sites` are https addresses."""

    name: JsonObject
    methods: tuple[Method, ...]
    statement_threshold: int
    status_bases: tuple[str, ...]
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOperation:
    """A well-formed `did.create`; `control` are the keys that may sign it."""

    did: str
    control: tuple[PublicKey, ...]
    control_threshold: int
    next_keys: NextKeys
    profile: Profile
    sponsor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOperation:
    """A well-formed `did.update`; `revealed` are the control keys that may sign it.

    `next_keys` and `profile` are None if it deactivates the DID.
    """

    did: str
    prev: str
    revealed: tuple[PublicKey, ...]
    next_keys: NextKeys | None
    profile: Profile | None


def parse_create(operation: JsonObject, *, embedded: bool) -> CreateOperation:
    """Read a `did.create` by its rules 1 to 4.

    Args:
        operation: The operation, with its proofs.
        embedded: Inside `network.genesis`: then without network and sponsor.

    Raises:
        DecodeError: Rules 1, 2 and 4.
        KeyMaterialError: Rule 3, and keys that cannot be used.
    """
    members = {"kind", "version", "control", "next", "document", "proof"}
    refuse_unknown(operation, members if embedded else members | {"network", "sponsor"})
    control = get_object(operation, "control")
    refuse_unknown(control, {"threshold", "keys"})
    control_keys = _keys(get_texts(control, "keys"))
    next_keys = parse_next(get_object(operation, "next"))
    profile = parse_profile(get_object(operation, "document"))
    refuse_shared_keys(control_keys, next_keys, [method.key for method in profile.methods])
    return CreateOperation(
        did=did_of(operation),
        control=control_keys,
        control_threshold=_threshold(control, of=len(control_keys)),
        next_keys=next_keys,
        profile=profile,
        sponsor=None if embedded else get_text(operation, "sponsor"),
    )


def parse_update(operation: JsonObject) -> UpdateOperation:
    """Read a `did.update` by its rules 1 to 3.

    Raises:
        DecodeError: Rules 1 and 2.
        KeyMaterialError: Rule 3, and keys that cannot be used.
    """
    members = {"kind", "version", "network", "did", "prev", "control", "proof"}
    control = get_object(operation, "control")
    refuse_unknown(control, {"keys"})
    revealed = _keys(get_texts(control, "keys"))
    prev = get_text(operation, "prev")
    parse_hash_text(prev)
    next_keys = profile = None
    if "deactivated" in operation:
        refuse_unknown(operation, members | {"deactivated"})
        if operation["deactivated"] is not True:
            raise DecodeError("deactivated: true, or not there")
    else:
        refuse_unknown(operation, members | {"next", "document"})
        next_keys = parse_next(get_object(operation, "next"))
        profile = parse_profile(get_object(operation, "document"))
        refuse_shared_keys(revealed, next_keys, [method.key for method in profile.methods])
    return UpdateOperation(
        did=get_text(operation, "did"), prev=prev, revealed=revealed, next_keys=next_keys, profile=profile
    )


def has_control(operation: CreateOperation, signers: Collection[PublicKey]) -> bool:
    """Whether enough of the control keys are among the keys whose proofs have verified (rule 5)."""
    return sum(key in signers for key in operation.control) >= operation.control_threshold


def is_committed(update: UpdateOperation, next_keys: NextKeys) -> bool:
    """Whether the operation before committed to every key that this one reveals.

    Distinct keys have distinct commitments, so no commitment is met twice.
    """
    return {commitment(key) for key in update.revealed} <= set(next_keys.hashes)


def refuse_shared_keys(
    control: Collection[PublicKey], next_keys: NextKeys, method_keys: Collection[PublicKey]
) -> None:
    """Refuse a key in two roles: it would let the thief of one act as the other.

    Raises:
        KeyMaterialError: A method's key is a control key, or a commitment is to a key that is known.
    """
    if set(method_keys) & set(control):
        raise KeyMaterialError("document.methods: a key has two roles")
    if {commitment(key) for key in (*control, *method_keys)} & set(next_keys.hashes):
        raise KeyMaterialError("next.hashes: a committed key is in use already")


def parse_profile(document: JsonObject) -> Profile:
    """Read what an operation says of the organisation.

    Raises:
        DecodeError, KeyMaterialError: The form, and keys that cannot be used or stand twice.
    """
    refuse_unknown(document, {"name", "methods", "statement_threshold", "services"})
    methods = tuple(_method(item) for item in get_list(document, "methods"))
    if not 1 <= len(methods) <= MAX_KEYS:
        raise DecodeError("document.methods: 1 to 16 methods are needed")
    if len({method.key for method in methods}) != len(methods):
        raise KeyMaterialError("document.methods: a key has two roles")
    statement_keys = sum(method.purpose is Purpose.STATEMENT for method in methods)
    services = _services(get_list(document, "services"))
    return Profile(
        name=parse_name(get_object(document, "name")),
        methods=methods,
        statement_threshold=_statement_threshold(document, of=statement_keys),
        status_bases=tuple(endpoint for kind, endpoint in services if kind == STATUS_SERVICE),
        sites=tuple(endpoint for kind, endpoint in services if kind == SITE_SERVICE),
    )


def parse_next(value: JsonObject) -> NextKeys:
    """Read the commitment to the next control keys."""
    refuse_unknown(value, {"threshold", "hashes"})
    hashes = get_texts(value, "hashes")
    if not 1 <= len(hashes) <= MAX_KEYS or len(set(hashes)) != len(hashes):
        raise DecodeError("next.hashes: 1 to 16 distinct commitments are needed")
    for text in hashes:
        parse_hash_text(text)
    return NextKeys(threshold=_threshold(value, of=len(hashes)), hashes=tuple(hashes))


def parse_name(value: JsonObject) -> JsonObject:
    """Read a name by language. It is shown, never decided upon."""
    refuse_unknown(value, LANGUAGES)
    if not value:
        raise DecodeError("name: at least one language is needed")
    for language in value:
        if not 1 <= len(get_text(value, language)) <= MAX_NAME_CHARACTERS:
            raise DecodeError(f"name.{language}: 1 to {MAX_NAME_CHARACTERS} characters")
    return value


def _keys(texts: Sequence[str]) -> tuple[PublicKey, ...]:
    if not 1 <= len(texts) <= MAX_KEYS:
        raise DecodeError("control.keys: 1 to 16 keys are needed")
    keys = tuple(PublicKey.from_multikey(text) for text in texts)
    if len(set(keys)) != len(keys):
        raise DecodeError("control.keys: a key stands twice")
    return keys


def _method(value: JsonValue) -> Method:
    if not isinstance(value, dict):
        raise DecodeError("document.methods: an object is needed")
    refuse_unknown(value, {"key", "purposes"})
    purposes = get_texts(value, "purposes")
    try:
        (purpose,) = (Purpose(text) for text in purposes)
    except ValueError as error:
        raise DecodeError("document.methods: exactly one known purpose is needed") from error
    return Method(key=PublicKey.from_multikey(get_text(value, "key")), purpose=purpose)


def _threshold(value: JsonObject, *, of: int) -> int:
    threshold = get_int(value, "threshold")
    if not 1 <= threshold <= of:
        raise DecodeError("threshold: not between 1 and the number of keys")
    return threshold


def _statement_threshold(document: JsonObject, *, of: int) -> int:
    threshold = get_int(document, "statement_threshold")
    # An organisation without statement keys (a pure issuer) has nothing to reach: 1, never 0.
    if not 1 <= threshold <= max(of, 1):
        raise DecodeError("statement_threshold: not between 1 and the number of statement keys")
    return threshold


def _services(items: Sequence[JsonValue]) -> list[tuple[str, str]]:
    if len(items) > MAX_SERVICES:
        raise DecodeError("document.services: too many")
    found: list[tuple[str, str]] = []
    for item in items:
        if not isinstance(item, dict):
            raise DecodeError("document.services: an object is needed")
        refuse_unknown(item, {"type", "endpoint"})
        kind, endpoint = get_text(item, "type"), get_text(item, "endpoint")
        if kind not in (STATUS_SERVICE, SITE_SERVICE):
            raise DecodeError("document.services: the type is not known")
        if not endpoint.startswith("https://") or len(endpoint) > MAX_URI_CHARACTERS:
            raise DecodeError("document.services: an https endpoint is needed")
        found.append((kind, endpoint))
    if len({endpoint for _, endpoint in found}) != len(found):
        raise DecodeError("document.services: an endpoint stands twice")
    return found

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A ledger held in a few dicts, and credentials issued and presented over it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.draft import CredentialDraft
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import TypeDefinition, parse_type_definition, shipped_type
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.present import open_credential, present
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner

NETWORK_ID = "greater-bay"
ISSUER = "did:vcred:2drjgzGXyjGrEZzBQhBJMjgMK9mPYfJqnVwFDjzqT4Zs"
VERIFIER = "did:vcred:8oRwqLJTi6dWMnKvWzhzUJ2Y5Ee5bT7Gx1F3Lq9SmABC"
KEY_ID = f"{ISSUER}#jWtZ3cWvGdVHqYtFzUXkE7Wn9J2MBbLk3b1c8Gk4r0A"
OLD_KEY_ID = f"{ISSUER}#O0tFz3cWvGdVHqYtFzUXkE7Wn9J2MBbLk3b1c8Gk4r0"
BASES = ("https://status.example/health/", "https://status.example/health/1")
DEFAULT_STATUS = StatusReference(uri=BASES[0] + "0", index=104_729)
ISSUED_AT = 1_795_100_280
SHOWN_AT = ISSUED_AT + 86_400


@dataclass(kw_only=True)
class Ledger:
    """The `References` of the tests: what stands at which index."""

    network_id: str = NETWORK_ID
    size: int = 300
    dids: dict[int, str] = field(default_factory=lambda: {41: ISSUER, 57: VERIFIER})
    keys: dict[str, list[tuple[str, Algorithm]]] = field(
        default_factory=lambda: {ISSUER: [(OLD_KEY_ID, EDDSA), (KEY_ID, ES256)]}
    )
    types: dict[int, str] = field(default_factory=dict)
    definitions: dict[str, TypeDefinition] = field(default_factory=dict)
    bases: dict[str, tuple[str, ...]] = field(default_factory=lambda: {ISSUER: BASES})

    @cached_property
    def network(self) -> bytes:
        return hashlib.sha256(self.network_id.encode()).digest()[:8]

    @cached_property
    def _did_indices(self) -> dict[str, int]:
        return {did: index for index, did in self.dids.items()}

    def did_index(self, did: str) -> int | None:
        return self._did_indices.get(did)

    def did_at(self, index: int) -> str | None:
        return self.dids.get(index)

    def key_ordinal(self, did: str, key_id: str) -> int | None:
        names = [name for name, _ in self.keys.get(did, [])]
        return names.index(key_id) if key_id in names else None

    def key_at(self, did: str, ordinal: int) -> tuple[str, Algorithm] | None:
        keys = self.keys.get(did, [])
        return keys[ordinal] if ordinal < len(keys) else None

    def type_index(self, vct: str) -> int | None:
        return next((index for index, known in self.types.items() if known == vct), None)

    def type_at(self, index: int) -> str | None:
        return self.types.get(index)

    def type_definition(self, vct: str) -> TypeDefinition | None:
        return self.definitions.get(vct)

    def status_bases(self, did: str) -> Sequence[str]:
        return self.bases.get(did, ())

    def publish(self, definition: TypeDefinition) -> str:
        """Put a type on the ledger, and return its vct."""
        vct = f"{ISSUER}/types/{definition.name}/{definition.version}"
        self.types[60 + len(self.types)] = vct
        self.definitions[vct] = definition
        return vct


HEALTH_CLAIMS: JsonObject = {
    "colour": "green",
    "valid_until": "2026-11-23T02:58:00+08:00",
    "match": {"name": "陳大文", "id_type": "mainland_id", "last_four": "3453"},
    "identity": {
        "name": "陳大文",
        "name_latin": "Chan Tai Man",
        "region": "CN-44",
        "id_type": "mainland_id",
        "id_number": "440305198704063453",
        "birth_date": "1987-04-06",
    },
    "test": {
        "method": "NAAT",
        "result": "negative",
        "collected": "2026-11-20T02:58:00+08:00",
        "lab": "MO-CHCSJ",
    },
    "vaccination": {"doses": 3, "last": "2026-04-30"},
}

CERTIFICATE_CLAIMS: JsonObject = {
    "title": "Registered Quantity Surveyor",
    "title_zh": "註冊工料測量師",
    "level": 2,
    "expires": "2028-12-31",
    "match": {"name": "陳大文", "id_type": "mainland_id", "last_four": "3453"},
    "award": {"certificate_no": "GD-2026-000123", "awarded": "2026-06-30", "exam_centre": "Guangzhou"},
    "modules": [
        {"title": "Law", "mark": 71},
        {"title": "Measurement", "mark": 88},
        {"title": "Cost", "mark": 64},
    ],
    "standing": {"cpd_hours": 40, "employer": "Lei & Filhos"},
}


@dataclass(kw_only=True)
class Sample:
    """One credential with its keys and ledger."""

    ledger: Ledger
    credential: str
    issuer: Signer
    holder: Signer

    def show(
        self,
        *paths: str,
        audience: str | None = None,
        nonce: str = encode_base64url(bytes(range(16))),
        issued_at: int = SHOWN_AT,
    ) -> str:
        """Present some claims; live unless an audience is given."""
        return present(
            open_credential(self.credential),
            paths,
            signer=self.holder,
            audience=audience or f"{self.ledger.network_id}#live",
            nonce=nonce,
            issued_at=issued_at,
        )


def counter_bytes(start: int = 0) -> Callable[[int], bytes]:
    """Make a source of bytes that never repeats and is the same in every run."""
    state = [start]

    def draw(size: int) -> bytes:
        state[0] += 1
        return hashlib.shake_128(f"salt {state[0]}".encode()).digest(size)

    return draw


def make_sample(
    definition: TypeDefinition | None = None,
    claims: JsonObject | None = None,
    *,
    algorithm: Algorithm = ES256,
    status: StatusReference | None = DEFAULT_STATUS,
    not_before: int | None = None,
    random_bytes: Callable[[int], bytes] | None = None,
    paper: bool = False,
    issuer: Signer | None = None,
    holder: Signer | None = None,
) -> Sample:
    """Issue a credential over a new ledger; a health code unless told otherwise."""
    definition = definition or shipped_type("health-code")
    claims = HEALTH_CLAIMS if claims is None else claims
    ledger = Ledger()
    vct = ledger.publish(definition)
    issuer, holder = issuer or SoftwareSigner.generate(ES256), holder or SoftwareSigner.generate(algorithm)
    draft = CredentialDraft(
        type_definition=definition,
        vct=vct,
        issuer=ISSUER,
        key_id=KEY_ID,
        claims=claims,
        holder_key=None if paper else holder.public_key,
        issued_at=ISSUED_AT,
        not_before=not_before,
        expires_at=definition.expires_at(claims),
        status=status,
    )
    credential = issue_credential(draft, issuer, random_bytes=random_bytes or counter_bytes())
    return Sample(ledger=ledger, credential=credential, issuer=issuer, holder=holder)


_WORDS: JsonObject = dict.fromkeys(("en", "zh-Hans", "zh-Hant", "pt"), "words")


def make_type(
    properties: JsonObject, groups: dict[str, str], *, expiry: str | None = None, utc_offset: str = "+08:00"
) -> TypeDefinition:
    """Make a type of some properties; those that are no group are always shown."""
    shown = [name for name in properties if name not in groups]
    document: JsonObject = {
        "name": "sample",
        "version": 1,
        "labels": _WORDS,
        "utc_offset": utc_offset,
        "expiry_claim": expiry,
        "paper": True,
        "possession_required": False,
        "always_shown": [*shown],
        "groups": [{"name": name, "disclosure": how, "labels": _WORDS} for name, how in groups.items()],
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": False,
            "required": [*shown],
            "properties": properties,
        },
        "claims": {path: {"labels": _WORDS, **_values(node)} for path, node in _leaves(properties)},
        "rules": [],
        "roster": {"row_id": "row_id", "holder": "holder", "columns": []},
    }
    return parse_type_definition(encode_jcs(document))


def _leaves(properties: JsonObject, prefix: str = "") -> Iterator[tuple[str, JsonObject]]:
    for name, node in properties.items():
        yield from _leaves_of(node, prefix + name)


def _leaves_of(node: JsonValue, path: str) -> Iterator[tuple[str, JsonObject]]:
    assert isinstance(node, dict)
    if isinstance(inner := node.get("properties"), dict):
        yield from _leaves(inner, path + ".")
    elif "items" in node:
        yield from _leaves_of(node["items"], path + ".*")
    else:
        yield path, node


def _values(node: JsonObject) -> JsonObject:
    choices = node.get("enum", [])
    assert isinstance(choices, list)
    return {"values": {str(choice): _WORDS for choice in choices}} if choices else {}


def all_selections(names: Iterable[str]) -> list[tuple[str, ...]]:
    """List every subset of some names."""
    selections: list[tuple[str, ...]] = [()]
    for name in names:
        selections += [(*selection, name) for selection in selections]
    return selections

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the servers answer, for programs that read OpenAPI 3.1. A test holds it against the routes."""

from typing import Any, Final

_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"

_SIZE: Final = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_TEXT_SCHEMA: Final = {"type": "string"}
_BASE64: Final = {"type": "array", "items": {"type": "string", "contentEncoding": "base64"}}
_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": _TEXT_SCHEMA,
        "title": _TEXT_SCHEMA,
        "status": {"type": "integer"},
        "reason": _TEXT_SCHEMA,
        "detail": _TEXT_SCHEMA,
    },
}
_APPENDED: Final = {
    "type": "object",
    "required": ["index", "logged_at", "new"],
    "properties": {"index": _SIZE, "logged_at": _SIZE, "new": {"type": "boolean"}},
}
_ENTRIES: Final = {
    "type": "object",
    "required": ["start", "leaves"],
    "properties": {"start": _SIZE, "leaves": _BASE64},
}
_HASHES: Final = {"type": "object", "required": ["hashes"], "properties": {"hashes": _BASE64}}


def _answer(description: str, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _problems(**words: str) -> dict[str, Any]:
    """Answers with problem details: `_404="..."` is one of the status 404."""
    return {name[1:]: _answer(text, _PROBLEM, _PROBLEM_SCHEMA) for name, text in words.items()}


def _parameter(name: str, *, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _get(
    summary: str,
    good: dict[str, Any],
    *,
    sizes: tuple[str, ...] = (),
    texts: tuple[str, ...] = (),
    path: tuple[str, ...] = (),
    **problems: str,
) -> dict[str, Any]:
    """Describe a GET: `sizes` are required numbers of its query, `texts` optional texts."""
    parameters = [
        *(_parameter(name, where="query", schema=_SIZE) | {"required": True} for name in sizes),
        *(_parameter(name, where="query", schema=_TEXT_SCHEMA) for name in texts),
        *(_parameter(name, where="path", schema=_TEXT_SCHEMA) for name in path),
    ]
    responses = {"200": good, **_problems(_400="The query is not as it should be", **problems)}
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}


def _post(summary: str, body: str, schema: dict[str, Any], responses: dict[str, Any]) -> dict[str, Any]:
    content = {body: {"schema": schema}}
    refusals = _problems(
        _408="The body did not come in time", _413="The body is too large", _415="The body is of another type"
    )
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": content},
            "responses": responses | refusals,
        }
    }


def _api(title: str, paths: dict[str, Any]) -> dict[str, Any]:
    description = _get("This description", _answer("OpenAPI 3.1", _JSON, {"type": "object"}))
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths | {"/openapi.json": description},
    }


_RESOLUTION: Final = _get(
    "Resolve a DID on the published tree",
    _answer("A DID resolution result", "application/did-resolution", {"type": "object"}),
    texts=("versionId", "versionTime"),
    path=("did",),
)
_RESOLUTION["get"]["responses"] |= {
    status: _answer(words, "application/did-resolution", {"type": "object"})
    for status, words in (
        ("404", "No such DID, or no such version"),
        ("410", "The DID was deactivated"),
        ("501", "A method that is not known here"),
    )
}

LEDGER_API: Final = _api(
    "A vcred ledger",
    {
        "/operations": _post(
            "Append a signed operation, if the rules allow it",
            _JSON,
            {"type": "object"},
            {
                "200": _answer("It was on the ledger already", _JSON, _APPENDED),
                "201": _answer("Appended; it counts once it is published", _JSON, _APPENDED),
                **_problems(
                    _400="The body is not a JSON object",
                    _422="The rules refuse it; the reason says why",
                    _503="The store is busy",
                ),
            },
        ),
        "/checkpoint": _get(
            "The newest published checkpoint",
            _answer("A signed note with its cosignatures", _TEXT, _TEXT_SCHEMA),
            _404="Nothing is published yet",
        ),
        "/entries": _get(
            "Entries from start, up to end; fewer where there are no more, or they are large",
            _answer("Leaves in order", _JSON, _ENTRIES),
            sizes=("start", "end"),
        ),
        "/proofs/inclusion": _get(
            "From an entry to the root of a published tree",
            _answer("Sibling hashes, from the leaf upward", _JSON, _HASHES),
            sizes=("index", "size"),
            _404="Not published",
        ),
        "/proofs/consistency": _get(
            "From one published tree to a larger one",
            _answer("Hashes", _JSON, _HASHES),
            sizes=("old_size", "new_size"),
            _404="Not published",
        ),
        "/tile/{path}": _get(
            "A tile of hashes, or under entries/ a bundle of entries",
            _answer("Hashes, 32 bytes each, or entries behind their lengths", _BYTES, _TEXT_SCHEMA),
            path=("path",),
            _404="The published tree has no such tile",
        ),
        "/1.0/identifiers/{did}": _RESOLUTION,
    },
)

WITNESS_API: Final = _api(
    "A vcred witness",
    {
        "/add-checkpoint": _post(
            "Have a checkpoint cosigned that extends the last one",
            _TEXT,
            _TEXT_SCHEMA,
            {
                "200": _answer("Signature lines", _TEXT, _TEXT_SCHEMA),
                "409": _answer("The size that was cosigned last", "text/x.tlog.size", _TEXT_SCHEMA),
                **_problems(
                    _400="The request is malformed",
                    _403="The log has not signed, or this witness cosigns no more",
                    _404="The checkpoint is of another log",
                    _422="The consistency proof does not verify",
                    _503="Not now",
                ),
            },
        )
    },
)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The vectors as they are gathered: positives, and negatives that differ from one of them in one thing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.world import START
from tools.verifier_vectors.editable import Change, Editable
from tools.verifier_vectors.scene import Scene

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.request import PresentationRequest
from vcred.keys.signer import Signer
from vcred.qr.frame import PREFIX

SOURCE = "vcred tools/make_vectors.py, test keys from public seeds"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A bundle, and when the gate imported it."""

    bundle: str
    at: datetime = START


BASIC = (Held(bundle="basic"),)


def held(name: str, at: datetime = START) -> tuple[Held, ...]:
    """That bundle and no other."""
    return (Held(bundle=name, at=at),)


@dataclass(frozen=True, kw_only=True)
class Vector:
    """One scenario. `policy` holds members of policy.toml that differ from the default policy."""

    id: str
    comment: str
    spec: str
    covers: tuple[str, ...]
    expect: str
    presentation: str
    reasons: tuple[str, ...] = ()
    mutation_of: str | None = None
    now: datetime = START
    bundles: tuple[Held, ...] = BASIC
    request: PresentationRequest | None = None
    policy: JsonObject = field(default_factory=dict)
    claims: JsonObject | None = None

    def question(self) -> tuple[object, ...]:
        """What is asked: the parts of which a mutation may change one."""
        return (self.presentation, self.now, self.bundles, self.request, self.policy)


@dataclass
class Book:
    """All vectors so far, in order."""

    scene: Scene
    vectors: dict[str, Vector] = field(default_factory=dict)
    signers: dict[str, tuple[Signer, Signer]] = field(default_factory=dict)

    def accept(
        self, vector_id: str, comment: str, *, spec: str, covers: str, presentation: str, **more: object
    ) -> Vector:
        """A positive."""
        return self._add(
            Vector(
                id=f"valid/{vector_id}",
                comment=comment,
                spec=spec,
                covers=tuple(covers.split()),
                expect="accepted",
                presentation=presentation,
                **more,  # type: ignore[arg-type]
            )
        )

    def accept_too(self, of: str, vector_id: str, comment: str, **more: object) -> Vector:
        """A positive on the safe side of a boundary: one mutation of another, and still accepted."""
        return self._vary(of, f"valid/{vector_id}", comment, "accepted", (), **more)

    def refuse(self, of: str, vector_id: str, comment: str, reasons: str, **more: object) -> Vector:
        """A negative: rejected."""
        return self._vary(of, f"invalid/{vector_id}", comment, "rejected", tuple(reasons.split()), **more)

    def leave_open(self, of: str, vector_id: str, comment: str, reasons: str, **more: object) -> Vector:
        """A negative: indeterminate."""
        return self._vary(
            of, f"invalid/{vector_id}", comment, "indeterminate", tuple(reasons.split()), **more
        )

    def refuse_import(self, of: str, vector_id: str, comment: str, reason: str, **more: object) -> Vector:
        """A negative: the last bundle is not imported; what was held before stays."""
        return self._vary(of, f"invalid/{vector_id}", comment, "import_refused", (reason,), **more)

    def editable(self, vector_id: str) -> Editable:
        """A positive, taken apart."""
        issuer, holder = self.signers[vector_id]
        return Editable.open(self.vectors[vector_id].presentation, issuer=issuer, holder=holder)

    def _vary(
        self,
        of: str,
        vector_id: str,
        comment: str,
        expect: str,
        reasons: tuple[str, ...],
        *,
        change: Change | None = None,
        after: Callable[[str], str] | None = None,
        spec: str,
        covers: str,
        **more: object,
    ) -> Vector:
        """Change one thing of a positive; `change` before all is signed again, `after` when it is."""
        base = self.vectors[f"valid/{of}"]
        presentation = base.presentation
        if change is not None:
            parts = self.editable(base.id)
            change(parts)
            presentation = parts.text()
        if after is not None:
            presentation = after(presentation)
        made = replace(
            base,
            id=vector_id,
            comment=comment,
            spec=spec,
            covers=tuple(covers.split()),
            expect=expect,
            reasons=reasons,
            mutation_of=base.id,
            claims=None,
            **({"presentation": presentation} | more),  # type: ignore[arg-type]
        )
        changed = sum(a != b for a, b in zip(base.question(), made.question(), strict=True))
        if changed != 1:
            raise ValueError(f"{vector_id}: {changed} parts changed, a mutation changes one")
        return self._add(made)

    def _add(self, vector: Vector) -> Vector:
        if vector.id in self.vectors:
            raise ValueError(f"{vector.id} stands twice")
        self.vectors[vector.id] = vector
        return vector


def to_json(vector: Vector) -> JsonObject:
    """The vector as its file has it."""
    made: dict[str, JsonValue] = {
        "id": f"verifier/{vector.id}",
        "comment": vector.comment,
        "spec": vector.spec,
        "covers": list(vector.covers),
        "source": SOURCE,
    }
    if vector.mutation_of is not None:
        made["mutation_of"] = f"verifier/{vector.mutation_of}"
    made |= {
        "now": _time(vector.now),
        "bundles": [
            {"file": f"bundles/{h.bundle}.bundle", "imported_at": _time(h.at)} for h in vector.bundles
        ],
        "policy": {"jurisdiction": "MO", **vector.policy},
        "request": None if vector.request is None else _request(vector.request),
        "form": "code" if vector.presentation.startswith(PREFIX) else "text",
        "presentation": vector.presentation,
        "expect": vector.expect,
    }
    if vector.reasons:
        made |= {"reason": vector.reasons[0], "reasons": list(vector.reasons)}
    if vector.claims is not None:
        made["claims"] = vector.claims
    return made


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _request(request: PresentationRequest) -> JsonObject:
    return {
        "audience": request.audience,
        "nonce": request.nonce,
        "type": request.type,
        "claims": list(request.claims),
        "purpose": request.purpose,
        "issued_at": request.issued_at,
        "expires_at": request.expires_at,
    }

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read all of what a worker answers of a row: do its work once more, and open what it has signed.

It costs more than to sign the row here, so it is done of some rows (`AnswerCheck`).

Spec: RFC 9901 sections 4 and 4.1; threats ISS-15, ISS-17.
"""

from typing import Final

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import RefusedError
from vcred.formats.sd_jwt_vc.names import NEVER_DISCLOSED
from vcred.issuer.chunk import RosterTerms, RowOutcome, RowTask, unsigned_outcomes
from vcred.issuer.journal import claims_hash
from vcred.issuer.row_signer import RowDone
from vcred.keys.public import PublicKey
from vcred.securing.jws import parse_jws, verify_jws
from vcred.securing.sd_jwt.combined import split_sd_jwt
from vcred.securing.sd_jwt.disclosure import parse_disclosure
from vcred.securing.sd_jwt.process import process

SAYS_OTHER: Final = "a text that says something else: issuer, type, time, key or status"
_OTHERWISE: Final = "another outcome than the row has here"


class AnswerReader:
    """Knows what all rows of one roster have in common."""

    def __init__(self, terms: RosterTerms, definition: TypeDefinition) -> None:
        """Take both; `definition` is the type of `terms`."""
        self._terms = terms
        self._definition = definition

    def fault(self, row: RowTask, outcome: RowOutcome) -> str | None:
        """Return what is wrong with an answer of one row, or None.

        Args:
            outcome: With as many texts as `row` has copies.

        Raises:
            VcredError, TypeError, KeyError, ValueError: It is not of the form that an answer has.
        """
        (again,) = unsigned_outcomes(self._terms, (row,))
        if not isinstance(outcome, RowDone):
            return None if outcome == again else _OTHERWISE
        if outcome._replace(texts=()) != again:
            return _OTHERWISE
        if self._terms.sealed:
            return None
        for text, copy, status in zip(outcome.texts, row.copies, row.statuses, strict=True):
            fault = self._fault_of_text(text, outcome.holders[copy], status, outcome.claims_hash)
            if fault is not None:
                return fault
        return None

    def _fault_of_text(
        self, text: str, holder: str, status: tuple[str, int], claims_sha256: bytes
    ) -> str | None:
        sd_jwt = split_sd_jwt(text)
        jws = parse_jws(sd_jwt.issuer_jwt)
        verify_jws(jws, self._terms.issuer.key)
        payload = decode_json_object(jws.payload)
        try:
            opened = process(payload, [parse_disclosure(one) for one in sd_jwt.disclosures]).claims
        except RefusedError:
            return "disclosures that do not belong to it"
        registered = {name: value for name, value in payload.items() if name in NEVER_DISCLOSED}
        claims = {name: value for name, value in opened.items() if name not in registered}
        # The program that reads it would take one of these for the issuer's word on the whole.
        if not NEVER_DISCLOSED.isdisjoint(claims):
            return "a disclosure of what is never disclosed"
        if not _is_bound(registered.pop("cnf", None), holder):
            return SAYS_OTHER
        if registered != self._registered(status, claims):
            return SAYS_OTHER
        return None if claims_hash(claims) == claims_sha256 else "claims of another digest"

    def _registered(self, status: tuple[str, int], claims: JsonObject) -> JsonObject:
        """Return what a text says beside its claims and key: all of it, so that it is not good for longer."""
        terms, (uri, index) = self._terms, status
        said: JsonObject = {
            "iss": terms.issuer.did,
            "vct": terms.vct,
            "iat": terms.issued_at,
            "status": StatusReference(uri=uri, index=index).to_json(),
        }
        expires_at = self._definition.expires_at(claims)
        return said if expires_at is None else {**said, "exp": expires_at}


def _is_bound(cnf: JsonValue, holder: str) -> bool:
    """Tell whether a `cnf` is the key of this thumbprint, and nothing more; the empty one is paper."""
    if not isinstance(cnf, dict) or not isinstance(jwk := cnf.get("jwk"), dict):
        return cnf is None and not holder
    key = PublicKey.from_jwk(jwk)
    return cnf == {"jwk": key.to_jwk()} and key.thumbprint() == holder

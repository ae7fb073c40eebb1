# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue --claims`: one person's credential, into a file or to stdout."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from vcred.cli.exits import DONE
from vcred.cli.inputs import STREAM, read_input, read_object
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, KeyMaterialError, RefusedError, StoreError, UsageError
from vcred.issuer.applications import Application
from vcred.issuer.engines.runs.single_receipts import receipts_beside
from vcred.issuer.issuer import Issuer
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.possession import resolve_holder
from vcred.limits import MAX_JSON_BYTES

PAPER: Final = "none"
"""Instead of a holder's DID. Whether the type is issued on paper, its definition says."""


def issue_claims(issuer: Issuer, type_: str, given: dict[str, Any], *, now: datetime, as_json: bool) -> int:
    """Issue one person's credential, or its copies; return the exit code.

    Args:
        given: The options of `vcred issue`.
        now: For the warning that it has expired already.
    """
    if given["reissue"] and given["row_id"] is None:
        raise UsageError("--reissue needs --row-id: whose credential is issued anew")
    claims = read_object(given["claims"], max_bytes=MAX_JSON_BYTES)
    applications = _application(given)
    out = None if given["out"] == STREAM else Path(given["out"])
    issued = issuer.issue_one(
        type_,
        claims,
        applications,
        copies=given["copies"],
        row_id=given["row_id"],
        out=out,
        reissue=given["reissue"],
        sealed=given["sealed"],
    )
    row_id = issued[0].row_id
    expires_at = issuer.terms(type_).definition.expires_at(claims)
    is_expired = expires_at is not None and expires_at <= now.timestamp()
    if out is None:
        _write_to_stdout(issuer, issued, row_id)
    if as_json:
        credentials: JsonObject = {
            "credentials": [{"credential_id": item.credential_id} for item in issued],
            "row_id": row_id,
            "expired": is_expired,
            "out": str(out),
            "receipts": None if out is None else str(receipts_beside(out)),
        }
        print_json(credentials)
        return DONE
    for item in issued:
        say(f"issued {item.credential_id}")
    if is_expired:
        say("warning: the credential has expired already")
    return DONE


def _write_to_stdout(issuer: Issuer, issued: tuple[OutboxItem, ...], row_id: str) -> None:
    """Print the credentials, one a line; they count as delivered once they are out.

    Raises:
        StoreError: Nobody reads. The journal keeps them for the next run.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write("".join(f"{item.text}\n" for item in issued).encode("ascii"))
        sys.stdout.buffer.flush()
    except OSError as error:
        raise StoreError(
            "stdout was closed before the credential was out",
            hint=f"run the command again with --row-id {row_id}: it is issued once",
        ) from error
    issuer.mark_delivered(issued)


def _application(given: dict[str, Any]) -> tuple[Application, ...]:
    holders, proof, nonce = given["holder"], given["proof"], given["nonce"]
    if holders and proof is not None:
        raise UsageError("--holder and --proof exclude each other")
    if proof is None:
        return _named(holders, copies=given["copies"])
    if nonce is None:
        raise UsageError("--proof needs --nonce, the enrolment code that it answers")
    text = read_input(proof, max_bytes=MAX_JSON_BYTES).decode("utf-8", "replace").strip()
    return (Application(proof=text, nonce=nonce),)


def _named(holders: tuple[str, ...], *, copies: int) -> tuple[Application, ...]:
    if holders == (PAPER,):
        return ()
    if holders and len(holders) != copies:
        raise UsageError(
            f"{counted(len(holders), 'holder')} for --copies {copies}",
            hint="give --holder once for each copy, each time with a new key of the wallet",
        )
    for holder in holders:
        try:
            resolve_holder(holder)
        except (DecodeError, RefusedError, KeyMaterialError) as error:
            raise UsageError(
                "--holder: not a did:key or did:jwk of a usable key",
                hint='the holder makes one with "vcred wallet apply"',
            ) from error
    return tuple(Application(did=holder) for holder in holders)

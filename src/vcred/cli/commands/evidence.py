# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred evidence`: the history of a certificate, which its holder can prove and nobody else can read."""

from typing import Any

import click

from vcred.cli.command import clock_of, command, home_option, json_option
from vcred.cli.exits import DONE, INDETERMINATE, REJECTED
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import any_home, open_trust
from vcred.cli.inputs import read_input
from vcred.cli.names import organisation_name
from vcred.cli.output import complain, print_json, print_line, say
from vcred.cli.times import time_text
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, InclusionError, RefusedError
from vcred.ledger.evidence.proof import (
    MAX_PROOF_BYTES,
    VerifiedEvidence,
    parse_proof,
    verify_credential,
    verify_evidence,
)
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.reasons import Reason
from vcred.securing.sd_jwt.combined import split_sd_jwt
from vcred.trust.belief import Belief

# What a newer bundle, or a newer vcred, may yet decide.
_NOT_KNOWN_YET = frozenset({Reason.REFERENCE_UNKNOWN, Reason.VERSION_UNSUPPORTED})


@command(
    "check",
    example="vcred evidence check issued.json --home gate-mo\n"
    "vcred evidence check issued.json --credential certificate.sdjwt --home gate-mo --json",
)
@click.argument("proof", metavar="FILE")
@click.option(
    "--credential",
    metavar="FILE",
    help="Prove too that the event is about this credential, or a presentation of it.",
)
@json_option
def check(context: click.Context, *, proof: str, credential: str | None, as_json: bool) -> int:
    """Decide, offline, whether an event of a certificate was recorded, by whom and when

    FILE is what "vcred evidence prove" wrote; "-" is stdin. Exit code 0 is recorded, 1 rejected,
    3 indeterminate: the trust bundle held here does not reach the entry yet. It proves what was,
    not what is: whether a credential holds now, "vcred verify" says.
    """
    home = any_home(context)
    data = read_input(proof, max_bytes=MAX_PROOF_BYTES)
    named = None if credential is None else read_issuer_jwt(credential)
    with open_trust(home, clock_of(context)) as store:
        belief = store.belief()
    try:
        evidence = verify_evidence(parse_proof(data), belief.state)
        if named is not None:
            verify_credential(evidence, named)
    except (DecodeError, RefusedError, InclusionError) as error:
        return _tell_refusal(error, belief, as_json=as_json)
    if as_json:
        print_json(_json(belief, decision="accepted", reason=None, evidence=evidence))
    else:
        _tell(evidence, belief)
    return DONE


def read_issuer_jwt(name: str) -> str:
    """Read the part of a credential that its issuer signed, from a file or stdin.

    Raises:
        StoreError: The file is not there or cannot be read.
        DecodeError: It is not an SD-JWT.
    """
    data = read_input(name, max_bytes=MAX_PRESENTATION_BYTES)
    # Whatever is not ASCII is refused there, with words.
    return split_sd_jwt(data.strip().decode("latin-1")).issuer_jwt


def _tell_refusal(
    error: DecodeError | RefusedError | InclusionError, belief: Belief, *, as_json: bool
) -> int:
    code = str(error.reason) if isinstance(error, RefusedError) else error.code
    unknown = isinstance(error, RefusedError) and error.reason in _NOT_KNOWN_YET
    decision = "indeterminate" if unknown else "rejected"
    if as_json:
        print_json(_json(belief, decision=decision, reason=code, evidence=None))
    complain(str(error), error.hint)
    say(f"{decision} ({code})")
    return INDETERMINATE if unknown else REJECTED


def _json(
    belief: Belief, *, decision: str, reason: str | None, evidence: VerifiedEvidence | None
) -> JsonObject:
    shown: dict[str, Any] = {
        "decision": decision,
        "reason": reason,
        "evidence": {
            "size": belief.size,
            "root": belief.root.hex(),
            "trust_as_of": time_text(belief.trust_as_of),
        },
    }
    event = None if evidence is None else evidence.event
    return shown | {
        "certificate": event and event.certificate,
        "event": event and str(event.kind),
        "at": event and time_text(event.at),
        "note": event and event.note,
        "credential": event and event.credential,
        "author": evidence and evidence.author,
        "recorded_at": evidence and time_text(evidence.recorded_at),
        "entry": evidence and evidence.entry,
    }


def _tell(evidence: VerifiedEvidence, belief: Belief) -> None:
    event = evidence.event
    name = organisation_name(belief.state, evidence.author)
    print_line(f"{event.kind:<12} {event.certificate}")
    print_line(f"at           {time_text(event.at)}")
    print_line(f"by           {name}  {evidence.author}")
    print_line(f"recorded at  {time_text(evidence.recorded_at)}  {evidence.entry}")
    if event.credential is not None:
        print_line(f"credential   {event.credential}")
    if event.note is not None:
        print_line(f"note         {event.note}")
    print_line(f"as of        {time_text(belief.trust_as_of)}, size {belief.size}")


group = LazyGroup(
    "evidence",
    help="Keep certificate histories that their holders alone can prove",
    params=[home_option()],
    table={
        "add": Deferred("evidence_add", "add", "Add events of certificates, to be recorded"),
        "record": Deferred(
            "evidence_record", "record", "Record what was added: one root on the ledger, and nothing else"
        ),
        "prove": Deferred("evidence_prove", "prove", "Write the proofs of a certificate's events"),
        "check": Deferred(
            "evidence",
            "check",
            "Decide, offline, whether an event of a certificate was recorded, by whom and when",
        ),
        "forget": Deferred("evidence_forget", "forget", "Forget the history of a certificate"),
    },
)

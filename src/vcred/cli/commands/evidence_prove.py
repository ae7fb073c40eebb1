# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred evidence prove`: what a holder is given, one file for each event."""

from hashlib import sha256
from pathlib import Path

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.exits import DONE, INDETERMINATE
from vcred.cli.homes import home_of
from vcred.cli.known_ledger import ledger_option, required_state
from vcred.cli.names import counted
from vcred.cli.output import print_json, print_line, say, write_data
from vcred.cli.times import time_text
from vcred.errors import UsageError
from vcred.files import read_capped
from vcred.home import Role
from vcred.issuer.evidence_book import EvidenceBook, History
from vcred.ledger.evidence.leaf import EventKind
from vcred.ledger.evidence.proof import MAX_PROOF_BYTES, EvidenceProof, encode_proof

_NAME_BYTES = 6


@command(
    "prove",
    example="vcred evidence prove FT-2026-17 --event issued --out issued.json --home issuer-fintech\n"
    "vcred evidence prove FT-2026-17 --out proofs/ --home issuer-fintech --ledger ledger",
)
@click.argument("certificate")
@click.option(
    "--event", "kind", type=click.Choice([str(kind) for kind in EventKind]), help="Only events of this kind."
)
@click.option(
    "--out",
    required=True,
    metavar="FILE|DIR",
    help='Where to write: a file for one event, "-" is stdout; a folder for all of them.',
)
@ledger_option
@json_option
def prove(
    context: click.Context, *, certificate: str, kind: str | None, out: str, ledger: str | None, as_json: bool
) -> int:
    """Write the proofs of a certificate's events

    One file for each event that is on the ledger, for the holder: whoever has it can read the event.
    Exit code 3: none of them is there yet.
    """
    home = home_of(context, Role.ISSUER)
    clock = clock_of(context)
    with EvidenceBook.open(home, clock=clock) as book:
        history = book.prove(
            certificate, required_state(home, ledger, clock), kind=None if kind is None else EventKind(kind)
        )
    files = _write(history.proofs, out)
    _tell(history, files, as_json=as_json and out != "-")
    return DONE if history.proofs else INDETERMINATE


def _write(proofs: tuple[EvidenceProof, ...], out: str) -> list[str]:
    folder = Path(out)
    if out != "-" and (out.endswith("/") or folder.is_dir()):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return [_write_once(proof, folder / _file_name(proof)) for proof in proofs]
    if len(proofs) > 1:
        raise UsageError(
            f"{len(proofs)} events of that certificate are recorded",
            hint="choose one with --event, or name a folder with --out DIR/",
        )
    for proof in proofs:
        write_data(encode_proof(proof), out, mode=0o600)
    return [out for _ in proofs]


def _write_once(proof: EvidenceProof, path: Path) -> str:
    """Write a proof into a folder that may hold the same one already."""
    data = encode_proof(proof)
    if not path.is_file() or read_capped(path, max_bytes=MAX_PROOF_BYTES) != data:
        write_data(data, str(path), mode=0o600)
    return str(path)


def _file_name(proof: EvidenceProof) -> str:
    """A name that tells nothing of the certificate, and is the same each time."""
    event = proof.leaf.event
    digest = sha256(proof.leaf.encode()).digest()[:_NAME_BYTES].hex()
    return f"{time_text(event.at).replace(':', '')}-{event.kind}-{digest}.json"


def _tell(history: History, files: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "proofs": [
                    {
                        "file": file,
                        "event": str(proof.leaf.event.kind),
                        "at": time_text(proof.leaf.event.at),
                        "entry": proof.entry,
                    }
                    for proof, file in zip(history.proofs, files, strict=True)
                ],
                "waiting": [
                    {"event": str(event.kind), "at": time_text(event.at)} for event in history.waiting
                ],
            }
        )
        return
    for proof, file in zip(history.proofs, files, strict=True):
        if file != "-":
            print_line(f"{proof.leaf.event.kind:<10} {time_text(proof.leaf.event.at)}  {file}")
    for event in history.waiting:
        say(f"not on the ledger yet as it is known here: {event.kind}, {time_text(event.at)}")
    if history.waiting:
        say(
            f'hint: {counted(len(history.waiting), "event")}: run "vcred evidence record", or import a newer '
            "bundle"
        )

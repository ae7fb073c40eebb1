# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger change`: who rules, witnesses and signs the network from some entry on."""

import re

import click

from vcred.cli.command import command, json_option
from vcred.cli.inputs import parse_duration, read_object
from vcred.cli.known_ledger import known_state, ledger_option
from vcred.cli.operation_words import say_operation
from vcred.cli.operations import hand_over, out_option
from vcred.cli.output import print_json, say
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import UsageError
from vcred.ledger.drafts import draft_change
from vcred.ledger.kinds.network_change import check_draft
from vcred.ledger.state import Network
from vcred.limits import MAX_JSON_BYTES

_NUMBER = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


@command(
    "change",
    example="vcred ledger change --add-witness witness.json --remove-witness vcred/witness/7bQ... \\\n"
    "  --ledger ledger --out change.json\n"
    "vcred ledger change --quorum MO=2 --max-merge-delay 12h --ledger ledger --out change.json",
)
@click.option(
    "--add-witness",
    "new_witnesses",
    multiple=True,
    metavar="FILE",
    help='New witness, as "vcred ledger witness-key" writes it.',
)
@click.option(
    "--remove-witness",
    "former_witnesses",
    multiple=True,
    metavar="NAME",
    help="Name of a witness that goes; it never returns.",
)
@click.option("--log-key", metavar="FILE", help='The log\'s next key, as "vcred ledger log-key" writes it.')
@click.option(
    "--add-authority",
    "new_authorities",
    multiple=True,
    metavar="CODE=DID",
    help="New authority of a jurisdiction; its DID is on the ledger.",
)
@click.option(
    "--remove-authority",
    "former_authorities",
    multiple=True,
    metavar="DID",
    help="Authority that leaves office.",
)
@click.option(
    "--threshold",
    type=click.IntRange(1),
    metavar="N",
    help="How many authorities a change of the network needs.",
)
@click.option(
    "--quorum",
    "quorum",
    multiple=True,
    metavar="CODE=K",
    help="How many witnesses of a jurisdiction must cosign.",
)
@click.option("--max-merge-delay", metavar="DURATION", help="How long the log may keep an operation waiting.")
@click.option(
    "--entry-bytes", type=click.IntRange(1), metavar="N", help="Greatest size of an operation, in bytes."
)
@ledger_option
@out_option
@json_option
def change(
    context: click.Context,
    *,
    new_witnesses: tuple[str, ...],
    former_witnesses: tuple[str, ...],
    log_key: str | None,
    new_authorities: tuple[str, ...],
    former_authorities: tuple[str, ...],
    threshold: int | None,
    quorum: tuple[str, ...],
    max_merge_delay: str | None,
    entry_bytes: int | None,
    ledger: str | None,
    out: str,
    as_json: bool,
) -> None:
    """Draft a change of the network: its authorities, witnesses, log key or limits

    The authorities endorse the draft ("vcred ledger endorse"): as many as the threshold says, and
    one of every jurisdiction. A jurisdiction that only replaces its own witnesses needs no other.
    """
    state = known_state(context, ledger)
    network = state.require_network()
    parts: JsonObject = {
        **_listed("authorities", [_authority(text) for text in new_authorities], former_authorities),
        **_listed("witnesses", [_file(name) for name in new_witnesses], former_witnesses),
        **_limits(network, entry_bytes=entry_bytes, max_merge_delay=max_merge_delay),
    }
    if log_key is not None:
        parts["log_key"] = _file(log_key)
    if threshold is not None:
        parts["threshold"] = threshold
    if quorum:
        parts["quorum"] = {**network.quorum.groups, **dict(map(_quorum, quorum))}
    if not parts:
        raise UsageError("there is nothing to change", hint='see "vcred ledger change --help"')
    draft = draft_change(network=network.id, prev=network.last_change, parts=parts)
    # What no signatures could make count is not sent round for them.
    check_draft(draft, network)
    hand_over(draft, out)
    if as_json and out != "-":
        print_json({"kind": draft["kind"], "says": say_operation(draft, state), "out": out})
    else:
        say(f"drafted: {say_operation(draft, state)}; next: the authorities endorse it")


def _listed(name: str, add: list[JsonValue], remove: tuple[str, ...]) -> JsonObject:
    return {name: {"add": add, "remove": [*remove]}} if add or remove else {}


def _limits(network: Network, *, entry_bytes: int | None, max_merge_delay: str | None) -> JsonObject:
    if entry_bytes is None and max_merge_delay is None:
        return {}
    delay = network.max_merge_delay
    if max_merge_delay is not None:
        delay = parse_duration("--max-merge-delay", max_merge_delay)
    limits: JsonObject = {"entry_bytes": entry_bytes or network.entry_bytes, "max_merge_delay": delay}
    return {"limits": limits}


def _authority(text: str) -> JsonValue:
    code, did = _pair("--add-authority", text, "did:vcred:...")
    return {"jurisdiction": code, "did": did}


def _quorum(text: str) -> tuple[str, int]:
    code, number = _pair("--quorum", text, "2")
    if not _NUMBER.fullmatch(number):
        raise UsageError("--quorum: not a number of witnesses", hint='write it as "--quorum MO=2"')
    return code, int(number)


def _pair(option: str, text: str, example: str) -> tuple[str, str]:
    code, sign, value = text.partition("=")
    if not (code and sign and value):
        raise UsageError(
            f"{option}: not a jurisdiction and a value", hint=f'write it as "{option} MO={example}"'
        )
    return code, value


def _file(name: str) -> JsonObject:
    return read_object(name, max_bytes=MAX_JSON_BYTES)

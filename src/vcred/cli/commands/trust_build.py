# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred trust build`: everything that makes a verifier self-sufficient, in one file."""

from collections.abc import Iterable
from pathlib import Path

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.commands.ledger import open_ledger
from vcred.cli.commands.ledger_publish import published_head
from vcred.cli.inputs import naming
from vcred.cli.names import counted
from vcred.cli.new_homes import network_content
from vcred.cli.operations import out_option, pending_option, read_operation, replace_option
from vcred.cli.output import print_json, say, write_data
from vcred.cli.unlocking import unlock_options
from vcred.credential.type_definition import (
    TypeDefinition,
    parse_type_definition,
    shipped_type,
    shipped_type_names,
)
from vcred.errors import LimitExceededError, RefusedError, TrustBundleError, UsageError
from vcred.files import read_capped
from vcred.ledger.network_file import parse_network_file
from vcred.ledger.state import State
from vcred.limits import MAX_STATUS_TOKEN_BYTES, MAX_TYPE_DEFINITION_BYTES
from vcred.reasons import Reason
from vcred.status.token_status_list import parse_status_token
from vcred.trust.build import build_bundle


@command(
    "build",
    example="vcred trust build --network network.json --status status-gd --status status-mo/0.jwt \\\n"
    "  --home ledger --out bundle.vtb\n"
    "vcred trust build --network network.json --status status --home ledger --out full.vtb --replace",
)
@click.option(
    "--network", required=True, metavar="FILE", help="The network file, against which it is checked."
)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="FILE|DIR",
    help="A status list token, or a folder: every *.jwt in it; repeat it.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="FILE|DIR",
    help="Definition of a published type, unless shipped, or a folder: every *.json in it; repeat it.",
)
@click.option(
    "--since",
    type=click.IntRange(min=0),
    default=0,
    metavar="SIZE",
    help="Only what came after the first SIZE entries: for gates that hold as many.",
)
@pending_option
@out_option
@replace_option
@unlock_options
@json_option
def build(
    context: click.Context,
    *,
    network: str,
    statuses: tuple[str, ...],
    types: tuple[str, ...],
    since: int,
    pending: tuple[str, ...],
    out: str,
    replace: bool,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Build a trust bundle from the ledger and status lists

    The bundle is imported in memory before it is written: what no verifier would take is refused.
    """
    network_file = parse_network_file(network_content(network))
    tokens = _tokens(statuses)
    with open_ledger(context, key_file=key_file, passphrase_fd=passphrase_fd) as ledger:
        head = published_head(ledger)
        if since > head.size:
            raise UsageError(
                f"--since: {counted(head.size, 'entry')} {'is' if head.size == 1 else 'are'} published"
            )
        bundle = build_bundle(
            checkpoint=head.note,
            leaves=ledger.leaves(0, head.size),
            status_tokens=tokens,
            types=_published_types(ledger.state, types, size=head.size),
            network_file=network_file,
            now=int(clock_of(context)().timestamp()),
            since=since,
            pending=[read_operation(name) for name in pending],
        )
    write_data(bundle, out, overwrite=replace)
    if as_json and out != "-":
        print_json({"out": out, "bytes": len(bundle), "size": head.size, "statuses": len(tokens)})
    else:
        entries = counted(head.size, "entry") if since == 0 else f"entries {since} to {head.size}"
        say(f"built a bundle of {entries} and {counted(len(tokens), 'status list')}, {len(bundle)} bytes")


def _files(names: Iterable[str], option: str, pattern: str) -> Iterable[tuple[Path, bool]]:
    """Return the files that are named (True), and those of the pattern in the folders that are (False).

    Raises:
        UsageError: A folder holds none.
    """
    found: dict[Path, bool] = {}
    for path in map(Path, names):
        is_folder = path.is_dir()
        inside = sorted(path.glob(pattern)) if is_folder else [path]
        if not inside:
            raise UsageError(f"{option}: no {pattern} lies in {path}")
        found |= dict.fromkeys(inside, not is_folder)
    return found.items()


def _tokens(statuses: Iterable[str]) -> list[str]:
    """Read the status list tokens.

    Raises:
        TrustBundleError: BUNDLE_INCONSISTENT: two are of one list; whoever builds it is told which.
    """
    tokens: list[str] = []
    files: dict[str, Path] = {}
    for path, is_named in _files(statuses, "--status", "*.jwt"):
        tokens.append(_token(path, is_named))
        uri = _uri_of(tokens[-1])
        if uri is not None and files.setdefault(uri, path) is not path:
            raise TrustBundleError(
                Reason.BUNDLE_INCONSISTENT,
                f"two status lists have one URI: {files[uri]} and {path} are {uri}",
                hint="give the newest of each list alone",
            )
    return tokens


def _uri_of(token: str) -> str | None:
    """Return which list it says it is; None of what is no token, which the building refuses."""
    try:
        return parse_status_token(token).uri
    except (LimitExceededError, RefusedError):
        return None


def _token(path: Path, is_named: bool) -> str:
    try:
        return read_capped(path, max_bytes=MAX_STATUS_TOKEN_BYTES, from_pipe=is_named).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a status list token") from error


def _definition(path: Path, is_named: bool) -> TypeDefinition:
    with naming(str(path)):
        return parse_type_definition(
            read_capped(path, max_bytes=MAX_TYPE_DEFINITION_BYTES, from_pipe=is_named)
        )


def _published_types(state: State, files: Iterable[str], *, size: int) -> list[TypeDefinition]:
    """Return the content of every type published below `size`: shipped, or from the files."""
    known = [shipped_type(name) for name in shipped_type_names()]
    known += [_definition(*found) for found in _files(files, "--type", "*.json")]
    by_digest = {definition.digest: definition for definition in known}
    wanted = {published.digest: vct for vct, published in state.types.items() if published.index < size}
    missing = sorted(vct for digest, vct in wanted.items() if digest not in by_digest)
    if missing:
        raise UsageError(f"the content of {missing[0]} is not here", hint="name its file with --type FILE")
    return [by_digest[digest] for digest in wanted]

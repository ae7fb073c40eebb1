# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred trust`: what a home believes, and where that comes from."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from vcred.cli.command import clock_of, command, home_option, json_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import any_home, open_trust
from vcred.cli.inputs import naming, read_input
from vcred.cli.names import counted
from vcred.cli.output import print_json, say
from vcred.errors import TrustBundleError
from vcred.limits import MAX_BUNDLE_BYTES
from vcred.reasons import Reason
from vcred.text.reasons import explain_reason


@command("import", example="vcred trust import bundle.vtb --home gate-mo")
@click.argument("bundle")
@json_option
def import_bundle(context: click.Context, *, bundle: str, as_json: bool) -> None:
    """Import a trust bundle, all of it or nothing

    BUNDLE is a file, "-" is stdin. One that is refused changes nothing.
    """
    data = read_input(bundle, max_bytes=MAX_BUNDLE_BYTES)
    with open_trust(any_home(context), clock_of(context)) as store, _naming_bundle(bundle):
        imported = store.import_bundle(data)
    if as_json:
        print_json(
            {
                "changed": imported.changed,
                "size_before": imported.size_before,
                "size": imported.size,
                "statuses": imported.statuses,
                "pending": imported.pending,
            }
        )
    elif not imported.changed:
        say("nothing new: the bundle says what is held already")
    else:
        entries = imported.size - imported.size_before
        say(f"imported {counted(entries, 'new entry')} and {counted(imported.statuses, 'newer status list')}")
        if imported.pending:
            verb = "takes" if imported.pending == 1 else "take"
            say(f"{counted(imported.pending, 'pending operation')} {verb} trust away that the log still has")


@contextmanager
def _naming_bundle(name: str) -> Iterator[None]:
    """Let an error about a bundle name its file, and say what to do about it."""
    with naming(name, hint="the bundle is cut or damaged: copy it again"):
        try:
            yield
        except TrustBundleError as error:
            sentence, hint = explain_reason(error.reason, "en")
            if error.reason is Reason.ROLLBACK:
                error.args = (f"{sentence[:1].lower()}{sentence[1:]} ({error})",)
            error.hint = error.hint or hint or "nothing has been changed; get another bundle"
            raise


group = LazyGroup(
    "trust",
    help="Build, import, show and compare what a verifier believes",
    params=[home_option()],
    table={
        "build": Deferred("trust_build", "build", "Build a trust bundle from the ledger and status lists"),
        "import": Deferred("trust", "import_bundle", "Import a trust bundle, all of it or nothing"),
        "export": Deferred("trust_export", "export", "Write a bundle of what is held, for another post"),
        "show": Deferred("trust_show", "show", "Show what is believed, and how old it is"),
        "compare": Deferred(
            "trust_compare", "compare", "Hold another post's gossip line against what is held here"
        ),
    },
)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The story: founding, an issuing morning, two gates, and what must be refused.

Guangdong and Macao share nothing but the ledger and files that anybody may read. Every
verdict is a gate's own, from its own home, without a network.
"""

import time
from pathlib import Path

from vcred.demo.cast import (
    AUTHORITIES,
    AUTHORITY_GD,
    AUTHORITY_MO,
    CERTIFICATE,
    GATE_GD,
    GATE_MO,
    GD,
    HEALTH,
    ISSUER_FINTECH,
    ISSUER_GD,
    ISSUER_MO,
    ISSUERS,
    JOBS,
    JURISDICTIONS,
    MO,
    NAMES,
    ROWS,
    SPONSORS,
)
from vcred.demo.clock import OPENING, StoryClock
from vcred.demo.gates import Gates
from vcred.demo.outcome import Outcome
from vcred.demo.people import HOLDERS, People
from vcred.demo.scenes import Say, Scenes
from vcred.demo.stage import Stage
from vcred.errors import UsageError
from vcred.files import make_private_folder
from vcred.issuer import Issuer
from vcred.issuer.file_names import file_name


def play(out: Path, *, say: Say) -> Outcome:
    """Play the whole demo.

    Args:
        out: A folder for all homes and artefacts; new or empty.
        say: Told each step as it is done.

    Raises:
        UsageError: The folder holds something already.
    """
    out = out.absolute()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty", hint="name a new folder with --out DIR")
    make_private_folder(out)
    started = time.perf_counter()
    clock = StoryClock(OPENING)
    clock.pass_by(hours=-1)
    stage = Stage(out, clock)
    recognition = _found(stage, say)
    people = People(stage)
    _issue(stage, people, say)
    gates = Gates(stage)
    _carry_first_bundle(stage, say)
    people.keep()
    say("each holder's wallet verifies its credential on that bundle, and keeps it")
    scenes = Scenes(stage, people, gates, say)
    scenes.good_morning()
    scenes.replays()
    scenes.forgeries()
    scenes.recognition_withdrawn(recognition)
    scenes.revoked()
    scenes.stale()
    gates.answer_audits()
    return Outcome(
        out=out,
        network=stage.network_file,
        homes=stage.homes,
        credentials=list(people.credentials.values()),
        shown=gates.shown,
        seconds=time.perf_counter() - started,
    )


def _found(stage: Stage, say: Say) -> str:
    """Founding; returns the hash of the recognition that will be withdrawn."""
    stage.found({home: (*JURISDICTIONS[home], NAMES[home]) for home in AUTHORITIES})
    say("Guangdong and Macao found a network; each runs a witness, and both must cosign")
    for issuer in ISSUERS:
        stage.clock.pass_by(seconds=20)
        base = f"https://status.{issuer}.example/lists/"
        stage.admit_issuer(issuer, sponsor=SPONSORS[issuer], name=NAMES[issuer], status_base=base)
    say("three issuers make their DIDs, each sponsored by an authority")
    stage.publish_type(AUTHORITY_GD, HEALTH)
    stage.publish_type(AUTHORITY_MO, CERTIFICATE)
    stage.accredit(AUTHORITY_GD, ISSUER_GD, HEALTH)
    stage.accredit(AUTHORITY_MO, ISSUER_MO, HEALTH)
    stage.accredit(AUTHORITY_MO, ISSUER_FINTECH, CERTIFICATE)
    say("two types are published, and each issuer is accredited for one of them")
    stage.recognise(AUTHORITY_MO, HEALTH, GD)
    stage.recognise(AUTHORITY_GD, HEALTH, MO)
    recognition = stage.recognise(AUTHORITY_GD, CERTIFICATE, MO)
    say("each side recognises the other's health codes, Guangdong also Macao's certificates")
    stage.clock.pass_by(minutes=1)
    stage.carry(stage.make_bundle(), *AUTHORITIES, *ISSUERS)
    return recognition


def _issue(stage: Stage, people: People, say: Say) -> None:
    """50 rows of each roster, in the encodings in which they come."""
    stage.clock.pass_by(minutes=30)
    for issuer, (type_name, roster, holder) in JOBS.items():
        row_ids = roster.row_ids(ROWS)
        folder = stage.out / "credentials" / issuer
        folder.parent.mkdir(exist_ok=True)
        with Issuer.open(stage.homes[issuer], clock=stage.clock) as door:
            summary = door.issue_roster(
                type_name,
                roster.first_rows(ROWS),
                out=folder,
                encoding=roster.encoding,
                applications=people.apply(holder, issuer, row_ids),
            )
        people.receive(holder, issuer, type_name, folder / file_name(row_ids[0], 0))
        stage.publish_status(issuer)
        say(f"{issuer} issues {summary.issued} of {summary.rows} rows of {roster.name} ({roster.encoding})")


def _carry_first_bundle(stage: Stage, say: Say) -> None:
    stage.clock.wait_until(OPENING)
    bundle = stage.make_bundle()
    stage.carry(bundle, *HOLDERS, GATE_GD, GATE_MO)
    say(f"a bundle of {bundle.stat().st_size:,} bytes is carried to holders and gates, as a file")

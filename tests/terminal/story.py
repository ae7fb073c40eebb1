# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a holder needs of the world: a network file, a bundle, an issuer who answers, and a gate."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import zxingcpp
from PIL import Image

from tests.unit.trust.samples import fresh_world
from tests.world import START, World
from vcred.did.methods.key import resolve_did_key
from vcred.ledger.network_file import encode_network_file
from vcred.trust.bundle import encode_bundle
from vcred.verifier.report import VerificationReport

PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True, kw_only=True)
class Story:
    """Files that a holder is handed, and how far behind the world's clock is."""

    world: World
    folder: Path
    behind: timedelta

    @property
    def network(self) -> Path:
        return self.folder / "network.json"

    @property
    def bundle(self) -> Path:
        return self.folder / "trust.bundle"

    def issue(self, did: str, name: str) -> Path:
        """Issue a health code to a holder's key; returns its file."""
        key = resolve_did_key(did).methods[0].key
        file = self.folder / name
        file.write_text(self.world.issue(holder_key=key), "ascii")
        return file

    def ask_gate(self, code: str) -> VerificationReport:
        """What a gate of the other side says of a code, now."""
        self.world.now = datetime.now(UTC) - self.behind
        return self.world.evaluate(code)


def begin_story(folder: Path) -> Story:
    """A world in which it is the morning of START, by a clock that goes on from there."""
    world = fresh_world()
    story = Story(world=world, folder=folder, behind=datetime.now(UTC) - START)
    story.network.write_bytes(encode_network_file(world.network_file()))
    story.bundle.write_bytes(encode_bundle(world.bundle()))
    return story


def read_code(picture: Image.Image) -> str | None:
    """The text of the one QR code in a picture; None if there is none."""
    # Of other kinds, a reader sees a bar code now and then in the squares of this one.
    wanted = zxingcpp.BarcodeFormat.QRCode
    found = [one.text for one in zxingcpp.read_barcodes(picture.convert("L"), formats=wanted)]
    return found[0] if len(found) == 1 and found[0].startswith("VC1:") else None

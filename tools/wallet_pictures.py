# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Draw the wallet's screens in a real terminal, one picture each, under docs/wallet/.

    python tools/wallet_pictures.py [NAME...]

A holder in a world of the tests, with credentials of nobody. Needs xterm, Xvfb and xdotool.
"""

import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.network import CERTIFICATE_CLAIMS
from PIL import Image
from tests.terminal.xterm import Xterm, xterm
from tests.tui.gate_world import GateWorld, make_gate_world
from tests.world import HEALTH_CLAIMS, START

from vcred.credential.type_definition import shipped_type
from vcred.did.methods.key import resolve_did_key
from vcred.home import Role, change_language, open_home
from vcred.keys.argon2id import LEAST_COST
from vcred.keys.custody import Passphrase
from vcred.trust.bundle import encode_bundle
from vcred.wallet.settings import WalletSettings
from vcred.wallet.wallet import Wallet

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "docs" / "wallet"
PASSPHRASE = "correct horse battery staple"
NARROW, WIDE = (80, 24), (140, 50)
_COLOURS = 32
_COPIES = 5
# A code that is good for an hour has ten minutes left.
_LATER = 50 * 60
_UNLOCKED = (f"@{PASSPHRASE}", "Return", "!")
_CHOSEN = (*_UNLOCKED, "p", "!", "Tab", "Tab", "space", "!")
_SHOWN = (*_CHOSEN, "shift+Tab", "Return", "!")


@dataclass(frozen=True, kw_only=True)
class Shot:
    """What is pressed before the picture is taken: keys by name, "@" and text, "!" waits for rest."""

    name: str
    keys: tuple[str, ...]
    language: str = "en"
    theme: str = "dawn"
    size: tuple[int, int] = WIDE
    asks: bool = False


SHOTS = (
    Shot(name="unlock", keys=("!",), size=NARROW),
    Shot(name="list", keys=_UNLOCKED),
    Shot(name="list-narrow", keys=_UNLOCKED, size=NARROW, language="zh-Hant", theme="night"),
    Shot(name="detail", keys=(*_UNLOCKED, "Return", "!"), language="pt", theme="night"),
    Shot(name="add", keys=(*_UNLOCKED, "a", "!")),
    Shot(name="choose", keys=_CHOSEN, language="zh-Hans"),
    Shot(name="choose-narrow", keys=_CHOSEN, size=NARROW, language="pt", theme="contrast"),
    Shot(name="code", keys=_SHOWN, language="zh-Hant", theme="night"),
    Shot(name="code-too-small", keys=_SHOWN, size=NARROW),
    Shot(name="request", keys=(*_UNLOCKED, "r", "!"), asks=True),
    Shot(name="history", keys=(*_UNLOCKED, "h", "!")),
    Shot(name="settings", keys=(*_UNLOCKED, "s", "!"), theme="contrast"),
    Shot(name="help", keys=(*_UNLOCKED, "F1", "!")),
    Shot(name="palette", keys=(*_UNLOCKED, "ctrl+p", "!"), theme="night"),
)


def main(names: list[str]) -> int:
    """Take the pictures of these names, or of all."""
    PLACE.mkdir(exist_ok=True)
    for shot in SHOTS:
        if not names or shot.name in names:
            with tempfile.TemporaryDirectory() as folder:
                picture = _take(shot, Path(folder))
            picture.save(PLACE / f"{shot.name}.png", optimize=True)
            print(f"{shot.name}.png")
    return 0


def _take(shot: Shot, folder: Path) -> Image.Image:
    world = _prepare(shot, folder)
    behind = (datetime.now(UTC) - START).total_seconds() - _LATER
    # Where its home is called "holder" and nothing else: a picture names no folder of this machine.
    command = ["env", "-C", str(folder), f"PYTHONPATH={ROOT}", "COLORTERM=truecolor", "TERM=xterm-256color"]
    command += [sys.executable, "-m", "tests.terminal.at", str(behind), "wallet", "--home", world.home.name]
    columns, rows = shot.size
    with xterm(command, columns=columns, rows=rows) as terminal:
        terminal.wait_until_still()
        for key in shot.keys:
            _do(terminal, key)
        picture = terminal.picture()
    return picture.crop(picture.getbbox()).quantize(_COLOURS, dither=Image.Dither.NONE)


def _do(terminal: Xterm, key: str) -> None:
    if key == "!":
        terminal.wait_until_still()
    elif key.startswith("@"):
        terminal.type(key[1:])
    else:
        terminal.press(key)


def _prepare(shot: Shot, folder: Path) -> GateWorld:
    world = make_gate_world(folder, claims=HEALTH_CLAIMS)
    with world.wallet() as wallet:
        _receive_more(world, wallet)
        for paths in (["match", "test"], ["match"], ["match", "identity.name"]):
            wallet.show("health-code", paths)
        wallet.change_settings(WalletSettings(theme=shot.theme))
        wallet.change_unlock(Passphrase(PASSPHRASE.encode(), LEAST_COST))
    change_language(open_home(world.home, Role.HOLDER), shot.language)
    return world


def _receive_more(world: GateWorld, wallet: Wallet) -> None:
    """A certificate, one-time copies, and a code that is about to expire."""
    network, definition = world.world, shipped_type("professional-certificate")
    vct = network.publish_type(definition, network.gd)
    network.accredit(network.gd, network.issuer, vct)
    types = {**network.bundle().types, definition.digest: definition.encoded}
    wallet.trust.import_bundle(encode_bundle(network.bundle(types=types)))
    keys = [
        resolve_did_key(one.did).methods[0].key
        for one in wallet.apply_for_copies(network.issuer.did, "enrolment", copies=2 + _COPIES)
    ]
    certificate = network.issue(
        type_definition=definition, vct=vct, claims=CERTIFICATE_CLAIMS, holder_key=keys[0], index=90
    )
    wallet.credentials.receive(certificate, name="fintech certificate")
    soon = {**HEALTH_CLAIMS, "valid_until": (START + timedelta(hours=1)).isoformat()}
    wallet.credentials.receive(
        network.issue(claims=soon, holder_key=keys[1], index=91), name="yesterday's code"
    )
    issued_at = int(START.timestamp()) - 60
    for number, key in enumerate(keys[2:]):
        copy = network.issue(holder_key=key, index=92 + number, issued_at=issued_at)
        wallet.credentials.receive(copy, name="copies" if number == 0 else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

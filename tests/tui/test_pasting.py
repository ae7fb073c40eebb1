# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is pasted is one answer and agrees to nothing; a file name of nobody ends nothing. H15, WAL-08."""

import io
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.gate_steps import drive
from tests.tui.gate_world import CANARIES, GateWorld, make_gate_world
from vcred.home import read_home
from vcred.keys.argon2id import LEAST_COST
from vcred.keys.custody import Passphrase
from vcred.wallet_tui.plain.session import Session
from vcred.wallet_tui.plain.streams import Streams

SHOW, ANSWER, ADD, QUIT = "2", "3", "4", "7"
SEVERAL = "Several lines came at once, where one is asked for. Nothing was done with them."


@pytest.fixture
def world(tmp_path: Path) -> GateWorld:
    # One claim, so that a request fits into the line of a terminal.
    return make_gate_world(tmp_path, claims=CANARIES)


def at_terminal(world: GateWorld, *typed: tuple[str, str]) -> str:
    """Talk on a terminal: each answer is typed as soon as its question stands there."""
    ours, theirs = pty.openpty()
    out, left = io.StringIO(), list(typed)

    class Typing(io.StringIO):
        def write(self, text: str) -> int:
            written = out.write(text)
            if left and left[0][0] in text:
                answer = left.pop(0)[1]
                threading.Timer(0.2, os.write, (ours, answer.encode())).start()
            return written

    session = Session(
        read_home(world.home),
        clock=world.clock,
        language="en",
        unlock=None,
        streams=Streams(theirs, Typing()),
    )
    swallow = threading.Thread(target=_read_all, args=(ours,), daemon=True)
    swallow.start()
    assert session.run() == 0
    os.close(theirs)
    swallow.join(5)
    os.close(ours)
    assert not left, left
    return out.getvalue()


def _read_all(descriptor: int) -> None:
    """Take the echo off the terminal: it holds only so much."""
    try:
        while os.read(descriptor, 65_536):
            pass
    except OSError:
        return


def shown_times(world: GateWorld) -> int:
    with world.wallet() as wallet:
        return len(wallet.history())


MENU, REQUEST, FILE, AGREE = "Type a number", "Paste the request", "Name the file", "Do you agree?"
NUMBERS, NAME = "Type the numbers", "Name of the picture file"


def test_a_request_of_several_lines_answers_no_question(world: GateWorld) -> None:
    asked, stolen = world.request(), world.folder / "stolen"
    good = at_terminal(
        world, (MENU, f"{ANSWER}\n"), (REQUEST, f"{asked}\n"), (MENU, "\n"), (MENU, f"{QUIT}\n")
    )
    assert "“Hospital Conde” asks." in good
    assert SEVERAL not in good
    pasted = f"{asked}\n1\n1\n2\n1\n{stolen}\n"
    said = at_terminal(world, (MENU, f"{ANSWER}\n"), (REQUEST, pasted), (MENU, f"{QUIT}\n"))
    assert SEVERAL in said
    assert "asks." not in said
    assert not stolen.with_suffix(".png").exists()
    assert shown_times(world) == 0


def test_a_credential_of_several_lines_answers_no_question(world: GateWorld) -> None:
    file, stolen = world.folder / "code.sdjwt", world.folder / "stolen"
    file.write_text(world.given[0])
    good = at_terminal(world, (MENU, f"{ADD}\n"), (FILE, f"{file}\n"), (MENU, f"{QUIT}\n"))
    assert "holds it already" in good
    pasted = f"{file}\n{SHOW}\n1\n1\n2\n1\n{stolen}\n"
    said = at_terminal(world, (MENU, f"{ADD}\n"), (FILE, pasted), (MENU, f"{QUIT}\n"))
    assert SEVERAL in said
    assert "holds it already" not in said
    assert shown_times(world) == 0


def test_what_was_typed_before_is_no_agreement(world: GateWorld) -> None:
    steps = ((MENU, f"{SHOW}\n"), (MENU, "1\n"), (NUMBERS, "1\n"))
    good = at_terminal(
        world, *steps, (AGREE, "2\n"), ("How do you want", "\n"), ("Nothing was shared", f"{QUIT}\n")
    )
    assert "How do you want to show it?" in good
    early = (*steps[:2], (NUMBERS, "1\n2\n"))
    said = at_terminal(world, *early, (AGREE, "1\n"), ("Nothing was shared", f"{QUIT}\n"))
    assert "Nothing was shared." in said
    assert "How do you want to show it?" not in said


def test_what_was_typed_before_is_no_file_name(world: GateWorld) -> None:
    first, second = world.folder / "first.png", world.folder / "second.png"
    steps = ((MENU, f"{SHOW}\n"), (MENU, "1\n"), (NUMBERS, "1\n"), (AGREE, "2\n"))
    at_terminal(
        world, *steps, ("How do you want", f"1\n{first}\n"), (NAME, f"{second}\n"), ("Type n", "\n"),
        (MENU, f"{QUIT}\n"),
    )  # fmt: skip
    assert (first.exists(), second.exists()) == (False, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_the_passphrase_leaves_the_terminal_as_it_was(
    world: GateWorld, number: signal.Signals
) -> None:
    with world.wallet() as wallet:
        wallet.change_unlock(Passphrase(b"correct horse", cost=LEAST_COST))
    ours, theirs = pty.openpty()
    assert termios.tcgetattr(theirs)[3] & termios.ECHO
    command = [str(Path(sys.executable).with_name("vcred")), "wallet", "--plain", "--home", str(world.home)]
    running = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    try:
        said = _until(ours, lambda: not termios.tcgetattr(theirs)[3] & termios.ECHO)
        assert b"assphrase" in said
        running.send_signal(number)
        assert running.wait(20) == -number
    finally:
        running.kill()
        running.wait()
    assert termios.tcgetattr(theirs)[3] & termios.ECHO
    os.close(theirs)
    os.close(ours)


def _until(descriptor: int, is_so: Callable[[], bool]) -> bytes:
    said, end = b"", time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end, said
        if select.select([descriptor], [], [], 0.05)[0]:
            said += os.read(descriptor, 65_536)
    return said


# On the screens.


@pytest.mark.parametrize(("key", "field"), [("a", "#file"), ("s", "#bundle")])
def test_a_folder_of_nobody_is_said_and_ends_nothing(world: GateWorld, key: str, field: str) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        from tests.tui.house import drawn, settle

        await pilot.press(key)
        await settle(pilot)
        screen = pilot.app.screen
        named = screen.query_one(field, Input)
        named.focus()
        for name, code in (("~/no-such-file", "(not_found)"), ("~nouser/x", "(store)")):
            named.value = name
            await pilot.press("enter")
            await settle(pilot)
            assert code in drawn(pilot.app) or name.startswith("~/"), drawn(pilot.app)
        assert "the folder of that person is not known" in drawn(pilot.app)
        assert pilot.app.screen is screen

    drive(world, steps)

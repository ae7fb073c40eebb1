# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet as lines of text: by numbers; Enter alone shares nothing; locked when nobody types."""

import io
import os
import pty
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.leaks import Canaries
from tests.tui.gate_world import CANARIES, NAME, GateWorld, make_gate_world
from vcred.codec.json_types import JsonObject
from vcred.home import read_home
from vcred.keys.argon2id import Argon2Cost
from vcred.keys.custody import Passphrase
from vcred.limits import MIN_ARGON2_MEMORY_KIB, MIN_ARGON2_PASSES
from vcred.qr.engines.zxing import draw_png, read_picture
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.verifier.report import Decision
from vcred.wallet_tui.plain import run
from vcred.wallet_tui.plain.dialogue import parse_numbers
from vcred.wallet_tui.plain.session import Session
from vcred.wallet_tui.plain.streams import IdleError, Streams

READ, SHOW, ANSWER, ADD, HISTORY, LOCK, QUIT = map(str, range(1, 8))
AGREE, PICTURE, TEXT = "2", "1", "4"
UNCHOSEN = ("金絲雀二", "Canary Two", "5638888(1)", "CANARY-LAB", "2025-08-09")
SECRET = Passphrase(
    b"correct horse", cost=Argon2Cost(passes=MIN_ARGON2_PASSES, memory_kib=MIN_ARGON2_MEMORY_KIB, lanes=1)
)


@pytest.fixture
def world(tmp_path: Path) -> GateWorld:
    return make_gate_world(tmp_path)


def talk(world: GateWorld, *lines: str, language: str = "en") -> str:
    """Type lines, then end the input; returns what was written."""
    source, typed = os.pipe()
    os.write(typed, "".join(f"{line}\n" for line in lines).encode())
    os.close(typed)
    out = io.StringIO()
    home, streams = read_home(world.home), Streams(source, out)
    assert Session(home, clock=world.clock, language=language, unlock=None, streams=streams).run() == 0
    os.close(source)
    return out.getvalue()


def shown_times(world: GateWorld) -> int:
    with world.wallet() as wallet:
        return len(wallet.history())


def code_in(written: str) -> str:
    found = re.findall(r"VC1:[0-9A-Z $%*+\-./:]+", written)
    return str(found[-1]).strip()


def test_the_memory_is_private_before_the_wallet_opens(
    world: GateWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr("vcred.files.system.keep_memory_private", lambda: done.append("private"))
    source, typed = os.pipe()
    os.close(typed)

    class Out(io.StringIO):
        def write(self, text: str) -> int:
            done.append(text)
            return super().write(text)

    assert run(read_home(world.home), clock=world.clock, streams=Streams(source, Out())) == 0
    os.close(source)
    assert done[0] == "private"
    assert len(done) > 1


def test_reading_a_credential(world: GateWorld) -> None:
    said = talk(world, READ, "1", QUIT)
    assert "1. Health code, “health-code” in this wallet; valid; until 22 Nov 2026" in said
    assert "Name: 鵲橋仙客" in said
    assert said.rstrip().endswith("The wallet is locked. Goodbye.")


def test_a_picture_that_a_gate_takes(world: GateWorld) -> None:
    file = world.folder / "code.png"
    said = talk(world, SHOW, "1", "1", AGREE, PICTURE, str(file), "", QUIT)
    assert "You will show to any gate of the network of Guangdong and Macao:" in said
    text = read_picture(file.read_bytes())
    assert file.stat().st_mode & 0o777 == 0o600
    with world.gate() as gate:
        assert gate.evaluate(text).decision is Decision.ACCEPTED


def test_a_new_code_on_wish_is_one_showing(world: GateWorld) -> None:
    said = talk(world, SHOW, "1", "1", AGREE, TEXT, "n", "n", "", QUIT)
    codes = set(re.findall(r"VC1:[0-9A-Z $%*+\-./:]+", said))
    assert len(codes) == 3
    assert shown_times(world) == 1


def test_a_file_name_that_is_taken_is_asked_for_again(world: GateWorld) -> None:
    (world.folder / "a.png").write_bytes(b"mine")
    file = world.folder / "b.png"
    said = talk(world, SHOW, "1", "1", AGREE, PICTURE, str(world.folder / "a"), str(file), "", QUIT)
    assert "exists already" in said
    assert (world.folder / "a.png").read_bytes() == b"mine"
    assert read_picture(file.read_bytes()).startswith("VC1:")


@pytest.mark.parametrize(
    "answers", [(), ("1",), ("1", "1"), ("1", "1", "1"), ("1", "1", AGREE), ("1", "1", "yes"), ("1", "99")]
)
def test_enter_alone_shares_nothing_at_every_question(world: GateWorld, answers: tuple[str, ...]) -> None:
    """H15. The last question that was asked gets no answer."""
    said = talk(world, SHOW, *answers, "", "", QUIT)
    assert "VC1:" not in said
    assert shown_times(world) == 0
    talk(world, SHOW, "1", "1", AGREE, TEXT, "", QUIT)
    assert shown_times(world) == 1


def test_only_what_was_chosen_leaves(world: GateWorld) -> None:
    """WAL-05."""
    code = code_in(talk(world, SHOW, "1", "1", AGREE, TEXT, "", QUIT))
    with world.gate() as gate:
        claims = gate.verify(code).claims
    assert not Canaries(UNCHOSEN).found_in(repr(claims).encode())
    assert "鵲橋仙客" in repr(claims)


def test_answering_a_request(world: GateWorld) -> None:
    asked = world.request(claims=("match", "identity.name"))
    said = talk(world, ANSWER, asked, "1", "1,2", AGREE, TEXT, QUIT)
    assert "“Hospital Conde” asks." in said
    assert "The asker is registered to ask for: 1." in said
    assert "not registered to ask for this" in said
    with world.gate() as gate:
        request = gate.own_request(asked)
        report = gate.evaluate(code_in(said), request=request)
    assert report.decision is Decision.ACCEPTED, report.reasons


def test_a_request_in_a_picture_and_one_that_is_over(world: GateWorld) -> None:
    file = world.folder / "request.png"
    file.write_bytes(draw_png(world.request()))
    assert "“Hospital Conde” asks." in talk(world, ANSWER, str(file), "", QUIT)
    world.later(seconds=300)
    assert "(request_expired)" in talk(world, ANSWER, str(file), QUIT)


def test_an_unknown_asker_is_loud(tmp_path: Path) -> None:
    world = make_gate_world(tmp_path, registered=None)
    said = talk(world, ANSWER, world.request(), "1", "", QUIT)
    assert "UNKNOWN" in said
    assert "Hospital Conde" not in said
    assert "registered to ask for:" not in said


def test_adding_a_credential(world: GateWorld) -> None:
    with world.wallet() as wallet:
        application = wallet.apply(world.world.issuer.did, "code")
    from vcred.did.methods.key import resolve_did_key

    key = resolve_did_key(application.did).methods[0].key
    issued = world.world.issue(holder_key=key, claims=CANARIES, index=77)
    file = world.folder / "new.sdjwt"
    file.write_text(issued[:-40] + "~")
    assert "Verified and stored." not in talk(world, ADD, str(file), QUIT)
    file.write_text(issued)
    said = talk(world, ADD, str(file), QUIT)
    assert "Verified and stored." in said
    assert "Issued by: Guangdong Health" in said
    assert "holds it already" in talk(world, ADD, issued, QUIT)


def test_the_history(world: GateWorld) -> None:
    assert "Nothing was shown yet." in talk(world, HISTORY, QUIT)
    said = talk(world, SHOW, "1", "1", AGREE, TEXT, "", HISTORY, QUIT)
    assert "shown to: any gate of the network. Claims: Document" in said
    assert "鵲橋仙客" not in said.split("Goodbye")[0].split("shown to:")[1]


def test_when_the_input_ends_the_wallet_is_locked(world: GateWorld) -> None:
    said = talk(world, READ)
    assert said.rstrip().endswith("The wallet is locked. Goodbye.")
    with world.wallet():
        pass


def test_it_locks_and_unlocks(world: GateWorld) -> None:
    said = talk(world, LOCK, "", READ, "1", QUIT)
    assert said.count("is open.") == 2
    assert said.index("The wallet is locked.") < said.index("Name: 鵲橋仙客")


def test_it_locks_when_nobody_types(world: GateWorld) -> None:
    """The pipe stays open and nothing comes: after the minutes of the settings it locks by itself."""
    source, typed = os.pipe()
    out, moments = io.StringIO(), iter(range(0, 100_000, 150))
    ended: list[bool] = []

    def seconds() -> float:
        if "Nobody has typed" in out.getvalue() and not ended:
            ended.append(True)
            os.close(typed)
        return float(next(moments))

    streams = Streams(source, out, seconds=seconds)
    os.write(typed, f"{READ}\n".encode())
    session = Session(read_home(world.home), clock=world.clock, language="en", unlock=None, streams=streams)
    assert session.run() == 0
    said = out.getvalue()
    assert "Nobody has typed anything for a while." in said
    assert said.index("Nobody has typed") < said.index("The wallet is locked.")
    with world.wallet():
        pass


def test_what_was_typed_half_is_not_read_after_the_lock() -> None:
    source, typed = os.pipe()
    moments = iter((0.0, 1.0, 2.0, 100.0))
    streams = Streams(source, io.StringIO(), seconds=lambda: next(moments))
    streams.idle_seconds = 60
    os.write(typed, b"half")
    with pytest.raises(IdleError):
        streams.read_line("?")
    streams.idle_seconds = None
    moments = iter((0.0,))
    os.write(typed, b"whole\n")
    assert streams.read_line("?") == "whole"


def test_a_passphrase_is_asked_for_and_never_shown(world: GateWorld) -> None:
    """WAL-11. On a terminal: what is typed at that question does not come back."""
    with world.wallet() as wallet:
        wallet.change_unlock(SECRET)
    ours, theirs = pty.openpty()
    out = io.StringIO()
    waits: list[float] = []

    class Typing(io.StringIO):
        """Types on when a question is there."""

        def write(self, text: str) -> int:
            if "What do you want" in text:
                os.write(ours, b"7\n")
            if text.startswith("Passphrase") and waits:
                _later(lambda: os.write(ours, b"correct horse\n"))
            elif text.startswith("Passphrase"):
                _later(lambda: os.write(ours, b"not it\n"))
            return out.write(text)

    session = Session(
        read_home(world.home),
        clock=world.clock,
        language="en",
        unlock=None,
        streams=Streams(theirs, Typing()),
        sleep=waits.append,
    )
    assert session.run() == 0
    echoed = os.read(ours, 65_536).decode()
    assert "This passphrase does not open the wallet." in out.getvalue()
    assert "The wallet “holder” is open." in out.getvalue()
    assert "correct horse" not in echoed + out.getvalue()
    assert waits == [0.5]


def _later(deed: Callable[[], object]) -> None:
    import threading

    threading.Timer(0.3, deed).start()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language(world: GateWorld, language: str) -> None:
    words = load_words(language)
    said = talk(world, SHOW, "1", "1", AGREE, TEXT, "", HISTORY, QUIT, language=language)
    for message in ("What do you want to do?", "Do not share", "This code is good for a minute."):
        assert words.gettext(message) in said
    with world.gate() as gate:
        assert gate.evaluate(code_in(said)).decision is Decision.ACCEPTED


def test_no_colour_no_cursor_and_nothing_drawn(world: GateWorld) -> None:
    said = talk(world, READ, "1", SHOW, "1", "1", AGREE, TEXT, "", HISTORY, ANSWER, world.request(), QUIT)
    assert {character for character in said if unicodedata.category(character) == "Cc"} == {"\n"}
    assert not re.search("[\u2500-\u259f]", said)


def test_hostile_text_is_harmless(tmp_path: Path) -> None:
    """CLI-01, 02, 03, 05, 06: in claims, in a typed file name, in an error."""
    hostile = "\x1b[2J\x9b1m\x07‮x\u200b\n1. Share"
    identity: JsonObject = {**CANARIES["identity"], "name": hostile}  # type: ignore[dict-item]
    world = make_gate_world(tmp_path, claims={**CANARIES, "identity": identity})
    said = talk(world, READ, "1", SHOW, "1", "5", "", ANSWER, "no\x1b[2Jsuch\x07file", QUIT)
    assert {character for character in said if unicodedata.category(character) == "Cc"} == {"\n"}
    assert not set("‮\u200b") & set(said)
    assert "‹U+001B›[2J" in said
    assert "‹U+000A›1. Share" in said


@pytest.mark.parametrize(
    ("typed", "found"),
    [("1", (0,)), ("1, 3 2", (0, 2, 1)), ("1，2、3", (0, 1, 2)), ("1,1", (0,)), ("0", None), ("4", None)],
)
def test_numbers(typed: str, found: tuple[int, ...] | None) -> None:
    assert parse_numbers(typed, 3) == found


@pytest.mark.parametrize("typed", ["", "x", "1-2", "-1", "1;rm", "9" * 5000, NAME])
def test_what_is_no_number(typed: str) -> None:
    assert parse_numbers("1", 3) == (0,)
    assert parse_numbers(typed, 3) is None

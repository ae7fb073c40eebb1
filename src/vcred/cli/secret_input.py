# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How a passphrase comes in: typed at a terminal that does not show it, or the first line of a descriptor.

Never an argument and never the environment: other processes see those, and histories keep them
(threats: WAL-11). Before a secret is read, the memory of the process is closed to others (WAL-13).
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final

import click

from vcred.cli.unlock_words import EXISTING, NEW, NEW_HERE, ONCE_MORE
from vcred.errors import UsageError
from vcred.files.system import keep_memory_private
from vcred.keys.custody import Passphrase
from vcred.keys.passphrases import read_new_passphrase, read_passphrase
from vcred.limits import MAX_PASSPHRASE_BYTES
from vcred.text.languages import choose_language
from vcred.text.sanitise import sanitise

HINT: Final = "give it at the prompt of a terminal, or with --passphrase-fd N"

_MAX_PLACE_CHARACTERS: Final = 200
# What ends a process unheard, and would leave the terminal without echo; not every system has all.
_ENDING: Final = ("SIGTERM", "SIGHUP", "SIGQUIT")


def given_passphrase(place: Path, *, descriptor: int | None, language: str) -> Passphrase:
    """Return the passphrase that opens something: what a descriptor gives, else what a person types.

    Args:
        place: The home or the file that it opens; the question names it.
        descriptor: Of `--passphrase-fd`. Its first line is taken, and then it is let go.
        language: Of the question.

    Raises:
        UsageError: None or too long a passphrase, an unusable descriptor, or nobody is there to be asked.
    """
    keep_memory_private()
    if descriptor is not None:
        return read_passphrase(_read_line(descriptor))
    return read_passphrase(_ask(_question(EXISTING, language, place)))


def chosen_passphrase(place: Path | None, *, descriptor: int | None, language: str) -> Passphrase:
    """Return a passphrase that shall lock something: from a descriptor, else typed twice.

    Args:
        place: The home or the file that it will open; None where the command has said so already.
        descriptor: As of `given_passphrase`.
        language: Of the questions.

    Raises:
        UsageError: As `given_passphrase`; or it is too short, or the two answers differ.
    """
    keep_memory_private()
    if descriptor is not None:
        return read_new_passphrase(_read_line(descriptor))
    # The first answer is judged before it is asked for again.
    chosen = read_new_passphrase(_ask(_question(NEW if place else NEW_HERE, language, place)))
    if _ask(_question(ONCE_MORE, language, place)) != chosen.secret:
        raise UsageError("the two passphrases differ")
    return chosen


def can_ask() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _question(words: Mapping[str, str], language: str, place: Path | None) -> str:
    # A folder's name is text from outside too: it must not move the cursor of the terminal.
    shown = sanitise(str(place), max_characters=_MAX_PLACE_CHARACTERS)
    return words[choose_language(language)].format(place=shown)


def _read_line(descriptor: int) -> bytes:
    """Read the first line, however many pieces it comes in, and let the descriptor go."""
    if os.isatty(descriptor):
        raise UsageError(
            f"--passphrase-fd: descriptor {descriptor} is a terminal, which shows what is typed",
            hint="leave out --passphrase-fd, and give the passphrase at the prompt",
        )
    data = b""
    try:
        while b"\n" not in data and len(data) <= MAX_PASSPHRASE_BYTES:
            piece = os.read(descriptor, MAX_PASSPHRASE_BYTES + 1 - len(data))
            if not piece:
                break
            data += piece
        _let_go(descriptor)
    except OSError as error:
        raise UsageError(f"--passphrase-fd: descriptor {descriptor} cannot be read") from error
    return data.partition(b"\n")[0]


def _let_go(descriptor: int) -> None:
    """Close the pipe, so that no process started from here has it.

    Its number stays taken, by nothing: else the next file that is opened would get it, and whoever
    closes the number a second time would close that file.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(nothing, descriptor, inheritable=False)
    finally:
        os.close(nothing)


def _ask(question: str) -> bytes:
    if not can_ask():
        raise UsageError("a passphrase is needed, and nobody is there to be asked", hint=HINT)
    import warnings
    from getpass import GetPassWarning, getpass

    with warnings.catch_warnings():
        # Where the echo cannot be switched off, the library would only warn, and read on.
        warnings.simplefilter("error", GetPassWarning)
        try:
            with _echo_put_back():
                return getpass(question).encode("utf-8", "surrogateescape")
        except GetPassWarning:
            raise UsageError("this terminal would show what is typed", hint=HINT) from None
        except UnicodeDecodeError:
            # `from None`: the error quotes what was typed.
            raise UsageError("what was typed is not text as this terminal writes it") from None
        except EOFError as error:
            raise click.Abort from error


@contextmanager
def _echo_put_back() -> Iterator[None]:
    """Let a signal that ends the process first put the terminal back as it was, then end it as ever.

    What somebody else handles or ignores stays so.
    """
    ours = [each for each in signal.Signals if each.name in _ENDING]
    ours = [each for each in ours if signal.getsignal(each) == signal.SIG_DFL]
    with _terminal() as terminal:
        # Only the main thread hears signals.
        if terminal is None or threading.current_thread() is not threading.main_thread():
            yield
            return
        end = _ending(terminal)
        for each in ours:
            signal.signal(each, end)
        try:
            yield
        finally:
            for each in ours:
                signal.signal(each, signal.SIG_DFL)


def _ending(terminal: int) -> Callable[[int, FrameType | None], None]:
    """Return what is done at a signal: the terminal as it is now, then the end."""
    import termios

    before = termios.tcgetattr(terminal)

    def end(number: int, _: FrameType | None) -> None:
        # One that has hung up has no echo to put back.
        with suppress(termios.error):
            # What is typed so far is for nobody who reads this terminal next.
            termios.tcflush(terminal, termios.TCIFLUSH)
            termios.tcsetattr(terminal, termios.TCSANOW, before)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    return end


@contextmanager
def _terminal() -> Iterator[int | None]:
    """Find the terminal at which the question will be asked, as `getpass` does; None if there is none."""
    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        yield sys.stdin.fileno() if sys.stdin.isatty() else None
        return
    try:
        yield handle
    finally:
        os.close(handle)

# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The entry of `vcred`: runs one command, and turns whatever happens into words and an exit code.

An error is two lines on stderr, what is wrong and what to do next. A fault of vcred itself
is told by its place in the source, never by its message: that could quote a claim.
"""

import gc
from typing import TYPE_CHECKING, Final

from vcred.cli.exits import BUG, DONE, ENVIRONMENT, INTERRUPTED, USAGE, exit_code_of, outcome_of
from vcred.cli.output import complain, prepare_streams, say
from vcred.errors import VcredError
from vcred.files.system import leave_no_core_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import click

# Net new objects before garbage is looked for: more than any short command makes.
_MANY_OBJECTS: Final = 200_000

REPORT = "this is a bug in vcred, please report it"


def main(arguments: "Sequence[str] | None" = None, *, clock: "Callable[[], datetime] | None" = None) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: Without the program's name; None means those of the process.
        clock: Gives the time, aware and UTC; None means the system's clock.
    """
    if arguments is not None:
        return _run_and_tell(arguments, clock)
    # The process is this one command. Starting makes many objects and no garbage, and in the end all
    # goes with the process: looking for garbage would be a seventh of a verification. For the same
    # reason click is imported further down.
    gc.set_threshold(_MANY_OBJECTS)
    try:
        return _run_and_tell(None, clock)
    finally:
        gc.disable()
        gc.freeze()


def _run_and_tell(arguments: "Sequence[str] | None", clock: "Callable[[], datetime] | None") -> int:
    import click

    leave_no_core_file()
    prepare_streams()
    try:
        return _run(arguments, clock)
    except VcredError as error:
        return _tell_error(error)
    except click.ClickException as error:
        return _tell_misuse(error)
    except (click.Abort, KeyboardInterrupt) as error:
        return _tell_stop(error)
    except SystemExit:
        # The one exit inside click: whoever read the help closed the pipe. That is no failure.
        return DONE
    except OSError as error:
        complain(
            f"{error.filename or 'input or output'}: {error.strerror or type(error).__name__}".lower(), None
        )
        return ENVIRONMENT
    except Exception as error:  # noqa: BLE001  The one place where all is caught.
        complain(f"internal error: {type(error).__name__} at {_place(error)}", REPORT)
        return BUG


def _run(arguments: "Sequence[str] | None", clock: "Callable[[], datetime] | None") -> int:
    from vcred.cli.root import root

    given = None if arguments is None else list(arguments)
    result = root.main(args=given, prog_name="vcred", standalone_mode=False, obj=clock)
    return result if isinstance(result, int) else DONE


def _tell_error(error: VcredError) -> int:
    complain(str(error), error.hint)
    outcome = outcome_of(error)
    if outcome is not None:
        say(outcome)
    return exit_code_of(error)


def _tell_misuse(error: "click.ClickException") -> int:
    import click

    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and context is not None:
        click.echo(context.get_help(), err=True)
        return USAGE
    # Its lists of choices stand on lines of their own: white space that a name or a value would hide.
    message = " ".join(error.format_message().split())
    path = context.command_path if context is not None else "vcred"
    complain(message[:1].lower() + message[1:].rstrip("."), f'see "{path} --help"')
    return ENVIRONMENT if isinstance(error, click.FileError) else USAGE


def _tell_stop(error: BaseException) -> int:
    if isinstance(error.__cause__, EOFError):
        complain("the input ended before an answer was given", None)
        return USAGE
    complain("interrupted", None)
    return INTERRUPTED


def _place(error: BaseException) -> str:
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename.rpartition('/')[2]} line {frame.lineno}"

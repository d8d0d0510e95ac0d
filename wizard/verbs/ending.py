"""How a verb, and the program, end: with an exit code, and without a traceback for what is no fault of ours."""

import contextlib
import errno
import os
import sys
from collections.abc import Callable
from typing import Never

import typer

from exits import Exit

DEBUG_VARIABLE = "TRAILWARDEN_DEBUG"
_TAKES_NO_MORE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def end_with(verb: Callable[[], int]) -> Never:
    """Run a verb and exit with its code: 130 on Ctrl-C. What nobody foresaw is told in short, and in full on demand."""
    try:
        code = verb()
        sys.stdout.flush()  # a result that does not fit must not be found out after the exit code
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        code = Exit.INTERRUPTED
    except EOFError as error:
        typer.echo(f"\n{error}", err=True)
        code = Exit.NO_ANSWER
    except BrokenPipeError:
        raise  # the reader has gone; typer knows how to leave quietly
    except Exception as error:
        if _is_of_the_output(error):
            raise  # the program tells it, for help texts too
        if os.environ.get(DEBUG_VARIABLE):
            raise
        typer.echo(f"trailwarden failed in a way nobody foresaw: {type(error).__name__}: {error}", err=True)
        typer.echo(f"Set {DEBUG_VARIABLE}=1 to see where, and please report it.", err=True)
        code = Exit.NO_ANSWER
    raise typer.Exit(int(code))


def run_to_the_end(program: Callable[[], object]) -> None:
    """Run the command line. It exits by itself; what is left here are an output that takes no more, and Ctrl-C."""
    try:
        program()
    except OSError as error:
        if not _is_of_the_output(error):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python tries once more when it ends
        sys.stderr.write(f"cannot write the result: {error.strerror}\n")
        sys.exit(Exit.NO_ANSWER)
    except SystemExit as end:
        if end.code == Exit.INTERRUPTED:
            _leave_interrupted()
        raise


def _leave_interrupted() -> Never:
    """Exit with 130. Python itself would end by SIGINT if Ctrl-C had met an `exec`, such as an import's, on its way."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(Exit.INTERRUPTED)


def _is_of_the_output(error: Exception) -> bool:
    """Whether this is standard output that takes no more, such as a full disk: an error of no named file."""
    return isinstance(error, OSError) and error.filename is None and error.errno in _TAKES_NO_MORE

"""The command line ``fourierfield``: its commands, exit statuses and error lines."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from ..errors import FourierFieldError, Interrupted
from . import _bench as bench
from . import _demo as demo
from . import _fit as fit
from . import _info as info
from . import _render as render
from . import _reproduce as reproduce
from . import _spectrum as spectrum
from . import _tune as tune
from ._progress import StopSignals, check_output, printable
from ._words import READABLE, READABLE_ON_GRID, RENDERED

app = typer.Typer(
    name="fourierfield",
    help="Fit coordinate networks to measured signals: pictures, sound, volumes, films, meshes, posed pictures, scans "
    "and tables of points.\n\n"
    "A fit gives a field: a function of the coordinates, saved in a file,\nthat can be evaluated at any resolution.",
    epilog="To begin: fourierfield fit photo.jpg\n"
    "then:     fourierfield render photo.safetensors large.png --scale 4\n"
    "The options of each command: fourierfield COMMAND --help",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("fit", epilog=READABLE)(fit.command)
app.command("tune", epilog=READABLE_ON_GRID)(tune.command)
app.command("render", epilog=RENDERED)(render.command)
app.command("info")(info.command)
app.command("spectrum", epilog=READABLE_ON_GRID)(spectrum.command)
app.command("demo")(demo.command)
app.command("bench")(bench.command)
app.command("reproduce")(reproduce.command)


@app.callback(invoke_without_command=True)
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="After an error, also show its Python traceback.")] = False,
) -> None:
    if version:
        from .._version import __version__

        typer.echo(f"fourierfield {__version__}")
        raise typer.Exit


def main() -> NoReturn:
    """Run the command line and exit.

    The status is 0 for success, 2 for bad input (one line states the reason), 130 or 143 if interrupted, and 1 for an
    error that should not happen.
    """
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    if not debug:
        _silence_libraries()
    try:
        with StopSignals():
            check_output()
            code = typer.main.get_command(app).main(arguments, prog_name="fourierfield", standalone_mode=False)
            sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except Interrupted as stop:
        _end(_how_to_resume(stop), 128 + stop.signal_number, debug)
    except KeyboardInterrupt:
        _end("interrupted; nothing was written", 128 + signal.SIGINT, debug)
    except FourierFieldError as problem:
        _end(f"error: {problem}", 2, debug)
    except BrokenPipeError:  # the program that reads the output has ended, which is not an error here
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except MemoryError:
        _end(_NO_MEMORY, 2, debug)
    except Exception as problem:
        if isinstance(problem, RuntimeError) and "allocate memory" in str(problem):  # as PyTorch says it
            _end(_NO_MEMORY, 2, debug)
        if hasattr(problem, "format_message"):  # a usage error from Typer's parser
            _end(f"error: {problem.format_message()} Try --help.", 2, debug)
        _end(f"error: unexpected {type(problem).__name__}: {problem}; run again with --debug to see where", 1, debug)


_NO_MEMORY = "error: out of memory; lower --features, --width or --batch-size, or draw less at once"


def _silence_libraries() -> None:
    """Keep warnings and log lines of the libraries that decode files out of what the command prints."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


def _end(line: str, status: int, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(printable(" ".join(line.split())), file=sys.stderr)
    sys.exit(status)


def _how_to_resume(stop: Interrupted) -> str:
    if stop.finished:
        return "interrupted; all was written before"
    if stop.checkpoint is None:
        return "interrupted; nothing was written"
    return (
        f"interrupted at step {stop.step:,}; the checkpoint {stop.checkpoint} is kept; "
        "run the same command with --resume to continue (fourierfield render draws a checkpoint as it is)"
    )

"""The commands, and how every one of them ends."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from ..errors import FourierFieldError, Interrupted
from . import bench, demo, fit, info, render, reproduce, spectrum, tune

__all__ = ["app", "main"]

app = typer.Typer(
    name="fourierfield",
    help="Fit coordinate networks to measured signals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("fit")(fit.command)
app.command("tune")(tune.command)
app.command("render")(render.command)
app.command("info")(info.command)
app.command("spectrum")(spectrum.command)
app.command("demo")(demo.command)
app.command("bench")(bench.command)
app.command("reproduce")(reproduce.command)


@app.callback(invoke_without_command=True)
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    if version:
        from .. import __version__

        typer.echo(f"fourierfield {__version__}")
        raise typer.Exit


def main() -> NoReturn:
    """Run the command line. Exit status: 0 done, 2 bad input (one line says what), 130 or 143 interrupted."""
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        code = typer.main.get_command(app).main(arguments, prog_name="fourierfield", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except Interrupted as stop:
        _end(_how_to_resume(stop), 128 + stop.signal_number, debug)
    except KeyboardInterrupt:
        _end("interrupted; nothing was written", 128 + signal.SIGINT, debug)
    except FourierFieldError as problem:
        _end(f"error: {problem}", 2, debug)
    except BrokenPipeError:  # the reader of our output has gone; that is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except MemoryError:
        _end("error: out of memory; lower --features, --width or --batch-size", 2, debug)
    except Exception as problem:
        if hasattr(problem, "format_message"):  # a usage error, from Typer's own parser
            _end(f"error: {problem.format_message()} Try --help.", 2, debug)
        _end(f"error: unexpected {type(problem).__name__}: {problem}; --debug shows where", 1, debug)


def _end(line: str, status: int, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(" ".join(line.split()), file=sys.stderr)
    sys.exit(status)


def _how_to_resume(stop: Interrupted) -> str:
    if stop.checkpoint is None:
        return "interrupted; nothing was written"
    return f"interrupted at step {stop.step:,}; {stop.checkpoint} is kept: the same command with --resume goes on"

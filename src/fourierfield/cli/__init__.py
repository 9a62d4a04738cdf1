"""Parse the command line, call the package, and print the results.

Heavy packages are imported inside the commands, so that ``--help`` and error lines appear at once. This layer may
import every other.
"""

import signal
import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and exit; Ctrl-C ends it without a traceback, whenever it comes."""
    usual = signal.signal(signal.SIGINT, signal.SIG_DFL)  # while its modules are imported
    from ..errors import Interrupted
    from ._app import main as run

    def report(lost: "sys.UnraisableHookArgs") -> None:
        if not issubclass(lost.exc_type, Interrupted):  # which is repeated
            sys.__unraisablehook__(lost)

    sys.unraisablehook = report
    signal.signal(signal.SIGINT, usual)
    run()

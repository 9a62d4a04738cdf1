"""Parse the command line, call the package, and print the results.

Heavy packages are imported inside the commands, so that ``--help`` and error lines appear at once. This layer may
import every other.
"""

import signal
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and exit; until its modules are imported, Ctrl-C ends the process without a traceback."""
    usual = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ._app import main as run

    signal.signal(signal.SIGINT, usual)
    run()

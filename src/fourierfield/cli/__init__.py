"""Parse the command line, call the package, and print the results.

Heavy packages are imported inside the commands, so that ``--help`` and error lines appear at once. This layer may
import every other.
"""

from ._app import main

__all__ = ["main"]

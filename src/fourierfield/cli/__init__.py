"""The command line: parse, call, print.

Heavy packages are imported inside the commands, so that help and errors come at once.
The lowest layer: may import everything.
"""

from .app import main

__all__ = ["main"]

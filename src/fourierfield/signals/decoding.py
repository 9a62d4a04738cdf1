"""One line for whatever a decoder raises on a damaged file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import FourierFieldError, SignalError

__all__ = ["decoding"]


@contextmanager
def decoding(path: Path, what: str) -> Iterator[None]:
    """Read ``path`` as ``what`` ("NIfTI", "png"): decoders raise nearly anything on damaged files, and warn."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FourierFieldError:
        raise
    except MemoryError:
        raise SignalError(f"{path} does not fit in memory; crop or shrink it first") from None
    except Exception as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise SignalError(
            f"{path} cannot be decoded as {what}: {reason}; the file may be damaged or cut off"
        ) from problem

"""Files and arrays with a domain: what was measured, and where.

Reading, writing, splits and metrics for every kind of signal; NumPy only, no networks.
May import nothing else of fourierfield but its errors.
"""

from .domain import Domain, Grid
from .files import atomic_write
from .metrics import psnr, structural_similarity
from .reading import read_signal
from .sample_format import SampleFormat
from .signal import GridSignal, SignalDescription, as_signal
from .splits import GridHoldOut, HoldOut, NoHoldOut, RandomHoldOut, Split, parse_hold_out

__all__ = [
    "Domain",
    "Grid",
    "GridHoldOut",
    "GridSignal",
    "HoldOut",
    "NoHoldOut",
    "RandomHoldOut",
    "SampleFormat",
    "SignalDescription",
    "Split",
    "as_signal",
    "atomic_write",
    "parse_hold_out",
    "psnr",
    "read_signal",
    "structural_similarity",
]

"""From a file and settings to a saved field: the one place where all the pieces meet.

``settings`` holds what a user may choose, ``plan`` turns it into objects, ``run`` does the work, ``outcome`` is
what comes back. Behind ``fourierfield.fit`` and the command line alike.
May import everything down to tuning.
"""

from .events import FitEvents
from .outcome import FitDetails, FitOutcome
from .run import run_fit
from .scans import image_to_analyse
from .settings import FitSettings
from .spectrum import EncodingSpectrum, SignalSpectrum, analyse_spectrum
from .tune import TuneOutcome, run_tune

__all__ = [
    "EncodingSpectrum",
    "FitDetails",
    "FitEvents",
    "FitOutcome",
    "FitSettings",
    "SignalSpectrum",
    "TuneOutcome",
    "analyse_spectrum",
    "image_to_analyse",
    "run_fit",
    "run_tune",
]

"""From a file and settings to a saved field: the one place where all the pieces meet.

``settings`` holds what a user may choose, ``plan`` turns it into objects, ``run`` does the work, ``outcome`` is
what comes back. Behind ``fourierfield.fit`` and the command line alike.
May import everything down to tuning.
"""

from .outcome import FitOutcome
from .run import FitEvents, fit, run_fit
from .settings import FitSettings
from .spectrum import EncodingSpectrum, SignalSpectrum, analyse_spectrum

__all__ = [
    "EncodingSpectrum",
    "FitEvents",
    "FitOutcome",
    "FitSettings",
    "SignalSpectrum",
    "analyse_spectrum",
    "fit",
    "run_fit",
]

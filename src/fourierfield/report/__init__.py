"""Pictures of results, by Matplotlib and as text, the diagnosis of a fit, and the page that shows them.

May import everything down to fitting.
"""

from .candidates import Candidate, candidates_picture
from .comparison import Panel, comparison_picture
from .diagnosis import Diagnosis, Verdict, diagnose
from .evidence import Curve, Evidence, top_octave_share
from .fitted import fit, fit_and_report
from .spectrum import encoding_name, spectrum_picture
from .terminal import terminal_plot

__all__ = [
    "Candidate",
    "Curve",
    "Diagnosis",
    "Evidence",
    "Panel",
    "Verdict",
    "candidates_picture",
    "comparison_picture",
    "diagnose",
    "encoding_name",
    "fit",
    "fit_and_report",
    "spectrum_picture",
    "terminal_plot",
    "top_octave_share",
]

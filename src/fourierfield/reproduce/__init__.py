"""The paper's tables and figures, from its own settings.

An experiment is a frozen dataclass of sizes whose defaults are the paper's; finished runs are kept beside the picture.
May import everything but bench.
"""

from .experiment import Experiment, Lab, Outcome
from .figures import FIGURES, Figure, draw_figure
from .images import IMAGE_MAPPINGS, reproduce_images

__all__ = [
    "FIGURES",
    "IMAGE_MAPPINGS",
    "Experiment",
    "Figure",
    "Lab",
    "Outcome",
    "draw_figure",
    "reproduce_images",
]

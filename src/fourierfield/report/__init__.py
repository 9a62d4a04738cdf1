"""Pictures of results, by Matplotlib.

May import everything down to fitting.
"""

from .comparison import Panel, comparison_picture
from .spectrum import encoding_name, spectrum_picture

__all__ = ["Panel", "comparison_picture", "encoding_name", "spectrum_picture"]

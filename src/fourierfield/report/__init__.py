"""Pictures of results, by Matplotlib.

May import everything down to fitting.
"""

from .comparison import Panel, comparison_picture

__all__ = ["Panel", "comparison_picture"]

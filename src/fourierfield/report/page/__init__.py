"""The page that ``fit --report`` writes: one HTML file that needs nothing else.

``content`` says what it shows, ``of_fit`` fills that from a fit; ``write`` puts it together out of ``verdict`` and
``sections``, whose figures are inline SVG that follow the page's light and dark colours.
"""

from .content import (
    BandErrors,
    BandHistory,
    Choice,
    Forecast,
    ImpulseResponse,
    Learning,
    Missing,
    PageContent,
    Recipe,
    Scores,
    SignalFacts,
    Values,
)
from .of_fit import page_of_fit
from .write import page_html, write_page

__all__ = [
    "BandErrors",
    "BandHistory",
    "Choice",
    "Forecast",
    "ImpulseResponse",
    "Learning",
    "Missing",
    "PageContent",
    "Recipe",
    "Scores",
    "SignalFacts",
    "Values",
    "page_html",
    "page_of_fit",
    "write_page",
]

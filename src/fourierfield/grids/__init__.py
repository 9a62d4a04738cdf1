"""Regular grids and scattered points: domains, splits, metrics, sample formats, and files that several kinds share.

Every kind of signal stands on these. NumPy only; ``_endings`` needs not even that.
May import nothing else of the package but its errors.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from ._domain import Domain, Grid
    from ._signal import GridSignal
else:
    __getattr__, __dir__ = lazy(__name__, {"Domain": "_domain", "Grid": "_domain", "GridSignal": "_signal"})

__all__ = ["Domain", "Grid", "GridSignal"]

"""State what was measured of an unknown field, and what was kept back to score it.

A problem has a domain, training samples scaled to [0, 1] by the training range, held-out samples, and the classical
rivals that answer the same question. Problems never train themselves.
May import everything down to solvers.
"""

from ._grid import grid_problem

__all__ = ["grid_problem"]

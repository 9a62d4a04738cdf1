from __future__ import annotations

import numpy as np
import pytest

from fourierfield.grids._arrays import as_signal
from fourierfield.problems._grid import grid_problem
from fourierfield.tuning._choice import choose_by_rule


def test_the_rule_reads_the_density_and_not_the_values() -> None:
    rng = np.random.default_rng(0)
    flat, busy = (grid_problem(as_signal(image)) for image in (np.zeros((32, 64)), rng.random((32, 64))))
    choice = choose_by_rule(flat, features=77)
    assert choice == choose_by_rule(busy, features=77)
    assert choice.encoding.features == 77
    assert choice.encoding.bandwidth == pytest.approx(64 / 50)

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.report.page._content import ImpulseResponse
from fourierfield.report.page._figures import _cut, response_figure


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_the_middle_of_the_response_is_cut_out(dimensions: int) -> None:
    offsets = np.arange(-40, 41) / 4 / 20  # ten training samples to either side
    axes = np.meshgrid(*[offsets] * dimensions, indexing="ij")
    response = np.exp(-(20**2) * sum(axis**2 for axis in axes))
    impulse = ImpulseResponse(response, [offsets] * dimensions, (1 / 20,) * dimensions)
    (along, line), plane = _cut(impulse)
    assert (along[0], along[-1], line.max()) == (-5, 5, 1)
    assert (plane is None) == (dimensions == 1)
    assert plane is None or plane[2].shape == (41, 41)
    assert response_figure(impulse).startswith("<svg viewBox=")

"""The grid on which a table's field is drawn, in the columns' own units."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.grids._points import Placement
from fourierfield.kinds.tables._render import _axes, _mesh, _parse_window

PLACE = Placement(("east", "north"), (100.0, -5.0), (0.01, 0.1))


def field(points: int = 400) -> Any:
    """A stand-in for a field over 100 by 5 units: coordinates 0 to 1 and 0 to ½."""
    return SimpleNamespace(
        placement=PLACE, domain=SimpleNamespace(sides=(1.0, 0.5)), source=SimpleNamespace(shape=(points,))
    )


def test_without_a_size_there_are_as_many_cells_as_points() -> None:
    east, north = _axes(field(400), None, None, 1.0)
    assert len(east) * len(north) == pytest.approx(400, rel=0.05)
    assert len(east) / len(north) == pytest.approx(2, rel=0.1)
    np.testing.assert_allclose([east.mean(), north.mean()], [150, -2.5])
    doubled = _axes(field(400), None, None, 2.0)
    assert len(doubled[0]) == pytest.approx(2 * len(east), abs=1)


def test_many_points_are_drawn_on_a_bounded_grid_unless_a_scale_is_given() -> None:
    assert max(map(len, _axes(field(10**7), None, None, 1.0))) == 512
    assert max(map(len, _axes(field(10**7), None, None, 1.1))) > 4000


def test_cells_fill_the_window() -> None:
    east, north = _axes(field(), "110:130,-4:-3", (4, 2), 1.0)
    np.testing.assert_allclose(east, [112.5, 117.5, 122.5, 127.5])
    np.testing.assert_allclose(north, [-3.75, -3.25])
    assert _mesh([east, north])[1].tolist() == [112.5, -3.25]


@pytest.mark.parametrize("text", ["110:130", "110:130,-3:-4", "110:130,a:b", "110:130,1:2,3:4", "110:inf,1:2", "1,2"])
def test_other_windows_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match=r"START:END of east, north, .* example 100:150,-5:0"):
        _parse_window(text, PLACE)

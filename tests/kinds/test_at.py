"""Values and derivatives of a field at the points of a CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.kinds._registry import KINDS
from fourierfield.kinds._render import refuse_foreign, render_field
from fourierfield.kinds._render_options import RenderOptions
from fourierfield.networks._field import NetworkField


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_values_at_points_are_for_every_kind_with_derivatives_and_deviations(kind) -> None:  # type: ignore[no-untyped-def]
    refuse_foreign(RenderOptions(at="points.csv", gradient=True, uncertainty=True), kind)


def test_points_are_written_in_place_of_a_picture(tmp_path: Path, small_field: NetworkField) -> None:
    (tmp_path / "points.csv").write_text("y,x\n0.1,0.2\n0.3,0.4\n")
    render_field(small_field, str(tmp_path / "out.csv"), RenderOptions(at=str(tmp_path / "points.csv"), gradient=True))
    rows = np.loadtxt(tmp_path / "out.csv", delimiter=",", skiprows=1)
    points = np.array([[0.1, 0.2], [0.3, 0.4]])
    expected = np.hstack([points, small_field(points), small_field.gradient(points).reshape(2, -1)])
    np.testing.assert_allclose(rows, expected, rtol=1e-5)

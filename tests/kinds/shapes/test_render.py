"""What may be asked of a shape's picture, and what is written of a field without a surface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.kinds._render_options import RenderOptions
from fourierfield.kinds.shapes._mesh import MeshSignal
from fourierfield.kinds.shapes._render import _whole_numbers, parse_pose, write_shape
from fourierfield.kinds.shapes._surface import shape_facts


def test_a_pose_is_two_angles() -> None:
    pose = parse_pose("-20, 15.5")
    assert parse_pose("-20,15.5") == pose
    assert parse_pose(None) != pose
    for wrong in ("", "20", "20,15,3", "left,up"):
        with pytest.raises(SettingsError, match="AZIMUTH,ELEVATION"):
            parse_pose(wrong)


def test_sizes_are_one_or_three_numbers() -> None:
    assert _whole_numbers("256", (1, 3), "256") == (256,)
    assert _whole_numbers("2X3x4", (1, 3), "256") == (2, 3, 4)
    for wrong in ("2x3", "0", "-4", "2.5", "x"):
        with pytest.raises(SettingsError, match="1 or 3 positive whole numbers"):
            _whole_numbers(wrong, (1, 3), "256")


def test_nothing_is_written_where_there_is_no_surface_or_no_picture(ball: MeshSignal, tmp_path: Path) -> None:
    class Empty:
        record = shape_facts(ball, "occupancy")
        domain, placement = ball.domain, ball.placement

        def __call__(self, points: np.ndarray) -> np.ndarray:
            return np.zeros((len(points), 1))

    field: Any = Empty()
    for name, options, reason in (
        ("a.obj", RenderOptions(size="12"), "no surface on .* samples"),
        ("a.obj", RenderOptions(pose="0,0"), "--pose is for pictures"),
    ):
        with pytest.raises(SettingsError, match=reason):
            write_shape(field, str(tmp_path / name), options, print)
    assert not list(tmp_path.iterdir())

"""Fields drawn on grids: what lies in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fourierfield
from fourierfield.errors import SettingsError
from fourierfield.grids._pictures import write_image
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.kinds._grid_render import Meter
from fourierfield.kinds._render import render_field
from fourierfield.kinds._render_options import RenderOptions
from fourierfield.networks._drawn import DeviationField
from fourierfield.networks._field import NetworkField


def test_the_grid_that_is_asked_for_is_drawn(tmp_path: Path, small_field: NetworkField) -> None:
    lines: list[str] = []
    out = str(tmp_path / "a.npy")
    render_field(small_field, out, RenderOptions(scale=2.0), lines.append)
    grid = small_field.domain.grid((24, 40))
    np.testing.assert_array_equal(np.load(out), SampleFormat("uint8").encode(small_field.sample(grid)))
    assert lines == [f"{out}: 24×40"]


def test_gaps_are_filled_from_the_signal_s_own_file_alone(tmp_path: Path, small_field: NetworkField) -> None:
    values = np.random.default_rng(0).random((12, 20, 3)).astype(np.float32)
    values[2:4, 5] = np.nan
    np.save(tmp_path / "a.npy", values)
    render_field(small_field, str(tmp_path / "b.npy"), RenderOptions(fill=str(tmp_path / "a.npy")))
    missing = np.isnan(values)
    filled = np.load(tmp_path / "b.npy")
    np.testing.assert_array_equal(filled[~missing], values[~missing])
    drawn = small_field.sample(small_field.domain.grid((12, 20)))
    np.testing.assert_allclose(filled[missing], drawn[missing], rtol=1e-5)
    (tmp_path / "t.csv").write_text("x,y\n1,2\n3,4\n")
    with pytest.raises(SettingsError, match="holds a table of points; give the signal's own file"):
        render_field(small_field, str(tmp_path / "b.npy"), RenderOptions(fill=str(tmp_path / "t.csv")))


def test_pictures_are_encoded_as_the_signal_was(tmp_path: Path, small_field: NetworkField) -> None:
    render_field(small_field, str(tmp_path / "a.png"), RenderOptions())
    drawn = small_field.sample(small_field.domain.grid((12, 20)))
    write_image(tmp_path / "b.png", drawn, SampleFormat("uint8"))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_slow_drawing_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 0.5, 2.0, 3.0, 8.0, 9.0])
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    lines: list[str] = []
    meter = Meter("drawing a.png", 100, lines.append)
    for done in (5, 20, 30, 80, 100):
        meter(done)
    assert lines == ["drawing a.png: 20%, 8 s left", "drawing a.png: 80%, 2 s left"]


@pytest.mark.parametrize("uncertainty", [False, True])
def test_every_sample_is_reported(small_field: NetworkField, uncertainty: bool) -> None:
    kernel_field = fourierfield.fit(np.eye(8, dtype=np.float32), method="kernel")
    field = DeviationField(kernel_field) if uncertainty else small_field
    done: list[int] = []
    grid = field.domain.grid((70, 70))
    values = field.sample(grid, done.append)
    assert done == sorted(done)
    assert done[-1] == grid.size
    points = grid.coordinates(np.arange(0, grid.size, 97))
    np.testing.assert_allclose(values.reshape(grid.size, -1)[::97], field(points), rtol=1e-4, atol=1e-6)

"""Fields drawn on grids: what lies in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.grids._pictures import write_image
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.kinds._render import render_field
from fourierfield.kinds._render_options import RenderOptions
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

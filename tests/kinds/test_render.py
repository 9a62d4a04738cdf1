"""What may be asked of a field by its kind, and what then lies in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fourierfield
from fourierfield.errors import SettingsError
from fourierfield.grids._pictures import write_image
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.kinds._registry import KINDS
from fourierfield.kinds._render import refuse_foreign, render_field
from fourierfield.kinds._render_options import RenderOptions
from fourierfield.networks._field import NetworkField

GIVEN = {
    "size": "4x4",
    "scale": 2.0,
    "window": "0:0.5,:",
    "fill": "a.png",
    "uncertainty": True,
    "pose": "0,0",
    "depth": True,
    "frames": 3,
}


@pytest.mark.parametrize("name", GIVEN)
def test_each_option_is_taken_or_refused_by_name(name: str) -> None:
    options = RenderOptions(**{name: GIVEN[name]})
    for kind in KINDS.values():
        if name in kind.render_options:
            refuse_foreign(options, kind)
            continue
        with pytest.raises(SettingsError, match=rf"^--{name}\b.*; leave it out$") as caught:
            refuse_foreign(options, kind)
        assert kind.why_not.get(name, f"not for fields of {kind.name}") in str(caught.value)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_values_at_points_are_for_every_kind_with_derivatives_and_deviations(kind) -> None:  # type: ignore[no-untyped-def]
    refuse_foreign(RenderOptions(at="points.csv", gradient=True, uncertainty=True), kind)


def test_the_grid_that_is_asked_for_is_drawn(tmp_path: Path, small_field: NetworkField) -> None:
    lines: list[str] = []
    out = str(tmp_path / "a.npy")
    render_field(small_field, out, RenderOptions(scale=2.0), lines.append)
    grid = small_field.domain.grid((24, 40))
    np.testing.assert_array_equal(np.load(out), SampleFormat("uint8").encode(small_field.sample(grid)))
    assert lines == [f"{out}: 24×40"]


def test_points_are_written_in_place_of_a_picture(tmp_path: Path, small_field: NetworkField) -> None:
    (tmp_path / "points.csv").write_text("y,x\n0.1,0.2\n0.3,0.4\n")
    render_field(small_field, str(tmp_path / "out.csv"), RenderOptions(at=str(tmp_path / "points.csv"), gradient=True))
    rows = np.loadtxt(tmp_path / "out.csv", delimiter=",", skiprows=1)
    points = np.array([[0.1, 0.2], [0.3, 0.4]])
    expected = np.hstack([points, small_field(points), small_field.gradient(points).reshape(2, -1)])
    np.testing.assert_allclose(rows, expected, rtol=1e-5)


def test_a_name_whose_ending_is_of_no_format_is_refused_with_those_that_are(
    tmp_path: Path, small_field: NetworkField
) -> None:
    for name in ("a.wav", "a"):
        with pytest.raises(SettingsError, match=r"names no format of image.*\.png, \.jpg") as caught:
            render_field(small_field, str(tmp_path / name), RenderOptions())
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


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


def test_standard_deviations_are_drawn_of_kernels_alone(tmp_path: Path, small_field: NetworkField) -> None:
    out = str(tmp_path / "a.npy")
    with pytest.raises(SettingsError):
        render_field(small_field, out, RenderOptions(uncertainty=True))
    field = fourierfield.fit(np.eye(8, dtype=np.float32), method="kernel")
    render_field(field, out, RenderOptions(uncertainty=True))
    grid = field.domain.grid((8, 8))
    deviations = field.deviation(grid.coordinates(np.arange(64)))
    np.testing.assert_allclose(np.load(out).ravel(), np.ravel(deviations), rtol=1e-6)
    assert np.load(out).min() > 0


def test_pictures_are_encoded_as_the_signal_was(tmp_path: Path, small_field: NetworkField) -> None:
    render_field(small_field, str(tmp_path / "a.png"), RenderOptions())
    drawn = small_field.sample(small_field.domain.grid((12, 20)))
    write_image(tmp_path / "b.png", drawn, SampleFormat("uint8"))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()

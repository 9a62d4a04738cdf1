"""The grid on which a table's field is drawn, and its files: CSV, NetCDF, GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import netcdf_file

from fourierfield.errors import SettingsError
from fourierfield.grids._points import Placement
from fourierfield.kinds.tables._read import read_table
from fourierfield.kinds.tables._render import TABLE_ENDINGS, _axes, _mesh, _parse_window, write_grid

LONGITUDES, LATITUDES = np.linspace(245, 255, 5), np.linspace(30, 20, 3)
BAND = LONGITUDES[:, None] + 1000 * LATITUDES
AXES, NAMES = [LONGITUDES, LATITUDES], ["lon", "lat"]


def test_csv_has_a_row_per_point(tmp_path: Path) -> None:
    bands = {"depth (m)": BAND, "two words, quoted": np.where(BAND > 30253, np.nan, 1.5)}
    write_grid(tmp_path / "a.csv", AXES, NAMES, bands, True)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[:3] == ['lon,lat,depth (m),"two words, quoted"', "245.0,30.0,30245.0,1.5", "245.0,25.0,25245.0,1.5"]
    frame = pandas.read_csv(tmp_path / "a.csv")
    np.testing.assert_array_equal(frame["depth (m)"].to_numpy().reshape(5, 3), BAND)
    np.testing.assert_array_equal(frame["lon"], np.repeat(LONGITUDES, 3))
    assert frame["two words, quoted"].isna().sum() == 1


def test_a_grid_in_csv_is_a_table_again(tmp_path: Path) -> None:
    write_grid(tmp_path / "a.csv", AXES, NAMES, {"v": BAND}, True)
    signal = read_table(tmp_path / "a.csv")
    np.testing.assert_array_equal(signal.values[:, 0], BAND.ravel())


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    seed=st.integers(0, 2**32 - 1),
    single=st.booleans(),
    rows=st.integers(1, 9),
)
def test_csv_and_netcdf_keep_every_bit(
    tmp_path_factory: pytest.TempPathFactory, shape: list[int], seed: int, single: bool, rows: int
) -> None:
    random = np.random.default_rng(seed)
    names = ["lat", "lon", "time (d)"][: len(shape)]
    axes = [np.cumsum(random.uniform(0.1, 1, count)) for count in shape]
    band = random.normal(size=shape).astype(np.float32 if single else np.float64)
    folder = tmp_path_factory.mktemp("grid")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fourierfield.kinds.tables._render._ROWS_AT_ONCE", rows)
        for ending in ("csv", "nc"):
            write_grid(folder / f"a.{ending}", axes, names, {"v (m)": band}, len(shape) > 1)
    frame = pandas.read_csv(folder / "a.csv")
    assert list(frame.columns) == [*names, "v (m)"]
    read = frame["v (m)"].to_numpy().astype(band.dtype)  # a float32 is written with the digits that it needs
    np.testing.assert_array_equal(read.reshape(shape), band)
    grids = np.meshgrid(*axes, indexing="ij")
    np.testing.assert_allclose(frame[names].to_numpy(), np.stack([grid.ravel() for grid in grids], axis=1), rtol=1e-15)
    with netcdf_file(folder / "a.nc", mmap=False) as dataset:
        variable = dataset.variables["v"]
        order = [variable.dimensions.index(name.split()[0]) for name in names]
        np.testing.assert_array_equal(variable[:].transpose(order), band)
        assert variable.typecode() == ("f" if single else "d")


@pytest.mark.parametrize("ending", TABLE_ENDINGS)
def test_files_are_whole_or_not_there(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"a{ending.upper()}"
    write_grid(path, AXES, NAMES, {"v": BAND}, False)
    assert list(tmp_path.iterdir()) == [path]
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(SettingsError, match="No space left"):
        write_grid(path, AXES, NAMES, {"v": BAND + 1}, False)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", TABLE_ENDINGS)
def test_the_same_grid_is_the_same_bytes(tmp_path: Path, ending: str) -> None:
    paths = [tmp_path / f"{name}{ending}" for name in ("a", "b")]
    for path in paths:
        write_grid(path, AXES, NAMES, {"v": BAND}, True)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("name", "axes", "names", "bands", "reason"),
    [
        ("a.png", AXES, NAMES, {"v": BAND}, "ending .png names no format for grids; use one of .tif"),
        ("a", AXES, NAMES, {"v": BAND}, r"ending \(none\)"),
        ("absent/a.csv", AXES, NAMES, {"v": BAND}, "does not exist"),
        ("a.csv", AXES, ["lon"], {"v": BAND}, "a name per axis"),
        ("a.csv", [], [], {"v": BAND}, "a name per axis"),
        ("a.csv", AXES, NAMES, {}, "at least one band"),
        ("a.csv", AXES, NAMES, {"v": BAND.T}, r"shape \(3, 5\) on a grid of \(5, 3\)"),
        ("a.csv", AXES, NAMES, {"v": BAND.astype(complex)}, "complex128"),
        ("a.csv", AXES, NAMES, {"lat": BAND}, "different names"),
        ("a.csv", AXES, ["x", "y"], {"v": BAND}, "longitude and latitude"),
        ("a.csv", [LONGITUDES, np.array([1.0, 3, 2])], NAMES, {"v": BAND}, "rise or fall"),
        ("a.csv", [LONGITUDES, np.array([1.0, np.nan, 2])], NAMES, {"v": BAND}, "rise or fall"),
        ("a.csv", [np.empty(0), LATITUDES], NAMES, {"v": BAND[:0]}, "rise or fall"),
        ("a.tif", [LONGITUDES, np.array([1.0, 2, 4])], NAMES, {"v": BAND}, "even steps along lat; write .nc"),
        ("a.tif", [LONGITUDES, np.ones(1)], NAMES, {"v": BAND[:, :1]}, "2 samples along lat"),
        ("a.tif", [*AXES, np.ones(1)], [*NAMES, "t"], {"v": BAND[..., None]}, "grids of 2 axes, not 3"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is(
    tmp_path: Path, name: str, axes: list[np.ndarray], names: list[str], bands: dict[str, np.ndarray], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason) as caught:
        write_grid(tmp_path / name, axes, names, bands, True)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


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

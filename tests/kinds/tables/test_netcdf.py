"""NetCDF: CF names and units, latitude before longitude (checked once against xarray and netCDF4)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import netcdf_file

from fourierfield.errors import SettingsError
from fourierfield.kinds.tables import _netcdf as netcdf
from fourierfield.kinds.tables._render import write_grid

AXES = [np.array([10.0, 11, 12]), np.array([50.0, 40]), np.array([0.0, 1, 5, 7])]
BAND = np.arange(24.0).reshape(3, 2, 4)


def test_maps_follow_the_conventions(tmp_path: Path) -> None:
    bands = {"depth (m)": BAND, "Température de l'air (°C)": BAND.astype(np.float32)}
    write_grid(tmp_path / "a.nc", AXES, ["Lon (deg)", "lat", "time (days since 2000-01-01)"], bands, True)
    assert (tmp_path / "a.nc").read_bytes()[:4] == b"CDF\x02"  # 64-bit offsets
    with netcdf_file(tmp_path / "a.nc", mmap=False) as dataset:
        assert dataset.Conventions == b"CF-1.8"
        depth, air = dataset.variables["depth"], dataset.variables["Temperature_de_l_air"]
        assert depth.dimensions == air.dimensions == ("time", "lat", "Lon")
        np.testing.assert_array_equal(depth[:], BAND.transpose(2, 1, 0))
        assert (depth.typecode(), depth.units, depth.long_name) == ("d", b"m", b"depth (m)")
        assert (air.typecode(), air.units) == ("f", "°C".encode())
        east, north, time = (dataset.variables[name] for name in ("Lon", "lat", "time"))
        assert (east.units, east.standard_name, east.axis) == (b"degrees_east", b"longitude", b"X")
        assert (north.units, north.standard_name, north.axis) == (b"degrees_north", b"latitude", b"Y")
        assert time.units == b"days since 2000-01-01"
        np.testing.assert_array_equal(time[:], AXES[2])


def test_plain_axes_are_no_map(tmp_path: Path) -> None:
    write_grid(tmp_path / "a.nc", AXES[:2], ["x (mm)", "y (mm)"], {"v": BAND[..., 0] > 3}, False)
    with netcdf_file(tmp_path / "a.nc", mmap=False) as dataset:
        assert dataset.variables["v"].dimensions == ("y", "x")
        assert dataset.variables["x"].units == b"mm"
        assert not hasattr(dataset.variables["x"], "standard_name")
        np.testing.assert_array_equal(dataset.variables["v"][:], (BAND[..., 0] > 3).T)


def test_a_variable_beyond_32_bits_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netcdf, "_MOST_BYTES", 100)
    with pytest.raises(SettingsError, match="NetCDF-3 holds 2 GB per variable, but v has"):
        write_grid(tmp_path / "a.nc", AXES, ["x", "y", "z"], {"v": BAND}, False)
    assert list(tmp_path.iterdir()) == []

"""GeoTIFF: north up, corners of pixels, EPSG:4326, names of bands (checked once against GDAL, which reads the same)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from fourierfield.kinds.tables._render import write_grid

LONGITUDES, LATITUDES = np.linspace(170, 190, 5), np.linspace(10, 40, 4)
BAND = LONGITUDES[:, None] + 1000 * LATITUDES
NORTH_UP = BAND.T[::-1]


@pytest.mark.parametrize("flip", [1, -1])
@pytest.mark.parametrize("names", [["longitude", "lat"], ["lat", "longitude"]])
def test_rows_go_south_and_columns_east(tmp_path: Path, names: list[str], flip: int) -> None:
    axes, band = [LONGITUDES, LATITUDES[::flip]], BAND[:, ::flip]
    if names[0] == "lat":
        axes, band = axes[::-1], band.T
    write_grid(tmp_path / "a.tif", axes, names, {"v": band}, True)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        np.testing.assert_array_equal(file.asarray(), NORTH_UP.astype(np.float32))
        tags = file.pages.first.tags
        assert tags["ModelPixelScaleTag"].value == (5.0, 10.0, 0.0)
        assert tags["ModelTiepointTag"].value == (0, 0, 0, 167.5, 45.0, 0)
        assert file.geotiff_metadata["GTModelTypeGeoKey"] == 2
        assert file.geotiff_metadata["GTRasterTypeGeoKey"] == 1
        assert file.geotiff_metadata["GeographicTypeGeoKey"] == 4326


def test_bands_are_planes_with_names_and_nan_is_no_data(tmp_path: Path) -> None:
    bands = {"depth (m) <&>": BAND, "température": np.where(BAND > 40000, np.nan, BAND)}
    write_grid(tmp_path / "a.tiff", [LONGITUDES, LATITUDES], ["x", "y"], bands, False)
    with tifffile.TiffFile(tmp_path / "a.tiff") as file:
        assert len(file.pages) == 1
        page = file.pages.first
        assert (page.samplesperpixel, page.planarconfig, page.dtype) == (2, 2, np.float32)
        np.testing.assert_array_equal(page.asarray()[0], NORTH_UP)
        assert np.isnan(page.asarray()[1]).any()
        metadata = page.tags[42112].value
        assert page.tags[42113].value == "nan"
        assert 34735 not in page.tags  # in no known system
    assert 'sample="1" role="description">température<' in metadata
    assert "depth (m) &amp;lt;&amp;amp;&amp;gt;" in metadata


def test_axes_may_be_off_a_straight_line_by_rounding(tmp_path: Path) -> None:
    axis = np.round(np.linspace(0, 1, 30), 5)
    write_grid(tmp_path / "a.tif", [axis, axis], ["x", "y"], {"v": np.zeros((30, 30))}, False)

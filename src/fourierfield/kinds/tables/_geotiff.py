"""Write GeoTIFF: a grid of floats that maps can place."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import IO
from xml.sax.saxutils import escape

import numpy as np

from ...errors import SettingsError
from ...grids._column_names import map_axes

# TIFF tags ModelPixelScale, ModelTiepoint, GeoKeyDirectory, GDAL_METADATA and GDAL_NODATA
_SCALE, _TIEPOINT, _KEYS, _METADATA, _NO_DATA = 33550, 33922, 34735, 42112, 42113
_SHORT, _ASCII, _DOUBLE = 3, 2, 12  # TIFF types of a tag's values
# GeoTIFF keys GTModelType, GTRasterType and GeodeticCRS, and below the values that they get here
_MODEL_TYPE, _RASTER_TYPE, _GEODETIC_SYSTEM = 1024, 1025, 2048
_GEOGRAPHIC, _PIXEL_IS_AREA, _WGS84 = 2, 1, 4326
_UNEVEN = 1e-3  # of a step: the farthest that a sample of an axis may lie from even spacing

Tag = tuple[int, int, int, object, bool]


def encode_geotiff(
    file: IO[bytes], axes: Sequence[np.ndarray], names: Sequence[str], bands: Mapping[str, np.ndarray], geographic: bool
) -> None:
    """Write bands (n₁, n₂) as float32 planes, north up, pixels as areas, NaN as missing; EPSG:4326 if geographic."""
    import tifffile

    if len(axes) != 2:
        raise SettingsError(f"GeoTIFF holds grids of 2 axes, not {len(axes)}; write .nc or .csv")
    across, up = map_axes(names)
    planes = np.stack([_north_up(np.asarray(band, np.float32), axes, across, up) for band in bands.values()])
    tags = _place_tags(np.sort(axes[across]), np.sort(axes[up]), [names[across], names[up]])
    tags += [_keys_tag()] if geographic else []
    tags += [_text_tag(_NO_DATA, "nan")] if np.isnan(planes).any() else []
    tags += [_text_tag(_METADATA, _band_names(bands))]
    buffer = io.BytesIO()  # tifffile needs a file with a name
    tifffile.imwrite(
        buffer,
        planes if len(planes) > 1 else planes[0],
        photometric="minisblack",
        planarconfig="separate" if len(planes) > 1 else None,
        metadata=None,
        extratags=tags,
    )
    file.write(buffer.getbuffer())


def _north_up(band: np.ndarray, axes: Sequence[np.ndarray], across: int, up: int) -> np.ndarray:
    """Return the band with rows from the highest value of the upward axis and columns from the lowest of the other."""
    rows, columns = np.argsort(-axes[up]), np.argsort(axes[across])
    return band.transpose(up, across)[np.ix_(rows, columns)]


def _place_tags(across: np.ndarray, up: np.ndarray, names: Sequence[str]) -> list[Tag]:
    """Return the tags for the size of a pixel and for the upper left corner of the first one."""
    width, height = (_step(axis, name) for axis, name in zip((across, up), names, strict=True))
    corner = (0.0, 0.0, 0.0, float(across[0]) - 0.5 * width, float(up[-1]) + 0.5 * height, 0.0)
    return [(_SCALE, _DOUBLE, 3, (width, height, 0.0), True), (_TIEPOINT, _DOUBLE, 6, corner, True)]


def _step(axis: np.ndarray, name: str) -> float:
    if len(axis) < 2:
        raise SettingsError(f"GeoTIFF needs at least 2 samples along {name}; write .nc or .csv")
    step = float(axis[-1] - axis[0]) / (len(axis) - 1)
    if np.abs(axis - (axis[0] + step * np.arange(len(axis)))).max() > _UNEVEN * step:
        raise SettingsError(f"GeoTIFF needs even steps along {name}; write .nc or .csv")
    return step


def _keys_tag() -> Tag:
    entries = ((_MODEL_TYPE, _GEOGRAPHIC), (_RASTER_TYPE, _PIXEL_IS_AREA), (_GEODETIC_SYSTEM, _WGS84))
    keys = [1, 1, 0, len(entries), *(number for key, value in entries for number in (key, 0, 1, value))]
    return _KEYS, _SHORT, len(keys), tuple(keys), True


def _text_tag(code: int, text: str) -> Tag:
    content = text.encode() + b"\0"
    return code, _ASCII, len(content), content, True


def _band_names(bands: Mapping[str, np.ndarray]) -> str:
    items = "".join(  # escaped twice, as GDAL does and undoes
        f'<Item name="DESCRIPTION" sample="{band}" role="description">{escape(escape(name))}</Item>'
        for band, name in enumerate(bands)
    )
    return f"<GDALMetadata>{items}</GDALMetadata>"

"""TIFF of every kind against Pillow, or against the numbers that were written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from fourierfield import read
from fourierfield.errors import SignalError

Y, X = np.mgrid[:12, :16]
GREY = (12 * X + 3 * Y).astype(np.uint8)
RGB = np.stack([15 * X, 20 * Y, 255 - 15 * X], axis=-1).astype(np.uint8)
STACK = np.stack([np.roll(GREY, k, 1) for k in range(4)]).astype(np.uint16)


def values(path: Path) -> np.ndarray:
    found = read(path).values
    return found[..., 0] if found.shape[-1] == 1 else found


@pytest.mark.parametrize("bits", [1, 2, 4, 12])
def test_grey_of_few_bits_goes_from_black_to_white(tmp_path: Path, bits: int) -> None:
    stored = (GREY.astype(np.uint16) * (2**bits - 1) // 255).astype(np.uint16 if bits > 8 else np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stored, bitspersample=bits, photometric="minisblack", metadata=None)
    np.testing.assert_allclose(values(tmp_path / "a.tif"), stored / (2**bits - 1), atol=1e-5)


@pytest.mark.parametrize("pages", [1, 3])
def test_white_is_zero_where_the_file_says_so(tmp_path: Path, pages: int) -> None:
    stored = np.stack([GREY] * pages).squeeze()
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="miniswhite", metadata=None)
    found = values(tmp_path / "a.tif")
    np.testing.assert_allclose(found, 1 - stored / 255, atol=1e-6)


@pytest.mark.parametrize("pages", [1, 3])
def test_palettes(tmp_path: Path, pages: int) -> None:
    frames = [Image.fromarray(np.roll(RGB, k, 1)).quantize(16) for k in range(pages)]
    frames = [frame.remap_palette(list(range(16))) for frame in frames]
    for frame in frames:
        frame.putpalette(frames[0].getpalette())  # tifffile has one palette for a series
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    expected = np.stack([np.asarray(frame.convert("RGB")) for frame in frames]).squeeze()
    np.testing.assert_allclose(values(tmp_path / "a.tif"), expected / 255, atol=0.005)


def test_ycbcr_without_jpeg_is_not_rgb(tmp_path: Path) -> None:
    stored = np.asarray(Image.fromarray(RGB).convert("YCbCr"))
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="ycbcr", metadata=None)
    np.testing.assert_allclose(values(tmp_path / "a.tif"), RGB / 255, atol=4 / 255)


@pytest.mark.parametrize("kind", ["unspecified", "unassalpha", "assocalpha"])
def test_only_transparency_is_transparency(tmp_path: Path, kind: str) -> None:
    """A fourth band is near infrared, or alpha that colours are multiplied by, or not: with Pillow's colours."""
    alpha = np.where(X < 5, 0, 120).astype(np.uint8)
    tifffile.imwrite(
        tmp_path / "a.tif", np.dstack([RGB // 2, alpha]), photometric="rgb", extrasamples=[kind], metadata=None
    )
    found = values(tmp_path / "a.tif")
    assert found.shape == (12, 16, 4)
    if kind == "unspecified":
        np.testing.assert_allclose(found, np.dstack([RGB // 2, alpha]) / 255, atol=1e-6)
        return
    assert np.isnan(found[..., :3]).all(-1).sum() == (alpha == 0).sum()
    with Image.open(tmp_path / "a.tif") as image:
        expected = np.asarray(image.convert("RGBA"))[:, 5:, :3] / 255
    np.testing.assert_allclose(found[:, 5:, :3], expected, atol=1.5 / 255)


def test_two_bands_are_two_channels(tmp_path: Path) -> None:
    two = np.dstack([GREY, np.where(X < 5, 0, GREY)])
    tifffile.imwrite(tmp_path / "a.tif", two, photometric="minisblack", extrasamples=["unspecified"], metadata=None)
    np.testing.assert_allclose(values(tmp_path / "a.tif"), two / 255, atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_are_pillows(tmp_path: Path, orientation: int) -> None:
    from PIL import ImageOps

    tag = (274, "H", 1, orientation, True)
    tifffile.imwrite(tmp_path / "a.tif", RGB, photometric="rgb", metadata=None, extratags=[tag])
    with Image.open(tmp_path / "a.tif") as image:
        expected = np.asarray(ImageOps.exif_transpose(image)) / 255
    np.testing.assert_allclose(values(tmp_path / "a.tif"), expected, atol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_planes_byte_orders_and_types(tmp_path: Path, dtype: str, order: str) -> None:
    stored = RGB.astype(dtype)
    planes = np.moveaxis(stored, -1, 0)
    options = {"photometric": "rgb", "planarconfig": "separate", "byteorder": order, "metadata": None}
    tifffile.imwrite(tmp_path / "a.tif", planes, **options)
    peak = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    np.testing.assert_allclose(values(tmp_path / "a.tif"), RGB / peak, rtol=1e-6)


def test_stacks_of_one_directory_are_stacks(tmp_path: Path) -> None:
    """ImageJ writes large stacks with a single directory, and its slices one after another."""
    metadata = {"axes": "ZYX", "unit": "microns", "spacing": 3.0}
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, metadata=metadata, resolution=(2.0, 2.0))
    content = bytearray((tmp_path / "a.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        pointer = file.pages[0].offset
        entries = int.from_bytes(content[pointer : pointer + 2], "little" if file.byteorder == "<" else "big")
        after = pointer + 2 + 12 * entries
    content[after : after + 4] = bytes(4)
    (tmp_path / "one.tif").write_bytes(content)
    for name in ("a.tif", "one.tif"):
        signal = read(tmp_path / name)
        assert (signal.kind, signal.domain.extent, signal.domain.units) == ("volume", (12.0, 6.0, 8.0), ("um",) * 3)
        np.testing.assert_array_equal(signal.values[..., 0], (STACK / 65535).astype(np.float32))


def test_pages_appended_one_by_one_are_a_stack(tmp_path: Path) -> None:
    for page in STACK:
        tifffile.imwrite(tmp_path / "a.tif", page, append=True)
    np.testing.assert_array_equal(values(tmp_path / "a.tif"), (STACK / 65535).astype(np.float32))


def test_thumbnails_are_left_out_and_named(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(RGB, photometric="rgb", metadata=None)
        file.write(RGB[::4, ::4], photometric="rgb", subfiletype=1, metadata=None)
    signal = read(tmp_path / "a.tif")
    assert signal.shape == (12, 16)
    assert "1 smaller copies" in signal.notes[0]


@pytest.mark.parametrize("shape", [(12, 16), (3, 12, 16)])
def test_missing_samples_are_those_that_the_file_names(tmp_path: Path, shape: tuple[int, ...]) -> None:
    stored = np.random.default_rng(0).random(shape).astype(np.float32)
    stored[..., 3, :5] = -9999
    tag = (42113, "s", 0, "-9999", True)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="minisblack", metadata=None, extratags=[tag])
    np.testing.assert_array_equal(values(tmp_path / "a.tif"), np.where(stored == -9999, np.nan, stored))


def test_cut_off_files_are_refused_with_the_page(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack", metadata=None)
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[:-100])
    with pytest.raises(SignalError, match="cut off"):
        read(tmp_path / "cut.tif")


def ome(path: Path, **metadata: object) -> Path:
    tifffile.imwrite(path, STACK, ome=True, photometric="minisblack", metadata={"axes": "TYX", **metadata})
    return path


def imagej(path: Path, **metadata: object) -> Path:
    tifffile.imwrite(path, STACK, imagej=True, metadata={"axes": "TYX", **metadata})
    return path


def single_directory(path: Path) -> Path:
    """Write as ImageJ does beyond 4 GB: the slices follow the first one, and no directory follows the first."""
    imagej(path)
    with tifffile.TiffFile(path) as file:
        at, order = file.pages[0].offset, "little" if file.byteorder == "<" else "big"
        end = file.pages[0].dataoffsets[0] + STACK.nbytes
    content = bytearray(path.read_bytes())
    after = at + 2 + 12 * int.from_bytes(content[at : at + 2], order)
    content[after : after + 4] = bytes(4)
    path.write_bytes(content[:end])  # without the other directories, which lie behind the samples
    return path


def plain(path: Path) -> Path:
    with tifffile.TiffWriter(path) as file:
        for page in STACK:
            file.write(page, photometric="minisblack", metadata=None)
    return path


@pytest.mark.parametrize("write", [ome, imagej, single_directory, plain])
@pytest.mark.parametrize("share", [0.4, 0.7, 0.9, 0.99])
def test_stacks_cut_anywhere_are_refused_and_never_taken_for_one_picture(
    tmp_path: Path, write: Callable[[Path], Path], share: float
) -> None:
    content = write(tmp_path / "whole.tif").read_bytes()
    assert read(tmp_path / "whole.tif").shape[0] == 4
    (tmp_path / "cut.tif").write_bytes(content[: int(share * len(content))])
    with pytest.raises(SignalError, match=r"cut off|not whole|decoded"):
        read(tmp_path / "cut.tif")


@pytest.mark.parametrize(
    ("dtype", "marker", "held"),
    [
        (np.uint8, "-9999", False),
        (np.uint16, "1e20", False),
        (np.uint8, "0.5", False),
        (np.uint8, "255", True),
        (np.int16, "-32768", True),
        (np.float32, "-3.4028234663852886e+38", True),
        (np.float32, "nan", True),
        (np.float32, "1e300", False),
    ],
)
def test_markers_that_a_type_cannot_hold_mark_nothing(tmp_path: Path, dtype: type, marker: str, held: bool) -> None:
    stored = (GREY % 200).astype(dtype)
    if held:
        stored[3, :5] = dtype(marker) if dtype is np.float32 else dtype(int(marker))
    tifffile.imwrite(
        tmp_path / "a.tif", stored, photometric="minisblack", metadata=None, extratags=[(42113, "s", 0, marker, True)]
    )
    assert np.isnan(values(tmp_path / "a.tif")).sum() == (5 if held else 0)


def test_a_palettes_missing_index_is_missing(tmp_path: Path) -> None:
    colours = np.random.default_rng(0).integers(0, 65536, (3, 256)).astype(np.uint16)
    tag = (42113, "s", 0, "7", True)
    tifffile.imwrite(tmp_path / "a.tif", GREY, photometric="palette", colormap=colours, metadata=None, extratags=[tag])
    found = values(tmp_path / "a.tif")
    np.testing.assert_array_equal(np.isnan(found).all(axis=-1), GREY == 7)


def test_clear_samples_of_stacks_are_missing(tmp_path: Path) -> None:
    stored = np.concatenate([np.stack([RGB] * 3), np.full((3, 12, 16, 1), 255, np.uint8)], axis=-1)
    stored[1, 4:6, :7, 3] = 0
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", extrasamples=["unassalpha"], metadata=None)
    found = values(tmp_path / "a.tif")
    np.testing.assert_allclose(found, np.where(stored[..., 3:] > 0, stored[..., :3] / 255, np.nan), atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_stacks_are_turned_as_pictures_are(tmp_path: Path, orientation: int) -> None:
    tags = [(274, "H", 1, orientation, True)]
    tifffile.imwrite(tmp_path / "one.tif", STACK[0], photometric="minisblack", metadata=None, extratags=tags)
    tifffile.imwrite(tmp_path / "all.tif", STACK, photometric="minisblack", metadata=None, extratags=tags)
    np.testing.assert_array_equal(values(tmp_path / "all.tif")[0], values(tmp_path / "one.tif"))


@pytest.mark.parametrize(
    ("unit", "seconds"), [("msec", 1e-3), ("us", 1e-6), ("hr", 3600.0), ("sec", 1.0), ("min", 60.0)]
)
def test_imagejs_times_by_any_spelling(tmp_path: Path, unit: str, seconds: float) -> None:
    found = read(imagej(tmp_path / "a.tif", finterval=2.5, tunit=unit))
    assert found.domain.units[0] == "s"
    np.testing.assert_allclose(found.domain.extent[0], 4 * 2.5 * seconds)


@pytest.mark.parametrize(("unit", "seconds"), [("ns", 1e-9), ("d", 86400.0), ("ks", 1e3), ("µs", 1e-6)])
def test_omes_times(tmp_path: Path, unit: str, seconds: float) -> None:
    found = read(ome(tmp_path / "a.ome.tif", TimeIncrement=2.5, TimeIncrementUnit=unit))
    assert found.domain.units[0] == "s"
    np.testing.assert_allclose(found.domain.extent[0], 4 * 2.5 * seconds)


@pytest.mark.parametrize("place", ["../other.ome.tif", "/tmp/other.ome.tif", "..\\\\other.ome.tif"])
def test_ome_files_lead_to_no_other_folder(tmp_path: Path, place: str) -> None:
    description = (
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="a">'
        '<Image ID="Image:0"><Pixels DimensionOrder="XYZCT" ID="Pixels:0" SizeX="16" SizeY="12" SizeZ="2" SizeC="1" '
        'SizeT="1" Type="uint16"><TiffData IFD="0" FirstZ="0" PlaneCount="1"><UUID FileName="a.ome.tif">a</UUID>'
        f'</TiffData><TiffData IFD="0" FirstZ="1" PlaneCount="1"><UUID FileName="{place}">b</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK[0], description=description, metadata=None)
    with pytest.raises(SignalError, match="outside its folder"):
        read(tmp_path / "a.ome.tif")

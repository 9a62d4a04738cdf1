"""Every picture format is read as it was written, and written back in the same depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, features

from fourierfield.errors import SettingsError
from fourierfield.grids._pictures import write_image
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.kinds._read import read

RNG = np.random.default_rng(0)


def ramp(channels: int, dtype: type = np.uint8, shape: tuple[int, int] = (9, 13)) -> np.ndarray:
    top = np.iinfo(dtype).max
    samples = RNG.integers(0, top, (*shape, channels), endpoint=True).astype(dtype)
    if channels in (2, 4):
        samples[..., -1] = np.maximum(samples[..., -1], 1)  # nothing fully transparent
        samples[0, 0, -1] = top // 2
    return samples


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("ending", [".png", ".tif", ".npy"])
def test_lossless_round_trip(tmp_path: Path, channels: int, dtype: type, ending: str) -> None:
    samples = ramp(channels, dtype)
    path = tmp_path / f"image{ending}"
    write_image(path, SampleFormat.of(samples).decode(samples), SampleFormat.of(samples))
    signal = read(path)
    assert signal.sample_format.dtype == np.dtype(dtype).name
    np.testing.assert_array_equal(signal.sample_format.encode(signal.values), samples)


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("RGBA", 4)])
def test_webp_is_lossless(tmp_path: Path, mode: str, channels: int) -> None:
    samples = ramp(channels)
    path = tmp_path / "image.webp"
    write_image(path, samples / 255, SampleFormat("uint8"))
    found = read(path).values
    np.testing.assert_allclose(found[..., :1] if mode == "L" else found, samples / 255, atol=1e-6)


def test_jpeg_is_close(tmp_path: Path, smooth_image: np.ndarray) -> None:
    path = tmp_path / "image.jpg"
    write_image(path, smooth_image, SampleFormat("uint8"))
    assert np.abs(read(path).values - smooth_image).max() < 0.06


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_other_samples_stand_for_themselves(tmp_path: Path, dtype: type) -> None:
    samples = (RNG.standard_normal((7, 8)) * 100).astype(dtype)
    tifffile.imwrite(tmp_path / "image.tif", samples)
    signal = read(tmp_path / "image.tif")
    np.testing.assert_allclose(signal.values[..., 0], samples, rtol=1e-6)
    write_image(tmp_path / "again.tif", signal.values, signal.sample_format)
    again = tifffile.imread(tmp_path / "again.tif")
    assert again.dtype == samples.dtype
    np.testing.assert_allclose(again, samples, rtol=1e-6)


def test_sixteen_bit_png_keeps_its_low_bits(tmp_path: Path) -> None:
    samples = np.full((8, 8, 3), 257, dtype=np.uint16)
    samples[0, 0] = 258
    write_image(tmp_path / "deep.png", samples / 65535, SampleFormat("uint16"))
    values = read(tmp_path / "deep.png").values
    assert np.isclose(values[0, 0, 0] - values[1, 1, 0], 1 / 65535, rtol=1e-2)


def test_palette_bitmap_and_print_colours_are_expanded(tmp_path: Path) -> None:
    rgb = Image.fromarray(ramp(3))
    rgb.quantize(8).save(tmp_path / "palette.png")
    rgb.convert("1").save(tmp_path / "bitmap.png")
    rgb.convert("CMYK").save(tmp_path / "print.jpg")
    assert [read(tmp_path / name).channels for name in ("palette.png", "bitmap.png", "print.jpg")] == [3, 1, 3]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_alike_to_jpeg_and_tiff(tmp_path: Path, orientation: int) -> None:
    samples = np.zeros((16, 24, 3), dtype=np.uint8)
    samples[:8, :8] = 255
    image = Image.fromarray(samples)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.jpg", exif=exif, quality=100)
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="rgb", extratags=[(274, "H", 1, orientation, True)])
    jpeg, tiff = (read(tmp_path / name).values for name in ("a.jpg", "a.tif"))
    assert jpeg.shape == tiff.shape
    np.testing.assert_allclose(jpeg, tiff, atol=0.1)


def test_opaque_alpha_is_dropped_and_masks_become_missing_samples(tmp_path: Path) -> None:
    opaque = ramp(4)
    opaque[..., 3] = 255
    mask = opaque.copy()
    mask[2:4, 2:4, 3] = 0
    soft = mask.copy()
    soft[5, 5, 3] = 100
    signals = []
    for name, samples in (("opaque", opaque), ("mask", mask), ("soft", soft)):
        Image.fromarray(samples).save(tmp_path / f"{name}.png")
        signals.append(read(tmp_path / f"{name}.png"))
    assert [s.channels for s in signals] == [3, 3, 4]
    assert [int((~s.present).sum()) for s in signals] == [0, 4, 0]
    assert np.isnan(signals[2].values[2, 2, :3]).all()
    assert signals[2].values[2, 2, 3] == 0


def test_jpeg_refuses_transparency_and_unknown_endings_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="transparency"):
        write_image(tmp_path / "a.jpg", np.zeros((4, 4, 4)), SampleFormat("uint8"))
    with pytest.raises(SettingsError, match=r"\.xyz"):
        write_image(tmp_path / "a.xyz", np.zeros((4, 4, 3)), SampleFormat("uint8"))
    assert list(tmp_path.iterdir()) == []


def test_real_photos_are_read(shared_data: Path) -> None:
    for path in sorted((shared_data / "photos").glob("*.png")):
        signal = read(path)
        assert sorted(signal.shape) == [512, 768]
        np.testing.assert_array_equal(signal.sample_format.encode(signal.values), np.asarray(Image.open(path)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("bands", [0, 3])
def test_16_bit_png_are_turned_upright_like_8_bit_ones(tmp_path: Path, orientation: int, bands: int) -> None:
    """By an eXIf chunk after the header, with Pillow's own turn."""
    import struct
    import zlib

    import imagecodecs
    from PIL import ImageOps

    samples = np.random.default_rng(0).integers(0, 65535, (5, 7, bands) if bands else (5, 7)).astype(np.uint16)
    exif = Image.Exif()
    exif[274] = orientation
    chunk = b"eXIf" + exif.tobytes().removeprefix(b"Exif\0\0")
    png = bytes(imagecodecs.png_encode(samples))
    packed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    (tmp_path / "a.png").write_bytes(png[:33] + packed + png[33:])
    turned = Image.fromarray(np.arange(35, dtype=np.uint8).reshape(5, 7))
    turned.info["exif"] = exif.tobytes()
    turned.getexif()[274] = orientation
    places = np.asarray(ImageOps.exif_transpose(turned))
    expected = samples.reshape(35, -1)[places].squeeze() / 65535
    np.testing.assert_allclose(read(tmp_path / "a.png").values.squeeze(), expected, atol=1e-7)


@pytest.mark.parametrize("colour", [0, 2])
def test_colour_keys_of_16_bits_are_transparency(tmp_path: Path, colour: int) -> None:
    """PNG's chunk tRNS names one colour as clear (PNG 1.2, section 4.2.1.1)."""
    import struct
    import zlib

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    bands = 3 if colour == 2 else 1
    stored = (np.arange(80 * bands).reshape(8, 10, bands) * 200).astype(">u2")
    key = stored[2, 3].copy()
    rows = b"".join(b"\0" + row.tobytes() for row in stored)
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 8, 16, colour, 0, 0, 0))
        + chunk(b"tRNS", key.tobytes())
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    expected = (stored / 65535).astype(np.float32)
    expected[2, 3] = np.nan
    np.testing.assert_allclose(read(tmp_path / "a.png").values, expected, rtol=1e-6)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow does not decode AVIF")
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_avif_is_a_picture_and_not_a_film(tmp_path: Path, smooth_image: np.ndarray, mode: str) -> None:
    samples = (255 * smooth_image).round().astype(np.uint8)
    Image.fromarray(samples if samples.ndim == 3 else np.stack([samples] * 3, -1)).convert(mode).save(
        tmp_path / "a.avif", quality=100
    )
    signal = read(tmp_path / "a.avif")
    expected = np.asarray(Image.open(tmp_path / "a.avif").convert("RGB")) / 255
    assert signal.kind == "image"
    np.testing.assert_allclose(signal.values, expected, atol=1e-6)

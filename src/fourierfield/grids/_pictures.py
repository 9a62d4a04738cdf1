"""Read and write pictures: PNG, JPEG, TIFF, WebP, BMP and GIF, in 8 and 16 bits and floating point."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..errors import SettingsError, SignalError
from ._domain import Domain
from ._endings import IMAGE_ENDINGS
from ._files import atomic_write, check_size, decoding, encode_npy
from ._sample_format import SampleFormat
from ._signal import GridSignal

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
    b"II+\x00": "tiff",
    b"MM\x00+": "tiff",
    b"BM": "bmp",
    b"GIF8": "gif",
}


def read_image(path: Path, container: str) -> GridSignal:
    """Read a picture upright, without palette; clear pixels are missing, alpha is kept if partly transparent."""
    return _image_signal(decode_picture(path, container), path)


def decode_picture(path: Path, container: str, *, upright: bool = True) -> np.ndarray:
    """Decode the samples of a picture as its file holds them, (H, W) or (H, W, C), upright or as they are stored."""
    decode = _decode_tiff if container == "tiff" else _decode_with_pillow
    with decoding(path, container):
        return decode(path, upright)


def is_stack(path: Path) -> bool:
    """Return whether a TIFF has several pages; False for a damaged one, which its reader refuses."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            return len(file.pages) > 1 and len(file.series[0].shape) > 2
    except Exception:
        return False


def is_animated(path: Path) -> bool:
    """Return whether a GIF or WebP holds several frames; False for a damaged one, which its reader refuses."""
    from PIL import Image

    try:
        with Image.open(path, formats=("GIF", "WEBP")) as image:
            return getattr(image, "n_frames", 1) > 1
    except Exception:
        return False


def picture_container(head: bytes) -> str | None:
    """Return the container of a picture that begins with these bytes, or None if it is not a single picture's."""
    found = next((container for magic, container in _MAGIC.items() if head.startswith(magic)), None)
    return found or ("webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None)


def _image_signal(samples: np.ndarray, path: Path) -> GridSignal:
    sample_format = SampleFormat.of(samples, squeeze=samples.ndim == 2)
    values = sample_format.decode(samples if samples.ndim == 3 else samples[..., None])
    if values.shape[-1] in (2, 4):
        values = _transparency_as_missing(values)
    domain = Domain.of_samples(values.shape[:2])
    return GridSignal(values, domain, "image", sample_format, str(path), os.path.getsize(path))


def _transparency_as_missing(values: np.ndarray) -> np.ndarray:
    alpha = values[..., -1]
    partly = (alpha > 0) & (alpha < 1)
    colour = np.where(alpha[..., None] > 0, values[..., :-1], np.nan).astype(np.float32)
    return np.concatenate([colour, alpha[..., None]], axis=-1) if partly.any() else colour


def _decode_with_pillow(path: Path, upright: bool = True) -> np.ndarray:
    from PIL import Image, ImageOps

    with _own_size_limit(), Image.open(path, formats=("PNG", "JPEG", "WEBP", "BMP", "GIF")) as image:
        check_size(path, image.size[::-1], len(image.getbands()))
        if image.format == "PNG" and _png_bit_depth(path) == 16:
            return _decode_png16(path, "transparency" in image.info)
        image.load()
        return np.asarray(_to_plain_mode(ImageOps.exif_transpose(image) if upright else image))


@contextmanager
def _own_size_limit() -> Iterator[None]:
    """Lift Pillow's limit on pixels: ``check_size`` checks a limit in bytes before decoding."""
    from PIL import Image

    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _png_bit_depth(path: Path) -> int:
    with open(path, "rb") as file:
        return file.read(25)[24]  # the byte after width and height in the IHDR chunk


def _decode_png16(path: Path, keyed: bool) -> np.ndarray:
    import imagecodecs  # Pillow reduces 16-bit colour to 8 bits

    if keyed:
        raise SignalError(f"{path} marks transparency with a 16-bit colour key; save it with an alpha channel instead")
    return imagecodecs.png_decode(path.read_bytes())


def _to_plain_mode(image):  # type: ignore[no-untyped-def]
    """Convert palettes, bitmaps and print colours to grey, RGB, or either with alpha."""
    if image.mode in ("L", "LA", "RGB", "RGBA", "F"):
        return image.convert("RGBA") if image.mode == "RGB" and "transparency" in image.info else image
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _decode_tiff(path: Path, upright: bool = True) -> np.ndarray:
    import tifffile

    with tifffile.TiffFile(path) as file:
        if len(file.pages) > 1:
            raise SignalError(f"{path} is a stack of {len(file.pages)} pages; extract the page that you want to fit")
        page = file.pages.first
        check_size(path, page.shape[:2], page.shape[2] if len(page.shape) > 2 else 1)
        samples = page.asarray()
        photometric, palette = page.photometric, page.colormap
        planar = page.planarconfig
        orientation = page.tags.valueof("Orientation", default=1) if upright else 1
    return _tiff_as_picture(samples, photometric, palette, planar, orientation, path)


def _tiff_as_picture(samples, photometric, palette, planar, orientation, path):  # type: ignore[no-untyped-def]
    import tifffile

    if samples.ndim == 3 and planar == tifffile.PLANARCONFIG.SEPARATE:
        samples = np.moveaxis(samples, 0, -1)
    if photometric == tifffile.PHOTOMETRIC.PALETTE and palette is not None:
        samples = np.moveaxis(palette[:, samples], 0, -1).astype(np.uint16)
    elif photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        samples = ~samples if samples.dtype.kind in "bu" else samples
    elif photometric in (tifffile.PHOTOMETRIC.SEPARATED, tifffile.PHOTOMETRIC.CIELAB):
        raise SignalError(f"{path} holds {photometric.name} colours; convert it to grey or RGB")
    if samples.ndim not in (2, 3) or (samples.ndim == 3 and samples.shape[2] > 4) or samples.dtype.kind not in "buif":
        raise SignalError(f"{path} holds {samples.dtype} samples of shape {samples.shape}, which is not a picture")
    return _oriented(samples, int(orientation))


def _oriented(samples: np.ndarray, orientation: int) -> np.ndarray:
    """Undo the eight TIFF/EXIF orientations: bit patterns of flips and a transposition."""
    if orientation >= 5:
        samples = samples.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    return np.ascontiguousarray(samples)


def write_image(path: Path | str, values: np.ndarray, sample_format: SampleFormat) -> None:
    """Write values (H, W, C) as ``path`` names it: 8 bits, PNG 8 or 16, TIFF and .npy in the source's type."""
    path = Path(path)
    encode = _encoder(path)
    content = encode(np.asarray(values), sample_format)
    atomic_write(path, content)


def _encoder(path: Path) -> Callable[[np.ndarray, SampleFormat], bytes]:
    encoders: dict[str, Callable[[np.ndarray, SampleFormat], bytes]] = {
        ".png": _encode_png,
        ".jpg": _encode_jpeg,
        ".jpeg": _encode_jpeg,
        ".webp": _encode_webp,
        ".tif": _encode_tiff,
        ".tiff": _encode_tiff,
        ".npy": lambda values, sample_format: encode_npy(_squeezed(values, sample_format)),
    }
    ending = path.suffix.lower()
    if ending not in encoders:
        known = ", ".join(IMAGE_ENDINGS)
        raise SettingsError(f"{path}: the ending {ending or '(none)'} names no format; use one of {known}")
    return encoders[ending]


def _squeezed(values: np.ndarray, sample_format: SampleFormat) -> np.ndarray:
    samples = sample_format.encode(values)
    return samples[..., 0] if sample_format.squeeze and samples.shape[-1] == 1 else samples


def _as_unsigned(values: np.ndarray, sample_format: SampleFormat, *, most: int) -> np.ndarray:
    bits = 8 if sample_format.dtype == "uint8" or most == 8 else 16
    samples = SampleFormat(f"uint{bits}").encode(values)
    return samples[..., 0] if samples.shape[-1] == 1 else samples


def _encode_png(values: np.ndarray, sample_format: SampleFormat) -> bytes:
    samples = _as_unsigned(values, sample_format, most=16)
    if samples.dtype == np.uint16:
        import imagecodecs

        return bytes(imagecodecs.png_encode(samples))
    return _save_with_pillow(samples, "PNG")


def _encode_jpeg(values: np.ndarray, sample_format: SampleFormat) -> bytes:
    if values.shape[-1] in (2, 4):
        raise SettingsError("JPEG cannot hold transparency; write .png, .webp or .tif")
    return _save_with_pillow(_as_unsigned(values, sample_format, most=8), "JPEG", quality=95, subsampling=0)


def _encode_webp(values: np.ndarray, sample_format: SampleFormat) -> bytes:
    return _save_with_pillow(_as_unsigned(values, sample_format, most=8), "WEBP", lossless=True)


def _save_with_pillow(samples: np.ndarray, container: str, **options: object) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, container, **options)
    return buffer.getvalue()


def _encode_tiff(values: np.ndarray, sample_format: SampleFormat) -> bytes:
    import tifffile

    samples = _squeezed(values, SampleFormat(sample_format.dtype, squeeze=True))
    colour = samples.ndim == 3 and samples.shape[-1] >= 3
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer,
        samples,
        photometric="rgb" if colour else "minisblack",
        planarconfig="contig" if samples.ndim == 3 else None,
        extrasamples=["unassalpha"] if samples.ndim == 3 and samples.shape[-1] in (2, 4) else None,
        metadata=None,
    )
    return buffer.getvalue()

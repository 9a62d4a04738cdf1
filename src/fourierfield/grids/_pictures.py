"""Read and write pictures: PNG, JPEG, TIFF, WebP, BMP and GIF, in 8 and 16 bits and floating point."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..errors import SettingsError
from ._brands import still_brand
from ._domain import Domain
from ._endings import IMAGE_ENDINGS
from ._files import atomic_write, check_size, decoding, encode_npy
from ._sample_format import SampleFormat
from ._signal import GridSignal
from ._tiff import Decoded, decode_tiff, oriented

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


def decode_picture(path: Path, container: str, *, upright: bool = True) -> Decoded:
    """Decode the samples of a picture as its file holds them, (H, W) or (H, W, C), upright or as they are stored."""
    decode = decode_tiff if container == "tiff" else _decode_with_pillow
    with decoding(path, container):
        return decode(path, upright)


def is_animated(path: Path) -> bool:
    """Return whether a GIF, WebP or PNG holds several frames; False for a damaged one, which its reader refuses."""
    from PIL import Image

    try:
        with Image.open(path, formats=("GIF", "WEBP", "PNG")) as image:
            return getattr(image, "n_frames", 1) > 1
    except Exception:
        return False


def picture_container(head: bytes) -> str | None:
    """Return the container of a picture that begins with these bytes, or None if it is not a single picture's."""
    found = next((container for magic, container in _MAGIC.items() if head.startswith(magic)), None)
    if found is None and head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return "avif" if found is None and still_brand(head) == "avif" else found


def _image_signal(found: Decoded, path: Path) -> GridSignal:
    samples = found.samples
    sample_format = SampleFormat.of(samples, squeeze=samples.ndim == 2)
    values = sample_format.decode(samples if samples.ndim == 3 else samples[..., None])
    if found.missing is not None:
        values = np.where(found.missing.reshape(values.shape), np.float32(np.nan), values)
    if found.alpha:
        values = transparency_as_missing(values)
    domain = Domain.of_samples(values.shape[:2])
    return GridSignal(values, domain, "image", sample_format, str(path), os.path.getsize(path), found.notes)


def transparency_as_missing(values: np.ndarray) -> np.ndarray:
    """Return values (…, C) with clear samples missing; the last channel, alpha, is kept if any is partly clear."""
    alpha = values[..., -1]
    partly = (alpha > 0) & (alpha < 1)
    colour = np.where(alpha[..., None] > 0, values[..., :-1], np.nan).astype(np.float32)
    return np.concatenate([colour, alpha[..., None]], axis=-1) if partly.any() else colour


def _decode_with_pillow(path: Path, upright: bool = True) -> Decoded:
    from PIL import ExifTags, Image, ImageOps

    with _own_size_limit(), Image.open(path, formats=("PNG", "JPEG", "WEBP", "BMP", "GIF", "AVIF")) as image:
        check_size(path, image.size[::-1], len(image.getbands()))
        if image.format == "PNG" and _png_bit_depth(path) == 16:
            samples = _decode_png16(path)
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1) if upright else 1
            return Decoded(oriented(samples, int(orientation)), alpha=_has_alpha(samples))
        image.load()
        samples = np.asarray(_to_plain_mode(ImageOps.exif_transpose(image) if upright else image))
        return Decoded(samples, alpha=_has_alpha(samples))


def _has_alpha(samples: np.ndarray) -> bool:
    """Return whether samples of a format other than TIFF end with transparency: the only one their bands may mean."""
    return samples.ndim == 3 and samples.shape[-1] in (2, 4)


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


def _decode_png16(path: Path) -> np.ndarray:
    import imagecodecs  # Pillow reduces 16-bit colour to 8 bits

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

"""Arrays as small PNGs."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from ..style import ERROR_MAP

__all__ = ["MOST_PIXELS", "as_picture", "colour_scale", "error_picture"]

MOST_PIXELS = 720  # along the longer side: two device pixels for each of a third of the page
_UNKNOWN = 255  # the palette's entry for what is not known
_ENOUGH = 99.5  # percentile of the errors at which the colour scale ends


def as_picture(values: np.ndarray, value_range: tuple[float, float]) -> bytes:
    """A PNG of values (H, W, C): grey for one channel or two, colour for three, on white by the fourth's opacity.

    Missing samples (NaN) are transparent. Large ones are brought down to 720 pixels.
    """
    low, high = value_range
    shares = np.clip((values.astype(float) - low) / (high - low), 0, 1)
    present = ~np.asarray(np.isnan(shares).any(axis=-1))
    shares = np.nan_to_num(shares)
    if shares.shape[-1] == 4:
        shares = shares[..., :3] * shares[..., 3:] + 1 - shares[..., 3:]
    elif shares.shape[-1] != 3:
        shares = np.repeat(shares[..., :1], 3, axis=-1)
    pixels = np.round(255 * shares).astype(np.uint8)
    if not present.all():
        pixels = np.concatenate([pixels, 255 * present[..., None].astype(np.uint8)], axis=-1)
    return _encode(_within(Image.fromarray(pixels)))


def error_picture(error: np.ndarray) -> tuple[bytes, float]:
    """A PNG of an error (H, W) ≥ 0 and where its colour scale ends: the 99.5th percentile, to two digits.

    Where it is not known (NaN) the picture is transparent.
    """
    finite = error[np.isfinite(error)]
    top = float(np.percentile(finite, _ENOUGH)) if finite.size else 0.0
    top = float(f"{top:.1e}") or 1e-6
    return _encode(_within(Image.fromarray((error / top).astype(np.float32)))), top


def colour_scale() -> bytes:
    """The colours of ``error_picture`` from 0 to the scale's end, one row of pixels."""
    return _encode(Image.fromarray(np.linspace(0, 1, 128, dtype=np.float32)[None, :]))


def _within(image: Image.Image) -> Image.Image:
    """Brought down, by the mean over areas, to at most 720 pixels along the longer side."""
    factor = MOST_PIXELS / max(image.size)
    if factor >= 1:
        return image
    width, height = (max(1, round(n * factor)) for n in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _encode(image: Image.Image) -> bytes:
    """PNG without metadata; an image of floats, shares of the colour scale, with the scale as its palette."""
    options: dict[str, int] = {}
    if image.mode == "F":
        import matplotlib

        shares = np.asarray(image)
        levels = np.round((_UNKNOWN - 1) * np.clip(shares, 0, 1))
        image = Image.fromarray(np.where(np.isnan(shares), _UNKNOWN, levels).astype(np.uint8))
        image.putpalette(matplotlib.colormaps[ERROR_MAP](np.linspace(0, 1, 256), bytes=True)[:, :3].tobytes())
        options = {"transparency": _UNKNOWN} if np.isnan(shares).any() else {}
    buffer = io.BytesIO()
    image.save(buffer, format="png", optimize=True, **options)
    return buffer.getvalue()

"""The section that shows the signal itself, whatever its number of axes, with arrays as small PNGs."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from .._style import ERROR_MAP
from ._content import SignalFacts, Values
from ._markup import Html, data_uri, tag
from ._sound import LONGEST_SECONDS, spectrogram_figure, wave_bytes, waveform_figure

MOST_PIXELS = 720  # along the longer side: two device pixels for each CSS pixel of a third of the page
_UNKNOWN = 255  # the palette's entry for unknown errors
_ENOUGH = 99.5  # the percentile of the errors at which the colour scale ends


def as_picture(values: np.ndarray, value_range: tuple[float, float]) -> bytes:
    """Return values (H, W, C) as a PNG: grey for one or two channels, colour for three or four.

    A fourth channel is opacity, in front of white. Missing samples (NaN) are transparent. Large images are reduced to
    720 pixels along the longer side.
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
    """Return an error (H, W) ≥ 0 as a PNG, clear where NaN, and its scale's end: the 99.5th percentile, two digits."""
    finite = error[np.isfinite(error)]
    top = float(np.percentile(finite, _ENOUGH)) if finite.size else 0.0
    top = float(f"{top:.1e}") or 1e-6
    return _encode(_within(Image.fromarray((error / top).astype(np.float32)))), top


def colour_scale() -> bytes:
    """Return the colours of ``error_picture`` from 0 to the end of the scale, as a PNG of one row."""
    return _encode(Image.fromarray(np.linspace(0, 1, 128, dtype=np.float32)[None, :]))


def _within(image: Image.Image) -> Image.Image:
    """Reduce an image, by means over areas, to at most 720 pixels along the longer side."""
    factor = MOST_PIXELS / max(image.size)
    if factor >= 1:
        return image
    width, height = (max(1, round(n * factor)) for n in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _encode(image: Image.Image) -> bytes:
    """Encode a PNG without metadata; an image of floats, shares of the colour scale, gets the scale as its palette."""
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


_SMALL = 256  # samples along the longer side up to which pixels are drawn as squares


def samples_figures(values: Values, signal: SignalFacts) -> list[Html]:
    """Show images side by side, the middle slice of a volume, or waveforms, with sound if there is a rate."""
    if values.dimensions == 1:
        return _one_axis(values)
    if values.dimensions == 2:
        return _images(values, "")
    cut = tuple(n // 2 for n in values.signal.shape[: values.dimensions - 2])
    middle = Values(values.signal[cut], values.reconstruction[cut], values.value_range)
    place = ", ".join(f"{i} of {n}" for i, n in zip(cut, signal.shape, strict=False))
    return _images(middle, f", slice {place}")


def _images(values: Values, which: str) -> list[Html]:
    error, top = error_picture(values.error)
    scale = tag(
        "div",
        "0",
        tag("img", src=data_uri(colour_scale(), "image/png"), alt="colour scale, dark to bright"),
        f"{100 * top:.2g} % of the range",
        class_="scale",
    )
    figures = [
        _image(as_picture(values.signal, values.value_range), "Signal", f"The signal{which}"),
        _image(as_picture(values.reconstruction, values.value_range), "Reconstruction", f"The reconstruction{which}"),
        _image(error, "Error", f"Absolute error{which}, bright where it is large", scale),
    ]
    small = max(values.signal.shape[:2]) <= _SMALL
    return [
        tag("div", *figures, class_="triple small" if small else "triple"),
        tag("p", _error_words(values.error, which), class_="note"),
    ]


def _image(content: bytes, caption: str, alt: str, *more: Html) -> Html:
    return tag("figure", tag("h3", caption), tag("img", src=data_uri(content, "image/png"), alt=alt), *more)


def _error_words(error: np.ndarray, which: str) -> str:
    finite = error[np.isfinite(error)]
    if not finite.size:
        return "Every sample is missing here."
    half, most = np.percentile(finite, 50), finite.max()
    return (
        f"Error: |reconstruction − signal|, mean over the channels{which}. Half of the samples are within "
        f"{100 * half:.2g} % of the range, and the largest error is {100 * most:.2g} %. The colour scale ends at the "
        "99.5th percentile."
    )


def _one_axis(values: Values) -> list[Html]:
    drawings = [waveform_figure(values), spectrogram_figure(values)]
    figures = [tag("figure", Html(drawing)) for drawing in drawings if drawing is not None]
    return [*_players(values), tag("div", *figures, class_="pair")]


def _players(values: Values) -> list[Html]:
    if values.rate is None:
        return []
    if len(values.signal) > LONGEST_SECONDS * values.rate:
        seconds = len(values.signal) / values.rate
        text = f"Only recordings of up to {LONGEST_SECONDS:g} s can be played here; this one lasts {seconds:.0f} s."
        return [tag("p", text, class_="note")]
    players = [
        tag(
            "figure",
            tag("h3", f"Listen: {name}"),
            tag("audio", src=data_uri(wave_bytes(samples, values.rate), "audio/wav"), controls=True, aria_label=name),
        )
        for name, samples in (("signal", values.signal), ("reconstruction", values.reconstruction))
    ]
    return [tag("div", *players, class_="pair")]

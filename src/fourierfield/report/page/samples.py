"""The section that shows the signal itself, whatever its number of axes."""

from __future__ import annotations

import numpy as np

from .content import SignalFacts, Values
from .markup import Html, data_uri, tag
from .rasters import as_picture, colour_scale, error_picture
from .sound import LONGEST_SECONDS, spectrogram_figure, wave_bytes, waveform_figure

__all__ = ["samples_figures"]

_SMALL = 256  # samples along the longer side: pixels of smaller images stay squares


def samples_figures(values: Values, signal: SignalFacts) -> list[Html]:
    """Images side by side, of volumes the middle slice; along one axis waveforms, with sound where there is a rate."""
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
        f"{100 * half:.2g} % of the range, the largest is off by {100 * most:.2g} %; the colours end at the 99.5th "
        "percentile."
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
        text = f"Recordings of up to {LONGEST_SECONDS:g} s can be played from the page; this one has {seconds:.0f} s."
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

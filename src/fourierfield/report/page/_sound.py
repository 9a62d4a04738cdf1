"""Figures and players for audio and other signals along one axis: waveforms and spectrograms."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import numpy as np

from .._style import ERROR_MAP, HELD_OUT, MUTED, TRAINING, label, new_figure, picture_style, svg_text
from ._content import Values

if TYPE_CHECKING:
    from matplotlib.axes import Axes


LONGEST_SECONDS = 12.0  # seconds of sound in a page: about a megabyte at 44.1 kHz
_COLUMNS = 600  # columns of a drawn waveform: bounds the size of the page
_FLOOR = -80.0  # dB relative to the loudest: the lowest level that a spectrogram shows
_SHORTEST = 256  # samples that a spectrogram needs: four windows of 64


def wave_bytes(values: np.ndarray, rate: float) -> bytes:
    """Encode (N, C) values in [−1, 1] as a 16-bit WAV file; missing values are silent.

    >>> len(wave_bytes(np.zeros((100, 1)), 8000))
    244
    """
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(values.shape[1])
        file.setsampwidth(2)
        file.setframerate(round(rate))
        file.writeframes(np.round(32767 * np.clip(np.nan_to_num(values), -1, 1)).astype("<i2").tobytes())
    return buffer.getvalue()


def waveform_figure(values: Values) -> str:
    """Draw signal, reconstruction and error one beneath the other on one scale; columns span minimum to maximum."""
    length = len(values.signal)
    along, unit = (np.arange(length) / values.rate, "s") if values.rate else (np.arange(length) + 0.0, "sample")
    error = values.reconstruction[..., 0].astype(float) - values.signal[..., 0]
    factor = _enlargement(values.signal[..., 0], error)
    rows = (
        ("signal", values.signal[..., 0], MUTED),
        ("reconstruction", values.reconstruction[..., 0], HELD_OUT),
        ("error" if factor == 1 else f"error, magnified {factor:,} times", factor * error, TRAINING),
    )
    with picture_style("waveforms"):
        figure = new_figure(5.4, 4.2)
        axes = figure.subplots(3, 1, sharex=True, sharey=True)
        for axis, (name, samples, colour) in zip(axes, rows, strict=True):
            _draw_envelope(axis, along, samples, colour)
            label(axis, "", "")
            axis.set_title(name)
        axes[-1].set_xlabel("time, s" if unit == "s" else "sample")
        axes[-1].set_xlim(along[0], along[-1])
        return svg_text(figure, "Waveforms of the signal, its reconstruction and the error")


def spectrogram_figure(values: Values) -> str | None:
    """Draw spectrograms of signal and reconstruction on one scale; None without a rate or with under 256 samples."""
    if values.rate is None or len(values.signal) < _SHORTEST:
        return None
    with picture_style("spectrograms"):
        figure = new_figure(5.4, 4.2)
        axes = figure.subplots(2, 1, sharex=True, sharey=True)
        loudest = None
        for axis, (name, samples) in zip(
            axes, (("signal", values.signal), ("reconstruction", values.reconstruction)), strict=True
        ):
            times, frequencies, power = _spectrogram(samples[..., 0], values.rate)
            loudest = loudest or max(float(power.max()), 1e-30)
            decibels = 10 * np.log10(np.maximum(power / loudest, 1e-30))
            image = axis.pcolormesh(
                times, frequencies / 1000, decibels, cmap=ERROR_MAP, vmin=_FLOOR, vmax=0, rasterized=True
            )
            axis.set_title(name)
            axis.set_ylabel("kHz")
        axes[-1].set_xlabel("time, s")
        bar = figure.colorbar(image, ax=list(axes), pad=0.015, aspect=30)
        bar.set_label("dB relative to the signal's loudest")
        bar.outline.set_visible(False)
        return svg_text(figure, "Spectrograms of the signal and of its reconstruction")


def _enlargement(samples: np.ndarray, error: np.ndarray) -> int:
    """Return the power of ten by which the error can be magnified and still fit on the signal's scale."""
    peak, worst = (float(np.nanmax(np.abs(x))) for x in (samples, error))
    return int(10 ** max(0, np.floor(np.log10(peak / worst)))) if worst > 0 and peak > 0 else 1


def _draw_envelope(axis: Axes, along: np.ndarray, samples: np.ndarray, colour: str) -> None:
    if len(samples) <= 2 * _COLUMNS:
        axis.plot(along, samples, color=colour, linewidth=1.0)
        return
    parts = np.array_split(np.nan_to_num(samples), _COLUMNS)
    places = [float(part.mean()) for part in np.array_split(along, _COLUMNS)]
    low, high = ([float(f(part)) for part in parts] for f in (np.min, np.max))
    axis.fill_between(places, low, high, color=colour, linewidth=0.5)


def _spectrogram(samples: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the times, frequencies and power of about 400 windows at most."""
    from scipy.signal import spectrogram

    window = min(1024, max(64, 2 ** int(np.log2(len(samples) / 16))))
    hop = max(window // 4, len(samples) // 400)
    frequencies, times, power = spectrogram(
        np.nan_to_num(samples.astype(float)), rate, nperseg=window, noverlap=max(0, window - hop)
    )
    return times, frequencies, power

"""The signals of the scorecard: middles of photographs, pages, recordings, and synthetic 1/f^α images."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fourierfield.bench.quality import centre_crop
from fourierfield.signals import Domain, GridSignal, SampleFormat, as_signal
from fourierfield.signals.synthetic import spanning_one

__all__ = ["NAMES", "load"]

PHOTOS = tuple(f"kodim{number}" for number in ("03", "05", "08", "15", "19", "23"))
TEXTS = ("page", "bw_text")
SOUNDS = ("gt_bach", "librispeech_198-209-0000")
SLOPES = ("noise1.0", "noise1.5", "noise2.0")  # amplitudes fall as (1 + f)^−α
NAMES = (*PHOTOS, *TEXTS, *SOUNDS, *SLOPES)


def load(name: str, side: int, data: Path) -> GridSignal:
    """The middle of a signal: (2·side)² samples of an image, so that every second one makes side²; 2·side² of sound."""
    if name in PHOTOS:
        return centre_crop(data / "photos" / f"{name}.png", 2 * side)
    if name in TEXTS:
        return centre_crop(data / "text" / f"{name}.png", 2 * side)
    if name in SOUNDS:
        return _sound(data / "audio" / f"{name}.wav", 2 * side**2)
    return as_signal(_noise(2 * side, float(name.removeprefix("noise"))), name=name)


def _noise(side: int, power: float) -> np.ndarray:
    """A periodic random image whose amplitudes fall as (1 + |f|)^−power, f in cycles across it, spanning [0, 1]."""
    spectrum = np.fft.fft2(np.random.default_rng(0).standard_normal((side, side)))
    frequency = np.hypot(*np.meshgrid(*[np.fft.fftfreq(side, 1 / side)] * 2))
    return (spanning_one(np.fft.ifft2(spectrum * (1 + frequency) ** -power).real) + 0.5).astype(np.float32)


def _sound(path: Path, samples: int) -> GridSignal:
    from scipy.io import wavfile

    _, values = wavfile.read(path)
    first = (len(values) - samples) // 2
    middle = values[first : first + samples].astype(np.float64)
    scaled = (0.5 + 0.5 * middle / np.abs(middle[::2]).max()).astype(np.float32)[:, None]
    return GridSignal(scaled, Domain.of_samples((samples,)), "audio", SampleFormat.of(scaled), path.name)

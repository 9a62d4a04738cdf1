"""The signals of the scorecard: middles of photographs, pages and recordings, synthetic 1/f^α images and sounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fourierfield.bench._quality import centre_crop
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import GridSignal
from fourierfield.grids._synthetic import spanning_one

from .played import played

__all__ = ["MORE", "NAMES", "NOISY", "PLAYED", "SOUNDS", "TEXTS", "UNSEEN", "base_of", "load"]

PHOTOS = tuple(f"kodim{number}" for number in ("03", "05", "08", "15", "19", "23"))
TEXTS = ("page", "bw_text")
SOUNDS = ("gt_bach", "librispeech_198-209-0000")
SLOPES = ("noise1.0", "noise1.5", "noise2.0")  # amplitudes fall as (1 + f)^−α
NAMES = (*PHOTOS, *TEXTS, *SOUNDS, *SLOPES)
GREY = ("camera", "coins", "gravel", "moon")  # of scikit-image
PLAYED = ("strings", "tones", "vowel", "bell")
MORE = (*GREY, *PLAYED[:3], "noise3.0")  # the smooth ones of them teach what no other does
NOISY = ("kodim08+0.1", "kodim15+0.05", "kodim23+0.1", "camera+0.1", "coins+0.05")  # + noise's standard deviation
UNSEEN = ("brick", "cell", "coffee", "astronaut", "astronaut+0.1", "bell")  # by whom nothing was fitted or chosen


def load(name: str, side: int, data: Path) -> GridSignal:
    """The middle of a signal: (2·side)² samples of an image, so that every second one makes side²; 2·side² of sound."""
    base, _, noise = name.partition("+")
    if noise:
        return _with_noise(load(base, side, data), float(noise), name)
    if name in (*SOUNDS, *PLAYED):
        return _sound(name, 2 * side**2, data)
    return _image(name, 2 * side, data)


def base_of(name: str) -> str:
    """The signal that noise was added to: what is learnt from one is not scored on the other."""
    return name.partition("+")[0]


def _with_noise(signal: GridSignal, sigma: float, name: str) -> GridSignal:
    values = np.asarray(signal.values, dtype=np.float32)
    noise = sigma * np.random.default_rng(1).standard_normal(values.shape)
    return as_signal(np.clip(values + noise, 0, 1).astype(np.float32), name=name)


def _noise(side: int, power: float) -> np.ndarray:
    """A periodic random image whose amplitudes fall as (1 + |f|)^−power, f in cycles across it, spanning [0, 1]."""
    spectrum = np.fft.fft2(np.random.default_rng(0).standard_normal((side, side)))
    frequency = np.hypot(*np.meshgrid(*[np.fft.fftfreq(side, 1 / side)] * 2))
    return (spanning_one(np.fft.ifft2(spectrum * (1 + frequency) ** -power).real) + 0.5).astype(np.float32)


def _image(name: str, side: int, data: Path) -> GridSignal:
    if name in PHOTOS:
        return centre_crop(data / "photos" / f"{name}.png", side)
    if name in TEXTS:
        return centre_crop(data / "text" / f"{name}.png", side)
    if name in (*GREY, *UNSEEN):
        return _of_scikit_image(name, side)
    return as_signal(_noise(side, float(name.removeprefix("noise"))), name=name)


def _of_scikit_image(name: str, side: int) -> GridSignal:
    import skimage.data

    values = getattr(skimage.data, name)()
    rows, columns = ((n - side) // 2 for n in values.shape[:2])
    return as_signal(values[rows : rows + side, columns : columns + side], name=name)


def _recorded(path: Path, samples: int) -> np.ndarray:
    from scipy.io import wavfile

    _, values = wavfile.read(path)
    first = (len(values) - samples) // 2
    return np.asarray(values[first : first + samples], dtype=np.float64)


def _sound(name: str, samples: int, data: Path) -> GridSignal:
    """Sound with 0 at one half, the training samples spanning no more than [0, 1]."""
    values = played(name, samples) if name in PLAYED else _recorded(data / "audio" / f"{name}.wav", samples)
    scaled = (0.5 + 0.5 * values / np.abs(values[::2]).max()).astype(np.float32)[:, None]
    return GridSignal(scaled, Domain.of_samples((len(values),)), "audio", SampleFormat.of(scaled), name)

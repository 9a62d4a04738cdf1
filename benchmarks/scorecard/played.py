"""Synthetic sounds for the scorecard: a plucked chord, held tones, a vowel and a bell."""

from __future__ import annotations

import numpy as np

__all__ = ["played"]

_CHORD = (220.0, 277.2, 329.6)  # Hz


def played(name: str, samples: int) -> np.ndarray:
    """``strings`` (Karplus & Strong 1983), ``tones`` (harmonics that fall as k^−1.5, slow vibrato), ``vowel`` (pulses
    of a voice through three resonances) or ``bell`` (dying partials that are no multiples), fixed.

    Each has the faint noise of a recording.
    """
    rng = np.random.default_rng(0)
    values, floor = {
        "strings": (_strings, 3e-4),
        "tones": (_tones, 1e-3),
        "vowel": (_vowel, 1e-3),
        "bell": (_bell, 1e-3),
    }[name]
    sound = values(samples, rng)
    return np.asarray(sound + floor * np.abs(sound).max() * rng.standard_normal(samples))


def _strings(samples: int, rng: np.random.Generator, rate: float = 44100.0) -> np.ndarray:
    """A twentieth of a second after the pluck."""
    from scipy.signal import lfilter

    first, total = int(rate / 20), np.zeros(samples)
    for frequency in _CHORD:
        period = round(rate / frequency)
        pluck = np.zeros(first + samples)
        pluck[:period] = rng.uniform(-1, 1, period)
        loop = np.zeros(period + 2)
        loop[0], loop[period], loop[period + 1] = 1.0, -0.498, -0.498
        total += lfilter([1.0], loop, pluck)[first:]
    return total


def _tones(samples: int, rng: np.random.Generator, rate: float = 22050.0) -> np.ndarray:
    time, total = np.arange(samples) / rate, np.zeros(samples)
    for frequency in _CHORD:
        phase = 2 * np.pi * frequency * time + 0.3 * np.sin(2 * np.pi * 5.5 * time)
        for k in range(1, 21):
            total += np.sin(k * phase + rng.uniform(0, 2 * np.pi)) / k**1.5
    return total


def _vowel(samples: int, rng: np.random.Generator, rate: float = 16000.0) -> np.ndarray:
    from scipy.signal import lfilter

    pitch = 120 * (1 + 0.1 * np.sin(2 * np.pi * 3 * np.arange(samples) / rate))
    pulses = np.diff(np.floor(np.cumsum(pitch / rate)), prepend=0.0) + 0.01 * rng.standard_normal(samples)
    sound = lfilter([1.0], [1.0, -0.95], pulses)
    for frequency, width in ((700, 80), (1220, 90), (2600, 120)):
        radius = np.exp(-np.pi * width / rate)
        sound = lfilter([1.0], [1.0, -2 * radius * np.cos(2 * np.pi * frequency / rate), radius**2], sound)
    return np.asarray(sound)


def _bell(samples: int, rng: np.random.Generator, rate: float = 22050.0) -> np.ndarray:
    time, total = np.arange(samples) / rate, np.zeros(samples)
    for ratio in (0.5, 1.0, 1.2, 1.5, 2.0, 2.6, 3.0, 4.2, 5.4, 6.8, 9.1):  # of church bells, from the hum upwards
        loudness = rng.uniform(0.5, 1.0) / ratio * np.exp(-3 * ratio * time)
        total += loudness * np.sin(2 * np.pi * 370 * ratio * time + rng.uniform(0, 2 * np.pi))
    return total

"""Grain in flat areas of fields that are drawn at four times their size, in grey levels.

    python -m benchmarks.grain PHOTO

Two rows are the flattest 64² pixels of a photograph, in bfloat16 and float32: the RMS of what lies at 1/4 to 1/2 cycles
per sample, of the field and of the photograph. The others are a flat half beside a texture: the RMS of all of it, at
the bandwidth that is chosen, at twice that, and after all steps of the default.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

import fourierfield
from fourierfield.networks._field import Field

from .memory import smooth
from .table import Table

RESULTS = Path(__file__).parent / "results"
LARGER, WINDOW = 4, 64
ASKED = {"steps": 748, "bandwidth": 64.58, "features": 512}  # what --time 40 took for kodim19 on two cores


def flattest(image: np.ndarray) -> tuple[int, int]:
    """Return the corner of the window whose values vary least."""
    places = [(y, x) for y in range(0, image.shape[0] - WINDOW, 32) for x in range(0, image.shape[1] - WINDOW, 32)]
    return min(places, key=lambda at: image[at[0] : at[0] + WINDOW, at[1] : at[1] + WINDOW].std(axis=(0, 1)).mean())


def drawn(field: Field, corner: tuple[int, int], longest: int) -> np.ndarray:
    """Return the window at four times its size."""
    axes = [(start + (np.arange(LARGER * WINDOW) + 0.5) / LARGER) / longest for start in corner]
    points = torch.cartesian_prod(*(torch.from_numpy(axis) for axis in axes)).float()
    return np.asarray(field(points)).reshape(LARGER * WINDOW, LARGER * WINDOW, -1)


def in_band(values: np.ndarray, per_sample: int) -> float:
    """Return the RMS in grey levels of waves of 1/4 to 1/2 cycles per sample, of all channels."""
    n = len(values)
    window = np.hanning(n)[:, None] * np.hanning(n)
    waves = np.abs(np.fft.fft2((values - values.mean((0, 1))) * window[..., None], axes=(0, 1))) ** 2
    cycles = np.fft.fftfreq(n) * per_sample
    radius = np.hypot(cycles[:, None], cycles)
    chosen = (radius >= 0.25) & (radius < 0.5)
    return float(255 * np.sqrt(waves[chosen].sum(0).mean() / (n * n * (window**2).sum())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    photo = parser.parse_args().photo
    found = Table(RESULTS / "grain.csv", ("signal", "settings"))
    image = fourierfield.read(photo).values
    corner = flattest(image)
    own = in_band(image[corner[0] : corner[0] + WINDOW, corner[1] : corner[1] + WINDOW], 1)
    for precision in ("bfloat16", "float32"):
        key = {"signal": photo.stem, "settings": precision}
        if not found.has(key):
            field = fourierfield.fit(image, precision=precision, **ASKED)
            grain = in_band(drawn(field, corner, max(image.shape)), LARGER)
            db = field.record["metrics"]["train_psnr_db"]
            found.add({**key, "grey_levels": f"{grain:.2f}", "signal_has": f"{own:.2f}", "train_psnr_db": f"{db:.1f}"})
    half = np.where(np.arange(WINDOW) < WINDOW // 2, 0.5, smooth((WINDOW, WINDOW))).astype(np.float32)
    for name, choices in {
        "300 steps": {"steps": 300},
        "300 steps, twice the bandwidth": {"steps": 300, "bandwidth": 6.4},
        "all steps": {},
    }.items():
        key = {"signal": "flat half", "settings": name}
        if not found.has(key):
            field = fourierfield.fit(half, **choices)
            side = LARGER * WINDOW
            flat = field.sample(field.domain.grid((side, side)))[16:-16, 16 : 3 * side // 8]
            db = field.record["metrics"]["train_psnr_db"]
            grain = f"{255 * flat.std():.2f}"
            found.add({**key, "grey_levels": grain, "signal_has": "0.00", "train_psnr_db": f"{db:.1f}"})


if __name__ == "__main__":
    main()

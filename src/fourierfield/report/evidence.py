"""What a diagnosis may read: learning curves, forecasts of alternatives, the signal's own traits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from ..signals import Grid

__all__ = ["WORTH", "Curve", "Evidence", "interpolate", "top_octave_share"]

WORTH = 0.5  # dB: forecasts are off by about that (docs/forecast.md), so smaller promises are none


@dataclass(frozen=True)
class Curve:
    """PSNR in dB after so many ``steps``, ascending; ``held_out_psnr_db`` is None without hold-out."""

    steps: Sequence[int]
    train_psnr_db: Sequence[float]
    held_out_psnr_db: Sequence[float] | None = None

    @classmethod
    def of_record(cls, record: Sequence[dict]) -> Curve:
        """From ``field.record["curve"]``.

        >>> Curve.of_record([{"step": 1, "loss": 0.1, "train_psnr_db": 7.0, "held_out_psnr_db": None}])
        Curve(steps=(1,), train_psnr_db=(7.0,), held_out_psnr_db=None)
        """
        held_out = tuple(point["held_out_psnr_db"] for point in record)
        return cls(
            tuple(point["step"] for point in record),
            tuple(point["train_psnr_db"] for point in record),
            None if None in held_out else held_out,
        )

    @property
    def best_step(self) -> int:
        """Where held-out PSNR is highest; the last step without hold-out."""
        if self.held_out_psnr_db is None:
            return self.steps[-1]
        return self.steps[max(range(len(self.steps)), key=self.held_out_psnr_db.__getitem__)]

    @property
    def past_best(self) -> float:
        """How much held-out PSNR has fallen from its highest by the end, dB."""
        return 0.0 if self.held_out_psnr_db is None else max(self.held_out_psnr_db) - self.held_out_psnr_db[-1]

    def last_doubling(self) -> float:
        """What the second half of the steps gained, dB, on held-out samples if there are any."""
        held_out = self.held_out_psnr_db
        return self.training_last_doubling() if held_out is None else self._last_doubling(held_out)

    def training_last_doubling(self) -> float:
        """What the second half of the steps gained on training samples, dB."""
        return self._last_doubling(self.train_psnr_db)

    def _last_doubling(self, values: Sequence[float]) -> float:
        return values[-1] - interpolate(self.steps[-1] / 2, self.steps, values)


@dataclass(frozen=True)
class Evidence:
    """All that a diagnosis reads. PSNRs in dB for a range of 1; None or empty where something is not known.

    ``bandwidths`` are the forecasts around the chosen one: (bandwidth in cycles per unit, held-out PSNR), the chosen
    encoding's family only, with as many steps; ``other_families`` those of the others, (family, bandwidth, PSNR).
    ``longer`` are forecasts of the same encoding for more steps: (steps, held-out PSNR); ``least`` is where the 90 %
    interval of the held-out forecast begins, ``spline`` the held-out PSNR of cubic interpolation.
    ``top_octave_share`` is that of the training samples (see there), ``variance`` their mean square without the mean,
    ``noise`` the estimated standard deviation of noise. ``hold_out`` is the rule as it was asked for.
    """

    measured: Curve
    train_psnr_db: float
    held_out_psnr_db: float | None = None
    _: KW_ONLY
    forecast: Curve | None = None
    bandwidth: float | None = None
    bandwidths: Sequence[tuple[float, float]] = ()
    longer: Sequence[tuple[int, float]] = ()
    least: float | None = None
    spline: float | None = None
    other_families: Sequence[tuple[str, float | None, float]] = ()
    top_octave_share: float | None = None
    variance: float | None = None
    noise: float | None = None
    learning_rate: float | None = None
    hold_out: str = "none"

    @property
    def steps(self) -> int:
        return self.measured.steps[-1]

    @property
    def gap(self) -> float | None:
        """Training PSNR above held-out PSNR, dB."""
        return None if self.held_out_psnr_db is None else self.train_psnr_db - self.held_out_psnr_db

    @property
    def noise_psnr_db(self) -> float | None:
        """PSNR of samples against what they would be without noise. Held-out PSNR cannot be higher: an estimate that it
        exceeds took texture for noise, and counts as none."""
        if not self.noise:
            return None
        ceiling = -20 * math.log10(self.noise)
        return ceiling if (self.held_out_psnr_db or ceiling) <= ceiling + 2 * WORTH else None

    @property
    def foreseen(self) -> float | None:
        """Held-out PSNR forecast for the chosen encoding: between its neighbours', or by its own curve."""
        if self.bandwidths and self.bandwidth is not None:
            ordered = sorted(self.bandwidths)
            return interpolate(math.log(self.bandwidth), [math.log(b) for b, _ in ordered], [p for _, p in ordered])
        held_out = self.forecast.held_out_psnr_db if self.forecast is not None else None
        return None if held_out is None else held_out[-1]

    @property
    def better_family(self) -> tuple[str, float | None, float] | None:
        """The best of the other families, and what it gains, dB, where no bandwidth of the chosen one comes near."""
        if not self.other_families or self.foreseen is None:
            return None
        family, bandwidth, psnr = max(self.other_families, key=lambda found: found[2])
        own = self.foreseen + (self.better_bandwidth[1] if self.better_bandwidth else 0.0)
        return (family, bandwidth, psnr - self.foreseen) if psnr - own >= WORTH else None

    @property
    def better_bandwidth(self) -> tuple[float, float] | None:
        """The bandwidth with the best forecast, and what it gains over the chosen one, dB, where that is worth it."""
        if not self.bandwidths or self.bandwidth is None or self.foreseen is None:
            return None
        best, psnr = max(self.bandwidths, key=lambda point: point[1])
        gain = psnr - self.foreseen
        return (best, gain) if gain >= WORTH and best != self.bandwidth else None


def top_octave_share(values: Tensor, grid: Grid) -> float:
    """Share of the energy of (N, C) samples of ``grid``, without the mean, in the last octave before Nyquist.

    Of every second pixel of photographs 1 % to 17 %, of pages of text 25 % and more. 0 for a constant.

    >>> import torch
    >>> from fourierfield.signals import Grid
    >>> grid = Grid((0.0,), (1.0,), (64,))
    >>> slow = torch.cos(2 * torch.pi * 8 * torch.from_numpy(grid.axis(0)))[:, None]
    >>> round(top_octave_share(slow, grid), 9)
    0.0
    """
    import torch

    from ..forecast import Bands, band_energies

    nyquist = 0.5 / min(grid.spacing)
    bands = Bands(torch.tensor([0.0, nyquist / 2, nyquist], dtype=torch.float64))
    centred = values.double() - values.double().mean(0)
    low, high = band_energies(centred.T, grid, bands).sum(0).tolist()
    return high / (low + high) if low + high > 0 else 0.0


def interpolate(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Straight lines between ascending ``xs``, level beyond them."""
    for (a, low), (b, high) in zip(zip(xs, ys, strict=True), list(zip(xs, ys, strict=True))[1:], strict=False):
        if a <= x <= b:
            return low + (high - low) * (x - a) / (b - a) if b > a else high
    return ys[0] if x < xs[0] else ys[-1]

"""The evidence for a diagnosis: learning curves, forecasts of alternatives, and properties of the signal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from ..grids._domain import Grid


WORTH = 0.5  # dB that a change must gain: forecasts are off by about as much (docs/forecast.md)


@dataclass(frozen=True)
class Curve:
    """PSNR in dB after each number of ``steps``, ascending; ``held_out_psnr_db`` is None without hold-out."""

    steps: Sequence[int]
    train_psnr_db: Sequence[float]
    held_out_psnr_db: Sequence[float] | None = None

    @classmethod
    def of_record(cls, record: Sequence[dict[str, Any]]) -> Curve:
        """Build a curve from ``field.record["curve"]``.

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
        """The step at which held-out PSNR is highest; the last step without hold-out."""
        if self.held_out_psnr_db is None:
            return self.steps[-1]
        return self.steps[max(range(len(self.steps)), key=self.held_out_psnr_db.__getitem__)]

    @property
    def past_best(self) -> float:
        """The fall of held-out PSNR from its highest value to the end, dB."""
        return 0.0 if self.held_out_psnr_db is None else max(self.held_out_psnr_db) - self.held_out_psnr_db[-1]

    def last_doubling(self, training: bool = False) -> float:
        """Return the gain of the second half of the steps, dB, on held-out samples if there are any to ask for."""
        values = self.held_out_psnr_db if self.held_out_psnr_db is not None and not training else self.train_psnr_db
        return values[-1] - interpolate(self.steps[-1] / 2, self.steps, values)


@dataclass(frozen=True)
class Evidence:
    """Everything that a diagnosis reads: PSNRs in dB for a range of 1; None or empty if something is unknown.

    ``bandwidth`` is the chosen one, in cycles per unit. ``bandwidths`` are forecasts of the same family for the same
    number of steps: (bandwidth in cycles per unit, held-out PSNR). ``other_families`` are forecasts of other families:
    (family, bandwidth, held-out PSNR). ``longer`` are forecasts of the same encoding for more steps: (steps, held-out
    PSNR). ``least`` is the lower end of the 90 % interval of the held-out forecast, ``spline`` the held-out PSNR of
    cubic interpolation. ``top_octave_share`` (see that function) and ``variance`` are those of the training samples,
    and ``noise`` is the estimated standard deviation of their noise. ``hold_out`` is the rule as it was given.
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
        """The difference of training and held-out PSNR, dB."""
        return None if self.held_out_psnr_db is None else self.train_psnr_db - self.held_out_psnr_db

    @property
    def noise_psnr_db(self) -> float | None:
        """The PSNR that noise allows; None if held-out samples exceed it, as then texture was taken for noise."""
        if not self.noise:
            return None
        ceiling = -20 * math.log10(self.noise)
        return ceiling if (self.held_out_psnr_db or ceiling) <= ceiling + 2 * WORTH else None

    @property
    def expected(self) -> float | None:
        """The held-out PSNR forecast for the chosen encoding, from its neighbours or from its own curve."""
        if self.bandwidths and self.bandwidth is not None:
            ordered = sorted(self.bandwidths)
            return interpolate(math.log(self.bandwidth), [math.log(b) for b, _ in ordered], [p for _, p in ordered])
        held_out = self.forecast.held_out_psnr_db if self.forecast is not None else None
        return None if held_out is None else held_out[-1]

    @property
    def better_family(self) -> tuple[str, float | None, float] | None:
        """The best other family and its gain, dB; None if a bandwidth of the chosen family comes close."""
        if not self.other_families or self.expected is None:
            return None
        family, bandwidth, psnr = max(self.other_families, key=lambda found: found[2])
        own = self.expected + (self.better_bandwidth[1] if self.better_bandwidth else 0.0)
        return (family, bandwidth, psnr - self.expected) if psnr - own >= WORTH else None

    @property
    def better_bandwidth(self) -> tuple[float, float] | None:
        """The bandwidth with the best forecast and its gain over the chosen one, dB; None if not worth a change."""
        if not self.bandwidths or self.bandwidth is None or self.expected is None:
            return None
        best, psnr = max(self.bandwidths, key=lambda point: point[1])
        gain = psnr - self.expected
        return (best, gain) if gain >= WORTH and best != self.bandwidth else None


def top_octave_share(values: Tensor, grid: Grid) -> float:
    """Return the share of the energy of samples (N, C) on ``grid`` that lies in the last octave before Nyquist.

    The mean does not count. Every second pixel of photographs has 1 % to 17 %, of pages of text 25 % and more, and a
    constant has 0.

    >>> import torch
    >>> from fourierfield.grids._domain import Grid
    >>> grid = Grid((0.0,), (1.0,), (64,))
    >>> slow = torch.cos(2 * torch.pi * 8 * torch.from_numpy(grid.axis(0)))[:, None]
    >>> round(top_octave_share(slow, grid), 9)
    0.0
    """
    import torch

    from ..forecast._bands import Bands, band_energies

    nyquist = 0.5 / min(grid.spacing)
    bands = Bands(torch.tensor([0.0, nyquist / 2, nyquist], dtype=torch.float64))
    centred = values.double() - values.double().mean(0)
    low, high = band_energies(centred.T, grid, bands).sum(0).tolist()
    return high / (low + high) if low + high > 0 else 0.0


def interpolate(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Interpolate linearly between ascending ``xs``, constant beyond them."""
    for (a, low), (b, high) in zip(zip(xs, ys, strict=True), list(zip(xs, ys, strict=True))[1:], strict=False):
        if a <= x <= b:
            return low + (high - low) * (x - a) / (b - a) if b > a else high
    return ys[0] if x < xs[0] else ys[-1]

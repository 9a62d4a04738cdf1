"""Split a stationary kernel into a sum of waves and a part that is zero beyond a short distance.

An NTK has a kink at zero, so its spectrum falls slowly: 1024² waves leave out a per cent of it. With a window w that
falls from 1 at δ = 0 to 0 at |δ| = r,

    k(δ) = near(δ) + far(δ),    near(δ) = −w(|δ|/r)·(k(0) − k(δ)),    far(δ) = k(0) − (1 − w)·(k(0) − k(δ)).

``near`` has the kink and ends at r, and ``far`` is as smooth as w allows: its coefficients, by FFT of its values on a
grid of spacing h, are accurate to e^{−1.6 r/h} if w is the integral of a Kaiser–Bessel window. This is the variant of
Ewald's sums (1921) for kernels that end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

from ..kernels._radial import RadialKernel
from ..kernels._stationary import StationaryKernel
from ._nufft import FourierSum

_SHAPE = 1.5  # shape of the Kaiser–Bessel window, per r/h
_ENDED = 1e-12  # of k(0): a kernel that changes by less from r to 2r has ended at r
_NOTHING = 1e-12  # of the box: a radius within which no other point lies, for splits of waves alone
_GOOD, _NEARLY = 3, 10  # times the tolerance: errors that are accepted, and errors that a larger radius may mend
_PACE = 3  # power of the step by which errors fall at best: that of a kernel as smooth as an NNGP
_FARTHER = 0.7  # grid steps by which the radius grows to reduce the error to a third
_FADE = 12  # grid steps over which a kernel that never ends is faded out, beyond the largest difference


@dataclass(frozen=True, eq=False)
class KernelSplit:
    """A kernel k = near + far, split for differences within a box of ``sides``.

    Distances are |s∘δ| with s the kernel's ``metric``. ``radius`` is r in these units, and ``shape`` is the shape of
    the window. far(δ) = Σ_ξ c_ξ cos(2π ξ·δ/P) with real ``coefficients`` c (n₁, …, n_d), ξ from −n/2 to n/2 − 1, and
    ``period`` P per axis.
    """

    kernel: StationaryKernel
    sides: tuple[float, ...]
    metric: tuple[float, ...]
    radius: float
    shape: float
    period: tuple[float, ...]
    coefficients: Tensor

    @property
    def modes(self) -> tuple[int, ...]:
        """The number of waves along each axis."""
        return tuple(self.coefficients.shape)

    @property
    def alone(self) -> bool:
        """Whether the split has waves alone and no near part."""
        return self.radius <= _NOTHING * max(side * s for side, s in zip(self.sides, self.metric, strict=True))

    def near(self, difference: Tensor) -> Tensor:
        """Evaluate the near part at δ (…, d), as (…,): zero at δ = 0 and from |s∘δ| = r on."""
        return -self._window(difference) * self.kernel.gap(difference)

    def far(self, difference: Tensor) -> Tensor:
        """Evaluate the far part at δ (…, d), as (…,), from its definition and not by its waves."""
        return self.kernel.at_zero - (1 - self._window(difference)) * self.kernel.gap(difference)

    def measured(self, points: Tensor) -> Tensor:
        """Return s∘x for points (N, d), in whose units ``radius`` is a distance."""
        return points.double() * torch.tensor(self.metric, dtype=torch.float64)

    def waves(self, points: Tensor, tolerance: float) -> FourierSum:
        """Return the map from coefficients to values at points (N, d)."""
        return FourierSum(points, self.modes, self.period, tolerance)

    @cached_property
    def error(self) -> float:
        """The largest |Σ waves − far|/k(0) at 4,000 random differences, most of them near r, or near zero."""
        generator = torch.Generator().manual_seed(0)
        sides, metric = (torch.tensor(x, dtype=torch.float64) for x in (self.sides, self.metric))
        step = max(p * s / n for p, s, n in zip(self.period, self.metric, self.modes, strict=True))
        spread = max(self.radius / 2, step) / metric
        near = torch.randn(3000, len(sides), generator=generator, dtype=torch.float64) * spread
        wide = torch.rand(1000, len(sides), generator=generator, dtype=torch.float64) * 2 - 1
        offsets = torch.cat([near.clamp(-sides, sides), wide * sides])
        waves = self.waves(offsets, 1e-10) @ self.coefficients.flatten().to(torch.complex128)
        return float((waves.real - self.far(offsets)).abs().max()) / self.kernel.at_zero

    def _window(self, difference: Tensor) -> Tensor:
        return _window(self.measured(difference).norm(dim=-1) / self.radius, self.shape)


def split_kernel(
    kernel: StationaryKernel, sides: tuple[float, ...], step: float, tolerance: float, most: int = 1 << 24
) -> KernelSplit:
    """Split ``kernel`` into waves and a near part, for differences up to ``sides`` (d,).

    The waves' grid has the spacing ``step`` in the kernel's metric, or as much finer a one as brings the ``error`` near
    the ``tolerance`` (relative to k(0), 1e-10 to 1e-2), if ``most`` waves allow it.
    """
    reach = math.log(0.3 / min(max(tolerance, 1e-10), 1e-2)) / (1.07 * _SHAPE)  # r/h, as error ≈ 0.3 e^{−1.6 r/h}
    split = _split(kernel, sides, step, reach)
    if _GOOD * tolerance < split.error < _NEARLY * tolerance:
        reach += _FARTHER  # costs less than more waves
        split = _split(kernel, sides, step, reach)
    while split.error > _GOOD * tolerance and 1.5 ** len(sides) * math.prod(split.modes) <= most:
        step /= 1.5
        split = _split(kernel, sides, step, reach)
    return split


def smooth_split(kernel: StationaryKernel, sides: tuple[float, ...], tolerance: float, most: int) -> KernelSplit | None:
    """Return a split of waves alone if at most ``most`` of them reach the ``tolerance``, otherwise None.

    The tolerance is relative to k(0), for differences up to ``sides`` (d,). The period is such that the kernel ends
    within it. Its coefficients are positive by Bochner's theorem, so the matrix on any points is positive semidefinite.

    >>> from fourierfield.kernels._matern import MaternKernel
    >>> from fourierfield.kernels._stationary import GaussianKernel
    >>> split = smooth_split(GaussianKernel(2.0), (1.0,), 1e-6, 1 << 12)
    >>> split.modes, split.error < 3e-6, bool((split.coefficients >= 0).all())
    ((64,), True, True)
    >>> smooth_split(MaternKernel(0.5, 0.2), (1.0,), 1e-6, 1 << 12) is None  # it has a kink
    True
    """
    metric = kernel.metric(len(sides))
    step = max(side * s for side, s in zip(sides, metric, strict=True)) / 16
    split = _alone(kernel, sides, step, most)
    while split is not None and split.error > _GOOD * tolerance:
        further = (split.error / (_GOOD * tolerance)) ** (1 / _PACE)  # how many times finer the step must be, at best
        step /= 2
        hopeless = further ** len(sides) * math.prod(split.modes) > most
        split = None if hopeless else _alone(kernel, sides, step, most)
    return split


def _alone(kernel: StationaryKernel, sides: tuple[float, ...], step: float, most: int) -> KernelSplit | None:
    """Return a split by the kernel's coefficients, positive up to rounding, on a period it ends in; or None."""
    metric = kernel.metric(len(sides))
    box = [side * s for side, s in zip(sides, metric, strict=True)]
    whole, end = kernel, kernel.ends_at
    if end > min(box):
        whole = kernel.kernel if isinstance(kernel, RadialKernel) else kernel  # its table ends too early
        end = _end(whole, max(box), metric)
    measured = [max(side, end) + end for side in box]
    if math.prod(p / step for p in measured) > most:
        return None
    modes = tuple(_even_fast_length(math.ceil(p / step)) for p in measured)
    period = tuple(p / s for p, s in zip(measured, metric, strict=True))
    axes = [(p / n) * (torch.arange(n, dtype=torch.float64) - n // 2) for p, n in zip(period, modes, strict=True)]
    split = KernelSplit(
        kernel, sides, metric, _NOTHING * max(box), 1.0, period, torch.zeros(modes, dtype=torch.float64)
    )
    values = whole(torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1))
    return replace(split, coefficients=coefficients_of(values).clamp(min=0))  # otherwise rounding errors add up


def _end(kernel: StationaryKernel, longest: float, metric: tuple[float, ...]) -> float:
    """Return the radius in the kernel's metric, to a factor of two, from which it is constant; infinity if far off."""
    for doublings in range(6):
        radius = longest * 2**doublings
        at = torch.zeros(2, len(metric), dtype=torch.float64)
        at[:, 0] = torch.tensor([radius, 2 * radius]) / metric[0]
        near, far = kernel(at)
        if abs(float(near - far)) < _ENDED * kernel.at_zero:
            return radius
    return math.inf


def _split(kernel: StationaryKernel, sides: tuple[float, ...], step: float, reach: float) -> KernelSplit:
    radius, shape = reach * step, _SHAPE * reach
    metric = kernel.metric(len(sides))
    box = [side * s for side, s in zip(sides, metric, strict=True)]
    ended = kernel.ends_at <= min(box)
    flat = max(kernel.ends_at, radius)
    measured = [max(side, flat) + flat if ended else 2 * (side + _FADE * step) for side in box]
    period = tuple(p / s for p, s in zip(measured, metric, strict=True))
    modes = tuple(_even_fast_length(math.ceil(p / step)) for p in measured)
    axes = [(p / n) * (torch.arange(n, dtype=torch.float64) - n // 2) for p, n in zip(period, modes, strict=True)]
    split = KernelSplit(kernel, sides, metric, radius, shape, period, torch.zeros(modes, dtype=torch.float64))
    far = _far_on_lattice(split, axes)
    if not ended:
        far = faded(far, axes, sides, shape=_SHAPE * _FADE)
    return replace(split, coefficients=coefficients_of(far))


def coefficients_of(values: Tensor) -> Tensor:
    """Return the coefficients, −n/2 to n/2 − 1, of an even function with ``values`` over a period around n/2."""
    spectrum = torch.fft.fftshift(torch.fft.fftn(torch.fft.ifftshift(values)).real) / values.numel()
    for axis in range(values.ndim):
        spectrum.narrow(axis, 0, 1).zero_()  # −n/2 has no partner at n/2
    return spectrum


def _far_on_lattice(split: KernelSplit, axes: list[Tensor]) -> Tensor:
    """Return far on a lattice, some rows at a time; the half above the middle mirrors the half below."""
    first, rest = axes[0], axes[1:]
    rows = max(1, (1 << 20) // max(1, math.prod(len(axis) for axis in rest)))
    half = first[: len(first) // 2 + 1]
    blocks = []
    for part in half.split(rows):
        offsets = torch.stack(torch.meshgrid(part, *rest, indexing="ij"), dim=-1)
        blocks.append(split.far(offsets))
    below = torch.cat(blocks)
    mirrored = below[1:-1].flip(0)
    for axis in range(1, below.ndim):  # −δ sits at n − i; the first row, −n/2, stays where it is
        mirrored = torch.cat(
            [mirrored.narrow(axis, 0, 1), mirrored.narrow(axis, 1, len(axes[axis]) - 1).flip(axis)], axis
        )
    return torch.cat([below, mirrored])


def faded(far: Tensor, axes: list[Tensor], sides: tuple[float, ...], shape: float) -> Tensor:
    """Fade a kernel that never ends to its mean, smoothly, beyond the largest difference along each axis."""
    mean = far.mean()
    faded = far - mean
    for number, (axis, side) in enumerate(zip(axes, sides, strict=True)):
        room = float(axis[0].abs()) - side
        along = _window((axis.abs() - side).clamp(min=0) / room, shape)
        faded = faded * along.reshape([-1 if a == number else 1 for a in range(far.ndim)])
    return faded + mean


def _window(share: Tensor, shape: float) -> Tensor:
    """Return w(|δ|/r), which falls from 1 to 0 over [0, 1] as the integral of a Kaiser–Bessel window."""
    table = _window_table(round(shape, 6))
    place = share.clamp(0, 1) * (len(table) - 1)
    below = place.to(torch.int64).clamp(max=len(table) - 2)
    return torch.lerp(table[below], table[below + 1], place - below)


@lru_cache(maxsize=8)
def _window_table(shape: float) -> Tensor:
    from scipy.integrate import cumulative_simpson

    u = np.linspace(-1, 1, (1 << 16) + 1)
    integral = cumulative_simpson(np.i0(shape * np.sqrt(np.maximum(1 - u * u, 0))), x=u, initial=0)
    return torch.from_numpy(1 - integral / integral[-1])


def _even_fast_length(n: int) -> int:
    from scipy.fft import next_fast_len

    return 2 * int(next_fast_len((n + 1) // 2))

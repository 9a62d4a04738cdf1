"""Amplitudes of a kernel from place to place, by what was found there."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from ...operators import HaarBands, HaarGram, LinearOperator, haar_bands

__all__ = ["LocalKernel", "levels_for", "local_kernel", "local_variances"]

_SMOOTHED = 0.5  # pixels
_LEAST = 1e-4  # of the field's size
_MOST_LEVELS = {2: 4, 3: 2}
_PRESENT, _NEAR, _FAINT = 0.1, 1.0, 0.2  # of the largest value, pixels, and of the amplitude: see ``_presence``


class LocalKernel(LinearOperator):
    """E K E with K of wavelets (``HaarGram``) and E the factors ``presence`` (n,) of each place."""

    def __init__(self, wavelets: HaarGram, presence: Tensor) -> None:
        super().__init__(wavelets.shape, wavelets.dtype, wavelets.device)
        self._wavelets, self._presence = wavelets, presence.reshape(-1, 1)

    def spectrum(self) -> Tensor:
        """Eigenvalues (n₁, …) of the stationary kernel that the wavelets' is on average over shifts, times E's mean
        square."""
        return float(self._presence.square().mean()) * self._wavelets.spectrum()

    def draw(self, count: int, generator: Generator) -> Tensor:
        """Independent samples of N(0, E K E), (n, count)."""
        return self._presence * self._wavelets.draw(count, generator)

    def _forward(self, x: Tensor) -> Tensor:
        return self._presence * self._wavelets._forward(self._presence * x)

    def _adjoint(self, y: Tensor) -> Tensor:
        return self._forward(y)


def local_kernel(parts: Tensor, *, positive: bool) -> LocalKernel:
    """The kernel whose amplitudes suit a field with ``parts`` (p, n₁, …), and where the field is known to be
    ``positive``, so that there is nothing at values near zero, is faint there."""
    wavelets = HaarGram(local_variances(parts))
    return LocalKernel(wavelets, _presence(parts[0]) if positive else torch.ones(parts[0].shape, dtype=torch.float64))


def _presence(values: Tensor) -> Tensor:
    """1 where values (n₁, …), averaged over a pixel around, reach a tenth of the largest, less in proportion beneath
    it, a fifth at least: what was taken for nothing may come back."""
    from scipy.ndimage import gaussian_filter

    around = torch.from_numpy(gaussian_filter(values.numpy(), _NEAR))
    return (around / (_PRESENT * float(values.max()) or 1.0)).clamp(_FAINT, 1.0)


def levels_for(shape: tuple[int, ...]) -> int:
    """Levels of wavelets: four in a plane and two in a volume, fewer where the grid is small."""
    longest = max(shape)
    return max(1, min(_MOST_LEVELS[len(shape)], longest.bit_length() - 4))


def local_variances(parts: Tensor) -> HaarBands:
    """Variances √(c̄² + ε²) for the wavelet coefficients c of a field with ``parts`` (p, n₁, …): one, or real and
    imaginary part, which share theirs; c̄² is the square of c smoothed over half a pixel, ε 1e-4 of the field's size.

    A field of least Σ c²/|c₀| has, once c and c₀ agree, the least Σ|c| that goes with its measurements (iteratively
    reweighted least squares; Daubechies et al. 2010): few large coefficients, at edges and where there is anything at
    all, rather than many small ones.
    """
    size = float(parts.square().sum(0).amax().sqrt()) or 1.0
    levels = levels_for(tuple(parts.shape[1:]))
    each = [haar_bands(part / size, levels) for part in parts]
    coarse = _variance(sum(b.coarse.square() for b in each))  # type: ignore[arg-type]
    details = tuple(
        torch.stack([_variance(band) for band in sum(b.details[level].square() for b in each)])  # type: ignore[union-attr]
        for level in range(levels)
    )
    return HaarBands(coarse, details)


def _variance(squares: Tensor) -> Tensor:
    from scipy.ndimage import gaussian_filter

    smooth = torch.from_numpy(gaussian_filter(squares.numpy(), _SMOOTHED, mode="wrap"))
    return (smooth.clamp_min(0) + _LEAST**2).sqrt()

"""Line integrals of an image: of parallel beams by the Fourier slice theorem, of others ray by ray."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ..errors import TooLargeError
from ..grids._memory import free_memory
from ._base import LinearOperator
from ._geometry import Geometry
from ._nufft import FourierSum
from ._sparse import SparseOperator

_TOLERANCE = 1e-7  # of the NUFFT, relative
_BYTES_PER_ENTRY = 24  # in a sparse matrix and its transpose: a float64 and an int32 in each


def projection(geometry: Geometry, shape: tuple[int, int]) -> LinearOperator:
    """Return the map from an image (ny, nx) in C order, in the geometry's square, to its line integrals (A, B)."""
    return ray_sums(geometry, shape) if geometry.fan else ParallelProjection(geometry, shape)


class ParallelProjection(LinearOperator):
    """The line integrals of an image's bilinear interpolant along parallel rays, low-passed at one cycle per bin.

    The Fourier transform of a projection is the image's along a line through zero (Bracewell 1956):
    P_θ(ω) = p²·β(ωp cos θ) β(ωp sin θ) Σ_r f_r e^{−2πi ω(x_r cos θ + y_r sin θ)} for pixels r of side p, where
    β(ν) = sinc²ν is the transform of the tent. The sums are computed by NUFFT: A angles of a view of n² pixels take
    O(n² log n + A n) operations, and the adjoint is exact. Nothing wraps around, since ω is sampled finely enough for
    image and detector together.
    """

    def __init__(self, geometry: Geometry, shape: tuple[int, int], tolerance: float = _TOLERANCE) -> None:
        super().__init__((len(geometry.angles) * geometry.bins, math.prod(shape)))
        if geometry.fan:
            raise ValueError("the rays of a fan beam are not parallel; use ray_sums")
        self.geometry, self.image = geometry, shape
        pixel, step = geometry.side / max(shape), geometry.spacing
        reach = pixel * (math.hypot(*shape) / 2 + 2) + float(np.abs(geometry.offsets).max())
        self._count = _even_length(math.ceil(reach / step))
        waves = torch.arange(self._count + 1, dtype=torch.float64) / (self._count * step)  # up to one cycle per bin
        angles = torch.from_numpy(geometry.angles)
        along_x, along_y = (waves * part[:, None] * pixel for part in (angles.cos(), angles.sin()))
        points = torch.stack([along_y, -along_x], dim=-1).reshape(-1, 2)  # rows run downwards
        self._sum = FourierSum(points, shape, (1.0, 1.0), tolerance)
        self._filter = self._response(along_x, along_y, pixel, waves)

    def _response(self, along_x: Tensor, along_y: Tensor, pixel: float, waves: Tensor) -> Tensor:
        """Return the factor of each wave of a projection, (A, count + 1) complex: pixel, shifts, weight in the sum."""
        rows, columns = self.image
        tents = (torch.sinc(along_x) * torch.sinc(along_y)).square()
        middle = along_y * (rows // 2 - (rows - 1) / 2) - along_x * (columns // 2 - (columns - 1) / 2)
        shift = middle - self.geometry.axis * self.geometry.spacing * waves
        weight = torch.full_like(waves, 2.0)  # for the waves of negative frequency
        weight[0] = 1.0
        weight[-1] = 1.0  # shared by positive and negative frequencies
        scale = pixel**2 / (self._count * self.geometry.spacing)
        return scale * weight * tents * torch.polar(torch.ones_like(shift), 2 * math.pi * shift)

    def _forward(self, x: Tensor) -> Tensor:
        waves = self._sum._forward(x.to(torch.complex128)).reshape(*self._filter.shape, -1) * self._filter[..., None]
        folded = waves[:, : self._count].clone()
        folded[:, 0] += waves[:, -1]
        bins = torch.fft.ifft(folded, dim=1, norm="forward")[:, : self.geometry.bins]
        return bins.real.reshape(self.shape[0], -1)

    def _adjoint(self, y: Tensor) -> Tensor:
        bins = y.reshape(*self.geometry.shape, -1).to(torch.complex128)
        waves = torch.fft.fft(bins, n=self._count, dim=1)
        waves = torch.cat([waves, waves[:, :1]], dim=1) * self._filter.conj()[..., None]
        return self._sum._adjoint(waves.reshape(-1, y.shape[1])).real


def ray_sums(geometry: Geometry, shape: tuple[int, int]) -> SparseOperator:
    """Return the map from an image (ny, nx) to its line integrals by Joseph's method (1982), as a sparse matrix.

    Where a ray crosses a row (or a column, if it is flatter), the value between the two nearest pixels is taken, times
    the ray's length from one row to the next. Raises ``TooLargeError`` if the matrix would not fit in memory.
    """
    import scipy.sparse

    entries = 2 * math.prod(geometry.shape) * max(shape)
    _check_room(entries)
    nearest, directions = (part.reshape(-1, 2) for part in geometry.rays())
    pixel = geometry.side / max(shape)
    # in pixels, as (row, column), from the middle of the first pixel
    middle = (np.array(shape) - 1) / 2
    starts = np.stack([-nearest[:, 1], nearest[:, 0]], axis=1) / pixel + middle
    ways = np.stack([-directions[:, 1], directions[:, 0]], axis=1)
    parts = [_crossings(starts, ways, shape, axis) for axis in (0, 1)]
    rows, columns, weights = (np.concatenate([part[i] for part in parts]) for i in range(3))
    matrix = scipy.sparse.csr_matrix((weights * pixel, (rows, columns)), shape=(len(starts), math.prod(shape)))
    return SparseOperator(matrix)


def _crossings(
    starts: np.ndarray, ways: np.ndarray, shape: tuple[int, int], axis: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rays, pixels and lengths of the rays that are steeper along ``axis`` (0: they cross the rows)."""
    other = 1 - axis
    steep = np.abs(ways[:, axis]) >= np.abs(ways[:, other])
    steep &= (np.abs(ways[:, 0]) != np.abs(ways[:, 1])) | (axis == 0)
    chosen = np.flatnonzero(steep)
    lines = np.arange(shape[axis])
    slope = (ways[chosen, other] / ways[chosen, axis])[:, None]
    place = starts[chosen, other][:, None] + slope * (lines - starts[chosen, axis][:, None])
    lower = np.floor(place).astype(np.int64)
    length = 1 / np.abs(ways[chosen, axis])[:, None]
    found = []
    for pixel, share in ((lower, 1 - (place - lower)), (lower + 1, place - lower)):
        inside = (pixel >= 0) & (pixel < shape[other])
        ray, line = np.nonzero(inside)
        pair = (lines[line], pixel[inside]) if axis == 0 else (pixel[inside], lines[line])
        found.append((chosen[ray], pair[0] * shape[1] + pair[1], (share * length)[inside]))
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


def _check_room(entries: int) -> None:
    free = free_memory()
    if 4 * _BYTES_PER_ENTRY * entries > free:
        raise TooLargeError(
            f"the matrix of this scan's line integrals has {entries / 1e6:,.0f} million entries, which take "
            f"{4 * _BYTES_PER_ENTRY * entries / 1e9:.0f} GB, and {free / 1e9:.1f} GB are free; bin the detector, or "
            "give fewer angles"
        )


def _even_length(count: int) -> int:
    from scipy.fft import next_fast_len

    return 2 * int(next_fast_len((count + 1) // 2))

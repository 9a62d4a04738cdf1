"""Fourier samples of an image, also as seen by coils, and the same map for several vectors or as a real map."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ._base import LinearOperator
from ._nufft import FourierSum


class CartesianFourier(LinearOperator):
    """The map from an image m to the entries ``flat`` of its centred, orthonormal discrete Fourier transform.

    The transform is Σ_r m(r) e^{−2πi k·r/n}/√N with k and r counted from n//2 (NumPy's
    ``fftshift(fftn(ifftshift(m), norm="ortho"))``).

    >>> whole = CartesianFourier((2, 2), torch.arange(4))
    >>> (whole @ torch.ones(4, dtype=torch.complex128)).real
    tensor([0., 0., 0., 2.], dtype=torch.float64)
    """

    def __init__(self, shape: tuple[int, ...], flat: Tensor) -> None:
        super().__init__((len(flat), math.prod(shape)), torch.complex128)
        self.image = shape
        grid = torch.arange(math.prod(shape)).reshape(shape)
        self._flat = torch.fft.fftshift(grid).reshape(-1)[flat]  # positions in an uncentred transform
        self._axes = tuple(range(1, 1 + len(shape)))

    def _forward(self, x: Tensor) -> Tensor:
        images = torch.fft.ifftshift(x.T.reshape(-1, *self.image), self._axes)
        return torch.fft.fftn(images, dim=self._axes, norm="ortho").flatten(1)[:, self._flat].T

    def _adjoint(self, y: Tensor) -> Tensor:
        filled = y.new_zeros(y.shape[1], self.shape[1]).index_add_(1, self._flat, y.T.contiguous())
        images = torch.fft.ifftn(filled.reshape(-1, *self.image), dim=self._axes, norm="ortho")
        return torch.fft.fftshift(images, self._axes).flatten(1).T


def nonuniform_fourier(shape: tuple[int, ...], places: Tensor, tolerance: float = 1e-8) -> LinearOperator:
    """Return the transform of ``CartesianFourier`` at ``places`` k (M, d), cycles per field of view, by NUFFT."""
    period = tuple(float(n) for n in shape)
    return math.prod(shape) ** -0.5 * FourierSum(-places.double(), shape, period, tolerance)


class Coils(LinearOperator):
    """The map m ↦ (F S_1 m, …, F S_C m): a transform F of an image as each of C coils sees it, with ``maps`` S (C, N).

    See Pruessmann et al. 2001, Eq. 2. The samples are ordered coil by coil.
    """

    def __init__(self, fourier: LinearOperator, maps: Tensor) -> None:
        super().__init__((len(maps) * fourier.shape[0], fourier.shape[1]), torch.complex128)
        self._fourier, self.maps = fourier, maps.to(torch.complex128)

    def _forward(self, x: Tensor) -> Tensor:
        return torch.cat([self._fourier._forward(sensitivity[:, None] * x) for sensitivity in self.maps])

    def _adjoint(self, y: Tensor) -> Tensor:
        parts = zip(self.maps, y.tensor_split(len(self.maps)), strict=True)
        first, *others = (sensitivity.conj()[:, None] * self._fourier._adjoint(part) for sensitivity, part in parts)
        for other in others:
            first += other
        return first


class Repeated(LinearOperator):
    """The map diag(A, …, A), which applies A to each of ``count`` consecutive parts of a vector.

    >>> from fourierfield.operators._base import DenseOperator
    >>> Repeated(DenseOperator(torch.tensor([[1.0, 1.0]])), 2) @ torch.tensor([1.0, 2.0, 3.0, 4.0])
    tensor([3., 7.])
    """

    def __init__(self, operator: LinearOperator, count: int) -> None:
        super().__init__((count * operator.shape[0], count * operator.shape[1]), operator.dtype, operator.device)
        self.operator, self.count = operator, count

    def _forward(self, x: Tensor) -> Tensor:
        return _side_by_side(self.operator._forward, x, self.count)

    def _adjoint(self, y: Tensor) -> Tensor:
        return _side_by_side(self.operator._adjoint, y, self.count)


class OfReal(LinearOperator):
    """The map x ↦ (Re A x, Im A x) for real x: a complex map (n,) → (m,) as a real one, (n,) → (2m,).

    Its adjoint is (u, v) ↦ Re Aᴴ(u + iv), so that ⟨A x, y⟩ is the real inner product.
    """

    def __init__(self, operator: LinearOperator) -> None:
        super().__init__((2 * operator.shape[0], operator.shape[1]), torch.float64, operator.device)
        self.operator = operator

    def _forward(self, x: Tensor) -> Tensor:
        found = self.operator._forward(x.to(self.operator.dtype))
        return torch.cat([found.real, found.imag])

    def _adjoint(self, y: Tensor) -> Tensor:
        return self.operator._adjoint(torch.complex(*y.contiguous().tensor_split(2))).real


class ComplexAsReal(LinearOperator):
    """The map (Re x, Im x) ↦ (Re A x, Im A x): a complex map (n,) → (m,) as a real one, (2n,) → (2m,)."""

    def __init__(self, operator: LinearOperator) -> None:
        rows, columns = operator.shape
        super().__init__((2 * rows, 2 * columns), torch.float64, operator.device)
        self.operator = operator

    def _forward(self, x: Tensor) -> Tensor:
        found = self.operator._forward(torch.complex(*x.contiguous().tensor_split(2)))
        return torch.cat([found.real, found.imag])

    def _adjoint(self, y: Tensor) -> Tensor:
        found = self.operator._adjoint(torch.complex(*y.contiguous().tensor_split(2)))
        return torch.cat([found.real, found.imag])


def _side_by_side(apply, x: Tensor, count: int) -> Tensor:  # type: ignore[no-untyped-def]
    """Apply a function that takes (n, k) to ``count`` parts of x (count·n, k) at once."""
    n, k = x.shape[0] // count, x.shape[1]
    parts = apply(x.reshape(count, n, k).transpose(0, 1).reshape(n, count * k))
    return parts.reshape(-1, count, k).transpose(0, 1).reshape(-1, k)

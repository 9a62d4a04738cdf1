"""The Lanczos process with full reorthogonalisation, and functions of an operator by it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ..operators import LinearOperator
from .solution import Solution, Status
from .systems import as_columns

__all__ = ["Lanczos", "lanczos"]

Function = Callable[[Tensor], Tensor]
_BLOCK = 32  # rows of the basis allocated at once
_CHECK_EVERY = 8  # steps between two looks at the error, or an eighth of all so far: one costs as k² to k³


@dataclass(frozen=True)
class Lanczos:
    """A symmetric operator K seen from a start vector b: K Q = Q T + β q eᵀ, Q e₁ = b/‖b‖, T tridiagonal.

    ``blocks`` are the rows of Qᵀ (k, n) in order, ``diagonal`` is (k,), ``off_diagonal`` (k,) with β as its last entry,
    ``norm`` is ‖b‖.
    """

    blocks: tuple[Tensor, ...]
    diagonal: Tensor
    off_diagonal: Tensor
    norm: float

    @property
    def basis(self) -> Tensor:
        """Qᵀ (k, n) in one piece: a copy, as large as all that the run holds."""
        return torch.cat(self.blocks)

    @cached_property
    def eigen(self) -> tuple[Tensor, Tensor]:
        """Ritz values (k,), ascending, and the eigenvectors (k, k) of T in columns."""
        return _eigen(self.diagonal, self.off_diagonal)

    def coefficients(self, functions: Function) -> Tensor:
        """‖b‖·f(T) e₁, (…, k), for ``functions`` that map eigenvalues (k,) to (…, k)."""
        values, vectors = self.eigen
        result = self.norm * (functions(values) * vectors[0]) @ vectors.T
        return result if self.norm else torch.zeros_like(result)

    def apply(self, functions: Function) -> Tensor:
        """f(K) b ≈ ‖b‖ Q f(T) e₁ (Golub & Van Loan 2013, Section 10.1), (…, n)."""
        parts = self.coefficients(functions).split([len(block) for block in self.blocks], dim=-1)
        total = parts[0] @ self.blocks[0]
        for part, block in zip(parts[1:], self.blocks[1:], strict=True):
            total += part @ block
        return total

    def quadrature(self, functions: Function) -> Tensor:
        """bᵀ f(K) b by Gauss quadrature, ‖b‖² Σ (e₁ᵀs_i)² f(θ_i) (Golub & Meurant 2010, Theorem 6.4), (…)."""
        values, vectors = self.eigen
        result = self.norm**2 * (functions(values) * vectors[0] ** 2).sum(-1)
        return result if self.norm else torch.zeros_like(result)

    def missing(self, functions: Function) -> Tensor:
        """β·|e_kᵀ f(T) e₁|, (…): what the next step would add, relative to ‖b‖.

        For f = 1/λ it is the residual ‖b − K x‖/‖b‖ of x = f(K) b. For f = (1 − e^{−λt})/λ it is that of the flow's
        equation, ‖b − K x − dx/dt‖/‖b‖ (Botchev et al. 2013, Eq. 2.5), and no K x(s), s ≤ t, is wrong by more than
        ‖b‖ times the largest of it up to t, for K ≥ 0, since that residual keeps its direction.
        """
        values, vectors = self.eigen
        return self.off_diagonal[-1] * ((functions(values) * vectors[0]) @ vectors[-1]).abs()


def lanczos(
    operator: LinearOperator, start: Tensor, functions: Function, *, tolerance: float = 1e-6, most: int = 500
) -> Solution[Lanczos]:
    """Run until f(K) b is known to ``tolerance`` (``Lanczos.missing``) for all ``functions``, at most ``most`` steps.

    The new vector is orthogonalised against all before it, twice where rounding calls for it (Daniel et al. 1976), so
    that no eigenvalue appears twice and T means what the theory says. Memory: k vectors.

    >>> from fourierfield.operators import DenseOperator
    >>> operator = DenseOperator(torch.diag(torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)))
    >>> run = lanczos(operator, torch.ones(3, dtype=torch.float64), lambda x: 1 / x)
    >>> run.value.apply(lambda x: 1 / x)
    tensor([1.0000, 0.5000, 0.2500], dtype=torch.float64)
    """
    if start.ndim != 1:
        raise ValueError(f"a Lanczos run starts at one vector ({operator.shape[1]},), not {tuple(start.shape)}")
    start = as_columns(operator, start)[:, 0]
    norm = float(start.norm())
    if not math.isfinite(norm):
        raise ValueError("the start vector of a Lanczos run holds NaN or infinity")
    most = min(most, len(start))
    basis = _Basis(start / norm if norm else start, most)
    diagonal: list[float] = []
    off_diagonal: list[float] = []
    next_check = _CHECK_EVERY
    while True:
        image = _extend(operator, basis, diagonal, off_diagonal)
        done = len(basis) == most or _broken_down(diagonal, off_diagonal, torch.finfo(start.dtype).eps)
        if done or len(basis) == next_check:
            next_check += max(_CHECK_EVERY, next_check // 8)
            run = _freeze(basis, diagonal, off_diagonal, norm)
            error = float(run.missing(functions).max()) if norm else 0.0
            if done or error <= tolerance:
                status = Status.CONVERGED if error <= tolerance else Status.TOO_FEW_STEPS
                return Solution(run, status, len(basis), error)
        basis.append(image / off_diagonal[-1])


def _extend(operator: LinearOperator, basis: _Basis, diagonal: list[float], off_diagonal: list[float]) -> Tensor:
    """One step: the next entries of T, and K q without its part in the basis."""
    vector = basis.row(len(basis) - 1)
    image = operator @ vector
    diagonal.append(float(vector @ image))
    image = image - diagonal[-1] * vector
    if len(basis) > 1:
        image -= off_diagonal[-1] * basis.row(len(basis) - 2)
    off_diagonal.append(basis.orthogonalise(image))
    return image


def _broken_down(diagonal: list[float], off_diagonal: list[float], epsilon: float) -> bool:
    """Whether the Krylov space is invariant to rounding: nothing is left to add."""
    scale = max(abs(a) + b for a, b in zip(diagonal, off_diagonal, strict=True))
    return off_diagonal[-1] <= 50 * epsilon * scale


class _Basis:
    """Orthonormal rows in blocks of equal size: nothing is copied as it grows, and little is held ahead."""

    def __init__(self, first: Tensor, most: int) -> None:
        self._size = min(most, _BLOCK)
        self._storage: list[Tensor] = []
        self._count = 0
        self.append(first)

    def __len__(self) -> int:
        return self._count

    @property
    def blocks(self) -> tuple[Tensor, ...]:
        """The rows, the last block cut to those that are there."""
        last = self._count - self._size * (len(self._storage) - 1)
        return (*self._storage[:-1], self._storage[-1][:last])

    def row(self, index: int) -> Tensor:
        return self._storage[index // self._size][index % self._size]

    def append(self, row: Tensor) -> None:
        if self._count % self._size == 0:
            self._storage.append(row.new_empty(self._size, len(row)))
        self._storage[-1][self._count % self._size] = row
        self._count += 1

    def orthogonalise(self, vector: Tensor) -> float:
        """Remove the basis from a vector in place; its norm afterwards."""
        before = float(vector.norm())
        for _ in range(2):
            for block in self.blocks:
                vector -= block.T @ (block @ vector)
            after = float(vector.norm())
            if after > 0.7 * before:
                break
            before = after
        return after


def _freeze(basis: _Basis, diagonal: list[float], off_diagonal: list[float], norm: float) -> Lanczos:
    blocks = basis.blocks
    return Lanczos(blocks, blocks[0].new_tensor(diagonal), blocks[0].new_tensor(off_diagonal), norm)


def _eigen(diagonal: Tensor, off_diagonal: Tensor) -> tuple[Tensor, Tensor]:
    from scipy.linalg import eigh_tridiagonal

    values, vectors = eigh_tridiagonal(diagonal.cpu().numpy(), off_diagonal[:-1].cpu().numpy())
    return torch.as_tensor(values, device=diagonal.device), torch.as_tensor(vectors, device=diagonal.device)

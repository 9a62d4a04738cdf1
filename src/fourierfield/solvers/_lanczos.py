"""The Lanczos process with full reorthogonalisation, and functions of an operator by it."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ..operators._base import LinearOperator
from ._solution import Solution, Status, as_columns

_BLOCK = 32  # vectors of a run that are allocated at once
_CANCELLED = 0.7  # of a vector's norm: if less is left, rounding has spoilt the vector (Daniel et al. 1976)


class Rows:
    """The vectors of B Krylov runs, ``most`` each, side by side in blocks (B, ≤ 32, n): growing copies nothing."""

    def __init__(self, first: Tensor, most: int) -> None:
        self._size = min(most, _BLOCK)
        self._storage: list[Tensor] = []
        self._count = 0
        self.append(first)

    def __len__(self) -> int:
        return self._count

    @property
    def blocks(self) -> list[Tensor]:
        """The blocks so far, the last one cut to the vectors that it holds."""
        last = self._count - self._size * (len(self._storage) - 1)
        return [*self._storage[:-1], self._storage[-1][:, :last]]

    def __getitem__(self, index: int) -> Tensor:
        """Return the vectors (B, n) that were appended together at ``index``; −1 is the last."""
        index %= self._count
        return self._storage[index // self._size][:, index % self._size]

    def append(self, vectors: Tensor) -> None:
        """Append one vector to each run, (B, n)."""
        if self._count % self._size == 0:
            runs, n = vectors.shape
            self._storage.append(vectors.new_empty(runs, self._size, n))
        self._storage[-1][:, self._count % self._size] = vectors
        self._count += 1

    def of(self, run: int) -> tuple[Tensor, ...]:
        """Return one run's vectors (k, n) in blocks: copies beside others, so that these can be freed, else views."""
        return tuple(block[run] if len(block) == 1 else block[run].clone() for block in self.blocks)

    def keep(self, runs: Tensor) -> None:
        """Keep the runs of a mask (B,) only."""
        self._storage = [block[runs] for block in self._storage]


def orthogonalise(rows: Rows, vectors: Tensor) -> Tensor:
    """Make vectors (B, n) orthogonal to their run's rows, in place, twice if rounding calls for it; return norms."""
    before = vectors.norm(dim=1)
    after = before
    for _ in range(2):
        for block in rows.blocks:
            for own, vector in zip(block, vectors, strict=True):  # batched matrix-vector products are far slower
                vector.addmv_(own.T, own @ vector, alpha=-1)
        after = vectors.norm(dim=1)
        if bool((after > _CANCELLED * before).all()):
            break
        before = after
    return after


Function = Callable[[Tensor], Tensor]
# Steps between two checks of the error, or an eighth of all steps so far if that is more: a check at k steps costs k²
# to k³ operations.
_CHECK_EVERY = 8


@dataclass(frozen=True)
class Lanczos:
    """A symmetric operator K as seen from a start vector b: K Q = Q T + β q eᵀ, Q e₁ = b/‖b‖, T tridiagonal.

    ``blocks`` are the rows of Qᵀ (k, n) in order, ``diagonal`` is (k,), ``off_diagonal`` is (k,) with β as its last
    entry, and ``norm`` is ‖b‖. If the operator had K_* below K, ``elsewhere`` are the rows of (K_* Q)ᵀ (k, M) in order.
    """

    blocks: tuple[Tensor, ...]
    diagonal: Tensor
    off_diagonal: Tensor
    norm: float
    elsewhere: tuple[Tensor, ...] = ()

    @property
    def basis(self) -> Tensor:
        """The matrix Qᵀ (k, n) in one piece: a copy, as large as all that the run holds."""
        return torch.cat(self.blocks)

    @cached_property
    def eigen(self) -> tuple[Tensor, Tensor]:
        """The Ritz values (k,), ascending, and the eigenvectors of T in columns, (k, k)."""
        return _eigen(self.diagonal, self.off_diagonal)

    def coefficients(self, functions: Function) -> Tensor:
        """Return ‖b‖·f(T) e₁, (…, k), for ``functions`` that map eigenvalues (k,) to (…, k)."""
        values, vectors = self.eigen
        result = self.norm * (functions(values) * vectors[0]) @ vectors.T
        return result if self.norm else torch.zeros_like(result)

    def apply(self, functions: Function) -> Tensor:
        """Return f(K) b ≈ ‖b‖ Q f(T) e₁, (…, n) (Golub & Van Loan 2013, Section 10.1)."""
        return _combined(self.coefficients(functions), self.blocks)

    def apply_elsewhere(self, functions: Function) -> Tensor:
        """Return K_* f(K) b, (…, M), if the operator had K_* below K."""
        return _combined(self.coefficients(functions), self.elsewhere)

    def quadrature(self, functions: Function) -> Tensor:
        """Return bᵀ f(K) b = ‖b‖² Σ (e₁ᵀs_i)² f(θ_i), (…), by Gauss quadrature (Golub & Meurant 2010, Theorem 6.4)."""
        values, vectors = self.eigen
        result = self.norm**2 * (functions(values) * vectors[0] ** 2).sum(-1)
        return result if self.norm else torch.zeros_like(result)

    def missing(self, functions: Function) -> Tensor:
        """Return β·|e_kᵀ f(T) e₁|, (…): what the next step would add, relative to ‖b‖.

        For f = 1/λ this is the residual ‖b − K x‖/‖b‖ of x = f(K) b. For f = (1 − e^{−λt})/λ it is the residual of the
        flow's equation, ‖b − K x − dx/dt‖/‖b‖ (Botchev et al. 2013, Eq. 2.5). Since that residual keeps its direction,
        for K ≥ 0 no K x(s), s ≤ t, is wrong by more than ‖b‖ times its largest value up to t.
        """
        values, vectors = self.eigen
        return self.off_diagonal[-1] * ((functions(values) * vectors[0]) @ vectors[-1]).abs()

    def worst(self, functions: Function) -> float:
        """Return the largest value of ``missing``, or 0 for b = 0."""
        return float(self.missing(functions).max()) if self.norm else 0.0


def lanczos(
    operator: LinearOperator, start: Tensor, functions: Function, *, tolerance: float = 1e-6, most: int = 500
) -> Solution[Lanczos]:
    """Run until f(K) b is known to ``tolerance`` (``Lanczos.missing``) for all ``functions``, at most ``most`` steps.

    Each new vector is orthogonalised against all before it, twice if rounding calls for it (Daniel et al. 1976), so
    that no eigenvalue appears twice and T is as in theory. The memory is that of k vectors.

    >>> from fourierfield.operators._base import DenseOperator
    >>> operator = DenseOperator(torch.diag(torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)))
    >>> run = lanczos(operator, torch.ones(3, dtype=torch.float64), lambda x: 1 / x)
    >>> run.value.apply(lambda x: 1 / x)
    tensor([1.0000, 0.5000, 0.2500], dtype=torch.float64)
    """
    if start.ndim != 1:
        raise ValueError(f"a Lanczos run starts at one vector ({operator.shape[1]},), not {tuple(start.shape)}")
    return lanczos_each(operator, start[:, None], functions, tolerance=tolerance, most=most)[0]


def lanczos_each(
    operator: LinearOperator, starts: Tensor, functions: Function, *, tolerance: float = 1e-6, most: int = 500
) -> list[Solution[Lanczos]]:
    """Run ``lanczos`` from each column of ``starts`` (n, B) by itself, with the products with K taken together.

    An operator with more rows than columns is K above a map K_* to other points: the images of the basis under K_* are
    kept (``Lanczos.elsewhere``), so that K_* f(K) b needs no further product. The memory is that of k·B vectors.
    """
    square = operator.shape[0] <= operator.shape[1]
    starts = as_columns(operator, starts) if square else starts.to(torch.promote_types(operator.dtype, starts.dtype))
    if not bool(starts.isfinite().all()):
        raise ValueError("the start vector of a Lanczos run holds NaN or infinity")
    runs = _Runs(operator, starts.T, min(most, len(starts)))
    found: dict[int, Solution[Lanczos]] = {}
    next_check = _CHECK_EVERY
    while True:
        runs.extend()
        done = runs.broken_down() | (len(runs.basis) == runs.most)
        if bool(done.any()) or len(runs.basis) == next_check:
            next_check = max(next_check, len(runs.basis) + max(_CHECK_EVERY, next_check // 8))
            for at, number in enumerate(runs.numbers):
                error = runs.view(at).worst(functions)
                if done[at] or error <= tolerance:
                    status = Status.CONVERGED if error <= tolerance else Status.TOO_FEW_STEPS
                    found[number] = Solution(runs.view(at, final=True), status, len(runs.basis), error)
            runs.leave_out(found)
            if not runs.numbers:
                return [found[number] for number in range(starts.shape[1])]
        runs.advance()


class _Runs:
    """The runs that go on, by their ``numbers``: T so far, the bases, and the next vectors before normalisation."""

    def __init__(self, operator: LinearOperator, starts: Tensor, most: int) -> None:
        self.operator, self.most = operator, most
        self.numbers = list(range(len(starts)))
        self.norms = starts.norm(dim=1)
        self.basis = Rows(starts / torch.where(self.norms > 0, self.norms, 1.0)[:, None], most)
        self.elsewhere: Rows | None = None
        self.diagonal = self.off_diagonal = starts.new_empty(0, len(starts))
        self._next = starts

    def extend(self) -> None:
        """Take one step: compute the next entries of T, and K q without its part in the basis."""
        vectors = self.basis[-1]
        image = (self.operator @ vectors.T).T.contiguous()
        if image.shape[1] > vectors.shape[1]:
            self._keep_elsewhere(image[:, vectors.shape[1] :])
        image = image[:, : vectors.shape[1]]
        along = (vectors * image).sum(1)
        image = image - along[:, None] * vectors
        if len(self.basis) > 1:
            image -= self.off_diagonal[-1][:, None] * self.basis[-2]
        self.diagonal = torch.cat([self.diagonal, along[None]])
        self.off_diagonal = torch.cat([self.off_diagonal, orthogonalise(self.basis, image)[None]])
        self._next = image

    def advance(self) -> None:
        """Append the next vectors to the bases."""
        self.basis.append(self._next / self.off_diagonal[-1][:, None])

    def broken_down(self) -> Tensor:
        """Return a mask (B,) of the runs whose Krylov space is invariant to rounding, with nothing left to add."""
        scale = (self.diagonal.abs() + self.off_diagonal).amax(0)
        return self.off_diagonal[-1] <= 50 * torch.finfo(scale.dtype).eps * scale

    def view(self, at: int, *, final: bool = False) -> Lanczos:
        """Return one run as far as it has come; its vectors are included only if it is ``final``."""
        blocks = self.basis.of(at) if final else ()
        elsewhere = self.elsewhere.of(at) if final and self.elsewhere is not None else ()
        return Lanczos(blocks, self.diagonal[:, at], self.off_diagonal[:, at], float(self.norms[at]), elsewhere)

    def leave_out(self, numbers: Container[int]) -> None:
        """Drop the runs of these numbers."""
        stay = torch.tensor([number not in numbers for number in self.numbers])
        if bool(stay.all()):
            return
        self.numbers = [number for number in self.numbers if number not in numbers]
        self.norms, self._next = self.norms[stay], self._next[stay]
        self.diagonal, self.off_diagonal = self.diagonal[:, stay], self.off_diagonal[:, stay]
        for rows in (self.basis, self.elsewhere):
            if rows is not None:
                rows.keep(stay)

    def _keep_elsewhere(self, images: Tensor) -> None:
        if self.elsewhere is None:
            self.elsewhere = Rows(images, self.most)
        else:
            self.elsewhere.append(images)


def _combined(coefficients: Tensor, blocks: tuple[Tensor, ...]) -> Tensor:
    parts = coefficients.split([len(block) for block in blocks], dim=-1)
    total = parts[0] @ blocks[0]
    for part, block in zip(parts[1:], blocks[1:], strict=True):
        total += part @ block
    return total


def _eigen(diagonal: Tensor, off_diagonal: Tensor) -> tuple[Tensor, Tensor]:
    from scipy.linalg import eigh_tridiagonal

    values, vectors = eigh_tridiagonal(diagonal.cpu().numpy(), off_diagonal[:-1].cpu().numpy())
    return torch.as_tensor(values, device=diagonal.device), torch.as_tensor(vectors, device=diagonal.device)

"""Vectors of several Krylov runs side by side, kept as they come."""

from __future__ import annotations

from torch import Tensor

__all__ = ["Rows", "orthogonalise"]

_BLOCK = 32  # rows allocated at once
_CANCELLED = 0.7  # of a vector's norm: if less is left, rounding has spoilt it (Daniel et al. 1976)


class Rows:
    """For each of B runs k vectors, in blocks of equal size: nothing is copied as they grow, little is held ahead.

    ``blocks`` are (B, ≤ 32, n) in order; ``most`` is how many vectors a run may have.
    """

    def __init__(self, first: Tensor, most: int) -> None:
        self._size = min(most, _BLOCK)
        self._storage: list[Tensor] = []
        self._count = 0
        self.append(first)

    def __len__(self) -> int:
        return self._count

    @property
    def blocks(self) -> list[Tensor]:
        """What is there, the last block cut to it."""
        last = self._count - self._size * (len(self._storage) - 1)
        return [*self._storage[:-1], self._storage[-1][:, :last]]

    def __getitem__(self, index: int) -> Tensor:
        """The vectors (B, n) appended at one time; −1 is the last."""
        index %= self._count
        return self._storage[index // self._size][:, index % self._size]

    def append(self, vectors: Tensor) -> None:
        """One more vector (B, n) for each run."""
        if self._count % self._size == 0:
            runs, n = vectors.shape
            self._storage.append(vectors.new_empty(runs, self._size, n))
        self._storage[-1][:, self._count % self._size] = vectors
        self._count += 1

    def of(self, run: int) -> tuple[Tensor, ...]:
        """One run's vectors (k, n) in blocks: views where it is the only run, else copies, so that others can go."""
        return tuple(block[run] if len(block) == 1 else block[run].clone() for block in self.blocks)

    def keep(self, runs: Tensor) -> None:
        """Leave the other runs out, by a mask (B,)."""
        self._storage = [block[runs] for block in self._storage]


def orthogonalise(rows: Rows, vectors: Tensor) -> Tensor:
    """Remove from vectors (B, n), in place, what lies along their run's orthonormal rows; their norms afterwards (B,).

    Twice where rounding calls for it.
    """
    before = vectors.norm(dim=1)
    after = before
    for _ in range(2):
        for block in rows.blocks:
            for own, vector in zip(block, vectors, strict=True):  # batched products of matrix and vector are far slower
                vector.addmv_(own.T, own @ vector, alpha=-1)
        after = vectors.norm(dim=1)
        if bool((after > _CANCELLED * before).all()):
            break
        before = after
    return after

"""The protocol of experiments, and the lab in which they run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Generator

from ..errors import Interrupted
from ._store import RunStore


@dataclass(frozen=True)
class Outcome:
    """A picture (PNG), and a table in plain text of its numbers beside the paper's."""

    picture: bytes
    table: str


@dataclass(frozen=True)
class Lab:
    """What an experiment runs with: the store of finished runs, the seed, the report of progress, the stop signal."""

    store: RunStore
    seed: int = 0
    report: Callable[[str], None] = print
    stop_signal: Callable[[], int | None] = lambda: None

    def generator(self, *labels: object) -> Generator:
        """Return a PyTorch generator for what ``labels`` name; it does not depend on what ran before."""
        return Generator().manual_seed(self._seed_of(labels))

    def numpy_generator(self, *labels: object) -> np.random.Generator:
        """Return a NumPy generator for what ``labels`` name; it does not depend on what ran before."""
        return np.random.default_rng(self._seed_of(labels))

    def check_stop(self, step: int) -> None:
        """Raise ``Interrupted`` if a signal has asked to stop."""
        number = self.stop_signal()
        if number is not None:
            raise Interrupted(number, step, str(self.store.path) if len(self.store) else None)

    def _seed_of(self, labels: tuple[object, ...]) -> int:
        digest = hashlib.sha256(repr((self.seed, *labels)).encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 1


class Experiment(Protocol):
    """One figure at chosen sizes: a frozen dataclass whose defaults are the paper's."""

    def scaled(self, share: float) -> Experiment:
        """Return the same experiment at about ``share`` of the paper's work."""
        ...

    @property
    def reduced(self) -> str:
        """What is reduced from the paper, for the picture's title; empty if nothing is."""
        ...

    def run(self, lab: Lab) -> Outcome:
        """Compute, train and draw."""
        ...

"""Experiments, the lab in which they run, and the store of their finished runs."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from torch import Generator

from ..errors import Interrupted, SettingsError
from ..grids._files import atomic_write

Arrays = dict[str, np.ndarray]
_FORMAT = 1  # to be raised whenever the meaning of a run changes, so that older runs are not used


class RunStore:
    """Arrays of finished runs in one ``.npz`` file, each run under all the settings on which it depends.

    The file is replaced atomically after every run, so that an interrupted figure continues where it stopped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._runs = _read(path)

    def __len__(self) -> int:
        return len(self._runs)

    def get(self, settings: Mapping[str, object], run: Callable[[], Arrays]) -> Arrays:
        """Return the arrays of the run with these ``settings`` (plain JSON values), from the file or by running it."""
        key = json.dumps({"format": _FORMAT, **settings}, sort_keys=True)
        if key not in self._runs:
            self._runs[key] = run()
            self._write()
        return self._runs[key]

    def _write(self) -> None:
        members: dict[str, Any] = {"keys": np.array(list(self._runs))}
        for index, arrays in enumerate(self._runs.values()):
            members |= {f"{index}/{name}": values for name, values in arrays.items()}
        buffer = io.BytesIO()
        np.savez(buffer, **members)
        atomic_write(self.path, buffer.getvalue())


def _read(path: Path) -> dict[str, Arrays]:
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as file:
            runs: dict[str, Arrays] = {str(key): {} for key in file["keys"]}
            keys = list(runs)
            for member in set(file.files) - {"keys"}:
                index, _, name = member.partition("/")
                runs[keys[int(index)]][name] = file[member]
            return runs
    except (OSError, EOFError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as problem:
        raise SettingsError(
            f"{path} does not hold finished runs of a figure; move it away or choose another --out"
        ) from problem


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

    def scaled(self, share: float) -> Self:
        """Return the same experiment at about ``share`` of the paper's work: all of it, if it takes a second."""
        return self

    @property
    def reduced(self) -> str:
        """What is reduced from the paper, for the picture's title; empty if nothing is."""
        return ""

    def run(self, lab: Lab) -> Outcome:
        """Compute, train and draw."""
        ...

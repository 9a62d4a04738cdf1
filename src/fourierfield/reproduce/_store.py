"""Finished runs on disk, so that an interrupted figure continues where it stopped."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import SettingsError
from ..grids._files import atomic_write

Arrays = dict[str, np.ndarray]
_FORMAT = 1  # to be raised whenever the meaning of a run changes, so that older runs are not used


class RunStore:
    """Arrays of finished runs in one ``.npz`` file, each run under all the settings on which it depends.

    The file is replaced atomically after every run. Raises ``SettingsError`` if the file does not hold finished runs.
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

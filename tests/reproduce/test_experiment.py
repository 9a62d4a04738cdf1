"""Finished runs survive, under the settings they were made with; anything else in their place is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.reproduce._experiment import RunStore


def test_a_run_is_made_once_and_read_back(tmp_path: Path) -> None:
    made: list[int] = []

    def run(value: int) -> dict[str, np.ndarray]:
        made.append(value)
        return {"errors": np.full(3, value / 7), "shape": np.zeros((2, 0))}

    path = tmp_path / "runs.npz"
    for _ in range(2):
        store = RunStore(path)
        for value in (1, 2):
            arrays = store.get({"power": float("inf"), "value": value}, lambda value=value: run(value))
            np.testing.assert_array_equal(arrays["errors"], np.full(3, value / 7))
            assert arrays["shape"].shape == (2, 0)
    assert made == [1, 2]
    assert len(RunStore(path)) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["runs.npz"]


def test_a_failed_run_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "runs.npz"
    store = RunStore(path)
    store.get({"run": 1}, lambda: {"a": np.ones(1)})
    with pytest.raises(ZeroDivisionError):
        store.get({"run": 2}, lambda: {"a": np.array(1 / 0)})
    assert len(RunStore(path)) == 1


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "runs.npz"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"runs\.npz does not hold finished runs"):
        RunStore(path)
    assert path.read_bytes() == content


def test_a_foreign_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.npz"
    np.savez(path, weights=np.ones(3))
    with pytest.raises(SettingsError, match="does not hold finished runs"):
        RunStore(path)

"""Finished runs survive, under the settings they were made with; anything else in their place is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fourierfield.errors import Interrupted, SettingsError
from fourierfield.reproduce._experiment import Lab, RunStore


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


def test_random_numbers_depend_on_labels_and_seed_alone(tmp_path: Path) -> None:
    lab, again = (Lab(RunStore(tmp_path / "a.npz")) for _ in range(2))
    again.generator("other", 3)
    draws = [
        torch.rand(4, generator=source.generator(*labels)).tolist()
        for source, labels in ((lab, ("x", 1)), (again, ("x", 1)), (lab, ("x", 2)))
    ]
    assert draws[0] == draws[1] != draws[2]
    other = Lab(RunStore(tmp_path / "a.npz"), seed=1)
    assert torch.rand(4, generator=other.generator("x", 1)).tolist() != draws[0]
    numbers = [source.numpy_generator("x").random(3) for source in (lab, again)]
    np.testing.assert_array_equal(*numbers)


def test_a_stop_names_the_file_only_if_runs_are_kept_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    Lab(RunStore(path)).check_stop(3)
    lab = Lab(RunStore(path), stop_signal=lambda: 2)
    with pytest.raises(Interrupted) as stopped:
        lab.check_stop(3)
    assert (stopped.value.step, stopped.value.checkpoint) == (3, None)
    lab.store.get({"run": 1}, lambda: {"x": np.zeros(2)})
    with pytest.raises(Interrupted) as stopped:
        lab.check_stop(4)
    assert stopped.value.checkpoint == str(path)

"""What experiments run with: random numbers by label, and a stop between runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fourierfield.errors import Interrupted
from fourierfield.reproduce._experiment import Lab
from fourierfield.reproduce._store import RunStore


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

"""8,192 points: our iterative solution against scikit-learn's dense one of the same kernel and ridge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from fourierfield.operators._scattered import KernelSum, split_for
from fourierfield.problems._points import PointSamples
from fourierfield.regression._solve import Accuracy, solve_weights

from ..table import Row
from .common import NTK, timed
from .points import synthetic

COUNT, ASKED = 8192, 2000
CASES = [(4.0, 1e-2), (4.0, 1e-3), (12.0, 1e-2), (12.0, 1e-4)]  # bandwidth, ridge
REPEATS = 3


def rows(data: Path) -> Iterator[Row]:
    from sklearn.kernel_ridge import KernelRidge

    points, values = synthetic(COUNT)
    asked = torch.rand(ASKED, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for bandwidth, ridge in CASES:
        kernel = NTK.with_bandwidth(bandwidth).kernel(2)

        def ours(kernel=kernel, ridge=ridge) -> torch.Tensor:  # type: ignore[no-untyped-def]
            found = solve_weights(PointSamples(points, values), kernel, values, ridge, Accuracy(residual=1e-4))
            return KernelSum(split_for(kernel, points, 3e-5), points, found.value)(asked)

        def theirs(kernel=kernel, ridge=ridge) -> np.ndarray:  # type: ignore[no-untyped-def]
            gram = kernel.between(points, points).numpy()
            model = KernelRidge(alpha=ridge, kernel="precomputed").fit(gram, values.numpy())
            return np.asarray(model.predict(kernel.between(asked, points).numpy()))

        mine = sorted(timed(ours)[1] for _ in range(REPEATS))[REPEATS // 2]
        dense, seconds = timed(theirs)
        dense = dense.reshape(ASKED, -1)
        error = np.linalg.norm(ours().numpy() - dense) / np.linalg.norm(dense)
        yield {
            "bandwidth": f"{bandwidth:g}",
            "ridge": f"{ridge:g}",
            "relative_rms": f"{error:.1e}",
            "fourierfield_s": f"{mine:.2f}",
            "scikit_learn_s": f"{seconds:.2f}",
            "ratio": f"{seconds / mine:.1f}",
        }

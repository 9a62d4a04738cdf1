"""A stationary kernel on a grid that wraps around."""

from __future__ import annotations

import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._domain import Domain
from fourierfield.kinds.scans._found import stationary_prior
from fourierfield.regression._spec import KernelSpec


@pytest.mark.parametrize("shape", [(8, 8), (6, 9), (3, 4, 5)])
@pytest.mark.parametrize("features", [None, 16])
def test_entries_are_the_kernel_of_the_shortest_way(shape: tuple[int, ...], features: int | None) -> None:
    domain = Domain.of_samples(shape)
    kernel = KernelSpec(EncodingSpec("gaussian", 2.0, features)).kernel(len(shape))
    grid = domain.grid(shape)
    spectrum = stationary_prior(kernel, domain, shape).eigenvalues
    matrix = stationary_prior(kernel, domain, shape).to_dense()
    assert torch.allclose(matrix, matrix.T)
    assert float(torch.linalg.eigvalsh(matrix).min()) > 0
    index = torch.stack(torch.meshgrid(*(torch.arange(n) for n in shape), indexing="ij"), -1).reshape(-1, len(shape))
    steps = (index - index[0]).abs()
    shortest = torch.minimum(steps, torch.tensor(shape) - steps)
    exact = kernel(shortest.double() * torch.tensor(grid.spacing, dtype=torch.float64))
    cut = torch.fft.fftn(exact.reshape(shape)).real
    assert torch.allclose(spectrum, cut.clamp_min(1e-9 * float(cut.max())))
    if float(cut.min()) > 0:
        assert torch.allclose(matrix[0], exact)


def test_axes_have_their_own_spacing() -> None:
    """A grid of half as many samples along an axis of the same length is every second row of a finer one."""
    kernel = KernelSpec(EncodingSpec("gaussian", 1.0)).kernel(2)
    domain = Domain((10.0, 10.0), ("mm", "mm"))
    fine, coarse = (stationary_prior(kernel, domain, shape).to_dense()[0].reshape(shape) for shape in ((8, 8), (4, 8)))
    assert torch.allclose(fine[::2], coarse, atol=1e-6)

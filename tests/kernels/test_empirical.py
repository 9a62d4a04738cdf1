"""The empirical NTK: the layer formula, torch.func and a Jacobian row by row are the same numbers."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from fourierfield.encodings._families import gaussian
from fourierfield.kernels import _empirical as empirical
from fourierfield.kernels._empirical import empirical_ntk
from fourierfield.networks._activations import ACTIVATIONS, OUTPUTS
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec


def by_autograd(network: nn.Module, left: Tensor, right: Tensor) -> Tensor:
    """Θ from one backward pass per point and output."""

    def jacobian(points: Tensor) -> Tensor:
        rows = []
        for point in points:
            for output in network(point[None])[0]:
                gradients = torch.autograd.grad(output, list(network.parameters()), retain_graph=True)
                rows.append(torch.cat([g.flatten() for g in gradients]))
        return torch.stack(rows).reshape(len(points), -1, len(rows[0]))

    return torch.einsum("ncp,mdp->nmcd", jacobian(left), jacobian(right))


def drawn(spec: MLPSpec, seed: int = 0) -> MLP:
    network = MLP(spec, torch.Generator().manual_seed(seed)).double()
    for layer in network.layers:
        nn.init.normal_(layer.bias, std=0.3, generator=torch.Generator().manual_seed(seed + 1))
    return network


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", OUTPUTS)
@settings(max_examples=5)
@given(st.integers(1, 4), st.integers(1, 3), st.booleans(), st.integers(0, 2**31))
def test_three_routes_are_one_kernel(activation: str, output: str, depth: int, channels: int, skip: bool, seed: int):  # type: ignore[no-untyped-def]
    skips = (depth - 1,) if skip and depth > 1 else ()
    network = drawn(MLPSpec(3, channels, depth, 7, activation, output, skips=skips), seed % 1000)
    generator = torch.Generator().manual_seed(seed)
    left, right = (torch.randn(n, 3, dtype=torch.float64, generator=generator) for n in (4, 6))
    expected = by_autograd(network, left, right)
    torch.testing.assert_close(empirical_ntk(network, left, right), expected)
    torch.testing.assert_close(empirical_ntk(nn.Sequential(network), left, right), expected)  # through torch.func
    torch.testing.assert_close(empirical_ntk(network, left), by_autograd(network, left, left))


@pytest.mark.parametrize("rows", [1, 4, 5, 512])
def test_blocks_change_nothing(rows: int, monkeypatch: pytest.MonkeyPatch, generator: torch.Generator) -> None:
    network = drawn(MLPSpec(3, 2, depth=3, width=8))
    left, right = (torch.randn(n, 3, dtype=torch.float64, generator=generator) for n in (9, 12))
    expected = by_autograd(network, left, right), by_autograd(network, left, left)
    monkeypatch.setattr(empirical, "_ROWS", rows)
    for module in (network, nn.Sequential(network)):
        torch.testing.assert_close(empirical_ntk(module, left, right), expected[0])
        torch.testing.assert_close(empirical_ntk(module, left), expected[1])


def test_more_points_than_a_block_holds(generator: torch.Generator) -> None:
    network = MLP(MLPSpec(2, 1, depth=2, width=4, output="none"), generator)
    x = torch.randn(1100, 2, generator=generator)
    theta = empirical_ntk(network, x)
    assert theta.shape == (1100, 1100, 1, 1)
    torch.testing.assert_close(theta, theta.permute(1, 0, 3, 2))
    some = torch.tensor([0, 511, 512, 1023, 1024, 1099])
    torch.testing.assert_close(theta[some][:, some], by_autograd(network, x[some], x[some]))
    torch.testing.assert_close(empirical_ntk(network, x, x[some]), theta[:, some])


def test_a_jacobian_is_held_in_blocks_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(empirical, "_NUMBERS", 100)
    network = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()  # 32 parameters, 2 outputs
    held = []
    find = empirical._jacobian_factors

    def watched(module: nn.Module, points: Tensor) -> empirical.Factors:
        factors = find(module, points)
        held.append(sum(part.numel() for _, part in factors))
        return factors

    monkeypatch.setattr(empirical, "_jacobian_factors", watched)
    x = torch.rand(5, 3, dtype=torch.float64)
    torch.testing.assert_close(empirical_ntk(network, x), by_autograd(network, x, x))
    assert max(held) <= 100


def test_any_module_without_batch_statistics_has_one(generator: torch.Generator) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Unflatten(1, (1, 8)), nn.Conv1d(1, 3, 3), nn.GELU(), nn.Flatten(), nn.Linear(18, 2))
    network = nn.Sequential(network, nn.LayerNorm(2)).double()
    x = torch.randn(5, 8, dtype=torch.float64, generator=generator)
    torch.testing.assert_close(empirical_ntk(network, x), by_autograd(network, x, x))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_coordinate_networks_keep_their_precision(dtype: torch.dtype, generator: torch.Generator) -> None:
    encoding = gaussian(2, 3.0, 8, generator=generator)
    network = CoordinateNetwork(encoding, drawn(MLPSpec(16, 3, depth=3, width=12)).to(dtype))
    x = torch.rand(6, 2, dtype=dtype, generator=generator)
    theta = empirical_ntk(network, x)
    assert theta.dtype == dtype
    torch.testing.assert_close(theta, by_autograd(network, x, x))


def test_the_network_is_left_as_it_was(generator: torch.Generator) -> None:
    """No gradients, no hooks; a frozen network has the same kernel."""
    network = drawn(MLPSpec(3, 2, depth=3, width=8, output="none"))
    x = torch.randn(4, 3, dtype=torch.float64, generator=generator)
    theta = empirical_ntk(network, x)
    assert not theta.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(layer._forward_hooks for layer in network.layers)
    network.requires_grad_(False)
    for module in (network, nn.Sequential(network)):
        torch.testing.assert_close(empirical_ntk(module, x), theta)


def test_outputs_that_are_not_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="to \\(N, C\\)"):
        empirical_ntk(nn.Sequential(nn.Linear(3, 1), nn.Flatten(0)), torch.zeros(4, 3))

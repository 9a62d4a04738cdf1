"""The notebooks' network, its kernel, and stacks of networks that train as if each were alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from fourierfield.encodings._families import power_law
from fourierfield.errors import Interrupted
from fourierfield.kernels._empirical import empirical_ntk
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.reproduce._experiment import Lab, RunStore
from fourierfield.reproduce._networks import Descent, PlainNetwork, Stack, always, half_sum


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(RunStore(tmp_path / "runs.npz"), report=lambda line: None)


@pytest.mark.parametrize("power", [0.0, 1.0, float("inf")])
def test_the_papers_kernel_peaks_at_14(power: float) -> None:
    assert PlainNetwork(4, 1024).kernel(power_law(1, 16, power)).at_zero == pytest.approx(14.0, rel=1e-6)


def test_its_kernel_is_the_mean_over_networks(generator: torch.Generator) -> None:
    plain, encoding = PlainNetwork(3, 256), power_law(1, 4, 1.0)
    points = torch.tensor([[0.0], [0.05], [0.3]])
    networks = [CoordinateNetwork(encoding, plain.draw(8, generator)) for _ in range(100)]
    mean = torch.stack([empirical_ntk(network, points)[..., 0, 0].double() for network in networks]).mean(0)
    expected = plain.kernel(encoding).between(points, points)
    torch.testing.assert_close(mean, expected, rtol=0.06, atol=0.0)  # each is off by 18 %, their mean by 2


def test_weights_have_variance_one_over_fan_in(generator: torch.Generator) -> None:
    for layer in PlainNetwork(4, 512).draw(64, generator).layers[:3]:
        assert float(layer.weight.detach().var() * layer.in_features) == pytest.approx(1.0, rel=0.05)
        assert not layer.bias.any()


def members(generator: torch.Generator) -> list[MLP]:
    return [MLP(MLPSpec(3, 1, depth=3, width=8, output="none"), generator) for _ in range(3)]


def test_a_stack_evaluates_each_network(generator: torch.Generator) -> None:
    networks, points = members(generator), torch.randn(5, 3, generator=generator)
    expected = torch.stack([network(points)[:, 0] for network in networks])
    torch.testing.assert_close(Stack(networks)(points), expected)
    own = torch.stack([points, 2 * points, 3 * points])
    torch.testing.assert_close(Stack(networks)(own)[2], networks[2](3 * points)[:, 0])


def test_networks_of_a_stack_do_not_meet(generator: torch.Generator, lab: Lab) -> None:
    networks = members(generator)
    points, targets = torch.randn(5, 3, generator=generator), torch.randn(3, 5, generator=generator)
    descent = Descent(lambda weights: torch.optim.Adam(weights, lr=1e-2), 20, half_sum)

    def trained(some: list[MLP], wanted: torch.Tensor) -> torch.Tensor:
        stack = Stack(some)
        return descent.train(stack, always(points, wanted), lab, moments=[20], look=lambda: stack(points))[0]

    together = trained(networks, targets)
    alone = torch.cat([trained([network], row[None]) for network, row in zip(networks, targets, strict=True)])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
    assert float((together - Stack(networks)(points)).detach().abs().max()) > 0.05


def test_a_signal_stops_training_before_the_next_step(generator: torch.Generator, tmp_path: Path) -> None:
    asked: list[int] = []

    def signal() -> int | None:
        asked.append(1)
        return 2 if len(asked) == 3 else None

    lab = Lab(RunStore(tmp_path / "runs.npz"), stop_signal=signal)
    stack = Stack(members(generator))
    descent = Descent(lambda weights: torch.optim.SGD(weights, lr=1e-3), 10)
    with pytest.raises(Interrupted) as event:
        descent.train(stack, always(torch.zeros(2, 3), torch.zeros(3, 2)), lab, moments=[10], look=lambda: None)
    assert (event.value.signal_number, event.value.step) == (2, 2)
    assert event.value.checkpoint is None


def test_randomness_depends_on_seed_and_labels_alone(lab: Lab) -> None:
    first = torch.rand(1, generator=lab.generator("a", 1.0))
    lab.generator("b")
    assert first == torch.rand(1, generator=lab.generator("a", 1.0))
    assert first != torch.rand(1, generator=lab.generator("a", 2.0))
    assert first != torch.rand(1, generator=Lab(lab.store, seed=1).generator("a", 1.0))

"""What runs on scans minimise, against autograd of the formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.encodings._families import gaussian
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kinds.scans._image_objective import AfterPilot, ImageObjective, measurement_psnr
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._line_objective import LineObjective, Rays
from fourierfield.kinds.scans._problem import ScanProblem, forward_map, measurements, scan_problem
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.networks._values import ValueRange
from fourierfield.operators._geometry import Geometry
from fourierfield.operators._projection import ParallelProjection
from fourierfield.problems._grid import GridSamples
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate

VALUES = ValueRange(-0.2, 1.7)
PLAN = TrainingPlan(steps=30, schedule=ConstantRate(1e-3), seed=3)


def network(dimensions: int = 2, channels: int = 1) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(dimensions, 2.0, 8, generator=generator)
    mlp = MLP(MLPSpec(16, channels, depth=3, width=12, output="sigmoid"), generator)
    return CoordinateNetwork(encoding, mlp)


def ct(angles: int = 8, slices: int = 1, fan: bool = False) -> SinogramSignal:
    distances = {"source": 30.0, "detector": 45.0, "spacing": 1.5} if fan else {}
    geometry = Geometry(np.linspace(0, 3, angles), 9, **distances)
    values = np.random.default_rng(0).random((angles, slices, 9)).astype(np.float32)
    values[1, 0, 3] = np.nan
    return SinogramSignal(values, geometry, 1.3)


def mri(real: bool) -> KSpaceSignal:
    rng = np.random.default_rng(0)
    places = np.array([(y, x) for y in range(-4, 4) for x in range(-3, 4) if (x + y) % 3])
    samples = rng.normal(size=(2, len(places))) + 1j * rng.normal(size=(2, len(places)))
    maps = rng.normal(size=(2, 8, 7)) + 1j * rng.normal(size=(2, 8, 7))
    return KSpaceSignal(samples.astype(np.complex64), places.astype(float), (8, 7), maps=maps, real=real)


def gradients(net: CoordinateNetwork) -> list[Tensor]:
    return [p.grad.clone() for p in net.mlp.parameters() if p.grad is not None]


def clear(net: CoordinateNetwork) -> None:
    for parameter in net.mlp.parameters():
        parameter.grad = None


def on_grid(net: CoordinateNetwork, problem: ScanProblem) -> Tensor:
    """The field's vector, differentiable."""
    grid = problem.domain.grid(problem.image_shape)
    points = torch.from_numpy(grid.coordinates(np.arange(grid.size))).float()
    return VALUES.restore(net.mlp(net.encoding(points))).T.reshape(-1).double()


@pytest.mark.parametrize(
    "scan",
    [ct(), ct(slices=2), ct(fan=True), mri(True), mri(False)],
    ids=["parallel", "slices", "fan", "real mri", "complex mri"],
)
@pytest.mark.parametrize("rows", [4096, 13])
def test_whole_images(scan, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """½ ‖A f − y‖²/‖y‖², all at once or a block of the grid at a time."""
    monkeypatch.setattr("fourierfield.training._optimiser._CACHED_ROWS", rows)
    problem = scan_problem(scan)
    net = network(len(scan.image_shape), scan.channels)
    matrix, values = forward_map(scan).to_dense(), measurements(scan)
    plain = 0.5 * (matrix @ on_grid(net, problem) - values).square().sum() / values.square().sum()
    plain.backward()
    wanted = gradients(net)
    clear(net)
    loss = ImageObjective(problem, net, PLAN, VALUES).accumulate(0)
    assert float(loss) == pytest.approx(plain.item(), rel=1e-5)
    assert len(wanted) == 6
    for found, exact in zip(gradients(net), wanted, strict=True):
        torch.testing.assert_close(found, exact, rtol=1e-3, atol=1e-5 * float(exact.abs().max()))


@pytest.mark.parametrize("scan", [ct(), ct(slices=2), ct(fan=True)], ids=["parallel", "slices", "fan"])
@pytest.mark.parametrize("rows", [4096, 13])
def test_batches_of_rays(scan: SinogramSignal, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """½ mean (∫f − y)²/mean y² over a step's rays; a block's points are drawn after those of the one before."""
    monkeypatch.setattr("fourierfield.training._optimiser._CACHED_ROWS", rows)
    rays, per_ray = Rays(scan), 4
    net = network(len(scan.image_shape))
    objective = LineObjective(ScanProblem(scan, None), net, replace(PLAN, batch_size=40), VALUES, per_ray)
    numbers = objective._batches.rows(5)
    assert len(numbers) == 10
    generator = torch.Generator().manual_seed(3 * 1_000_003 + 5)
    blocks = numbers.split(10 if rows == 4096 else 3)
    points = torch.cat([rays.points(block, per_ray, generator) for block in blocks])
    values = VALUES.restore(net.mlp(net.encoding(points.reshape(-1, points.shape[-1])))).reshape(10, per_ray)
    errors = rays.lengths[numbers] * values.mean(1) - rays.values[numbers]
    plain = 0.5 * errors.square().mean() / rays.values.square().mean()
    plain.backward()
    wanted = gradients(net)
    clear(net)
    loss = objective.accumulate(5)
    assert float(loss) == pytest.approx(plain.item(), rel=1e-4)
    for found, exact in zip(gradients(net), wanted, strict=True):
        torch.testing.assert_close(found, exact, rtol=1e-3, atol=1e-5 * float(exact.abs().max()))


def test_a_step_is_a_function_of_seed_and_number() -> None:
    def step(seed: int, number: int, before: int = 0) -> list[Tensor]:
        net = network()
        plan = replace(PLAN, batch_size=40, seed=seed)
        objective = LineObjective(ScanProblem(ct(), None), net, plan, VALUES, 4)
        for earlier in range(before):
            objective.accumulate(earlier)
        clear(net)
        objective.accumulate(number)
        return gradients(net)

    one, resumed = step(3, 9), step(3, 9, before=5)
    assert all(torch.equal(a, b) for a, b in zip(one, resumed, strict=True))
    for other in (step(3, 8), step(4, 9)):
        assert not any(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_every_ray_is_seen_in_an_epoch() -> None:
    objective = LineObjective(ScanProblem(ct(), None), network(), replace(PLAN, batch_size=71 * 4 // 2), VALUES, 4)
    rows = torch.cat([objective._batches.rows(step) for step in range(2)])
    assert len(rows.unique()) == 70  # of 71 by 35 at a time


def test_both_see_the_same_measurements() -> None:
    """A field that is smooth on the scale of a pixel has the same integrals by points and by its image."""
    scan = SinogramSignal(np.ones((5, 1, 40), np.float32), Geometry(np.linspace(0, 3, 5), 40))
    net = network()
    net.encoding.frequencies.mul_(0.3)
    problem = ScanProblem(scan, None)
    plan = replace(PLAN, batch_size=None)
    lines = LineObjective(problem, net, plan, VALUES, 64)
    image = ImageObjective(problem, net, plan, VALUES)
    assert float(lines.accumulate(0)) == pytest.approx(float(image.accumulate(0)), rel=0.02)
    assert isinstance(forward_map(scan), ParallelProjection)


def test_scores_are_those_of_the_measurements() -> None:
    problem = scan_problem(ct(16), RandomHoldOut(0.25, 0))
    assert problem.held_out is not None
    net = network()
    image = on_grid(net, problem).detach()
    seen = measurements(problem.training)
    objective = ImageObjective(problem, net, PLAN, VALUES)
    loss = float(objective.accumulate(0))
    found = objective.score(1, loss)
    peak = float(seen.max() - seen.min())
    for name, scan in (("train", problem.training), ("held_out", problem.held_out)):
        off = forward_map(scan) @ image - measurements(scan)
        exact = -10 * np.log10(float(off.square().mean()) / peak**2)
        assert found[f"{name}_psnr_db"] == pytest.approx(exact, abs=1e-3)
    assert (found["step"], found["loss"]) == (1, loss)
    lines = LineObjective(problem, net, PLAN, VALUES, 64).score(1, 0.0)
    assert lines["held_out_psnr_db"] == pytest.approx(found["held_out_psnr_db"], abs=0.5)
    assert lines["train_psnr_db"] == pytest.approx(found["train_psnr_db"], abs=0.5)
    alone = ImageObjective(ScanProblem(ct(), None), net, PLAN, VALUES)
    alone.accumulate(0)
    assert alone.score(1, 0.0)["held_out_psnr_db"] is None
    assert set(alone.parameters) == set(dict(net.mlp.named_parameters()))


def test_psnr_of_measurements() -> None:
    values = torch.tensor([-1.0, 3.0])
    assert measurement_psnr(torch.tensor([0.4, -0.4]), values) == 20.0
    assert measurement_psnr(torch.zeros(2), values) == 300.0
    assert measurement_psnr(torch.tensor([0.2]), torch.tensor([2.0])) == 20.0  # of equal values their size
    assert measurement_psnr(torch.tensor([0.1]), torch.zeros(1)) == 20.0


def test_nothing_is_learnt_from_residuals_as_small_as_the_noise() -> None:
    problem, net = scan_problem(ct()), network()
    residual = forward_map(problem.training) @ on_grid(net, problem).detach() - measurements(problem.training)
    rms = float(residual.square().mean().sqrt())
    quiet, half, loud = (ImageObjective(problem, net, PLAN, VALUES, noise) for noise in (0.0, 0.5 * rms, 1.01 * rms))
    found = []
    for objective in (quiet, half, loud):
        clear(net)
        loss = float(objective.accumulate(0))
        found.append((loss, gradients(net)))
    assert found[1][0] == pytest.approx(0.25 * found[0][0], rel=1e-4)
    assert all(torch.allclose(g, 0.5 * whole, rtol=1e-3) for g, whole in zip(found[1][1], found[0][1], strict=True))
    assert found[2][0] == 0.0
    assert all(not bool(g.any()) for g in found[2][1])


def test_a_pilot_comes_before_the_scan() -> None:
    problem, net = scan_problem(ct()), network()
    grid = problem.domain.grid(problem.image_shape)
    values = torch.rand(grid.size, 1, generator=torch.Generator().manual_seed(5))
    whole = ImageObjective(problem, net, PLAN, VALUES)
    pilot = GridSamples(grid, torch.arange(grid.size), values)
    objective = AfterPilot(problem, net, PLAN, VALUES, 0.0, (pilot, 3))
    points = torch.from_numpy(grid.coordinates(np.arange(grid.size))).float()
    plain = 0.5 * (net.mlp(net.encoding(points)) - values).square().mean()
    plain.backward()
    wanted = gradients(net)
    clear(net)
    assert float(objective.accumulate(2)) == pytest.approx(plain.item(), rel=1e-5)
    assert all(torch.allclose(g, w, atol=1e-7) for g, w in zip(gradients(net), wanted, strict=True))
    score = objective.score(3, 0.0)
    assert score["train_psnr_db"] == pytest.approx(whole.score(3, 0.0)["train_psnr_db"])
    clear(net)
    loss, after = float(objective.accumulate(3)), gradients(net)
    clear(net)
    assert loss == float(whole.accumulate(3))
    assert all(torch.equal(g, w) for g, w in zip(gradients(net), after, strict=True))

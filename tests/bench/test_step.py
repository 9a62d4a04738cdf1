"""The benchmark of the step measures what it says; its times are not tested."""

from __future__ import annotations

import torch

from fourierfield.bench._step import StepBenchmark, measure_step


def test_the_share_is_of_the_machines_rate() -> None:
    step = StepBenchmark("float32", step_ms=100.0, step_gflops=20.0, product_gflops_per_s=400.0)
    assert (step.rate_gflops_per_s, step.share) == (200.0, 0.5)


def test_the_arithmetic_of_the_step(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("fourierfield.bench._step._SIDE", 32)
    monkeypatch.setattr("fourierfield.bench._step._SQUARE", 256)
    step = measure_step(torch.float32, repeats=2)
    weights = (512 * 256, 256 * 256, 256 * 256, 256 * 3)
    assert step.step_gflops == 2 * 1024 * (2 * sum(weights) + sum(weights[1:])) / 1e9
    assert step.step_ms > 0

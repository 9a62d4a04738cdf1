"""Forecasts every trained network of the sweeps without looking at its training: what theory says of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.forecast._steps import FlowForecast, forecast_flow
from fourierfield.problems._grid import GridProblem
from fourierfield.training._plan import TrainingPlan
from fourierfield.tuning._forecasts import forecast_network, inner_problem
from fourierfield.tuning._inner import InnerProblem

from ..table import Row, Table
from .sweeps import Sweep
from .training import KEYS, build, plan_of, problem_of

__all__ = ["SHIFTS", "encoding_of", "forecast_rows", "sweep_of"]


SHIFTS = tuple(range(-5, 4))  # octaves of time about theory's own clock


def forecast_rows(trained: list[Row], table: Table, data: Path) -> None:
    """Add to the table a forecast for each trained row of the first seed that it has not yet.

    Uncorrected theory at times from 1/32 to 8 of what its clock says, in dB: ``train_db`` and ``held_out_db`` of the
    problem, ``inner_db`` of the tuner's inner problem; ``density`` is the bandwidth over the sampling rate,
    ``directed`` the signal's directed detail, ``noise`` the power of its noise, ``frequencies`` their number,
    ``smooth`` whether the signal was taken for smooth.
    """
    at: tuple[Sweep, GridProblem, InnerProblem] | None = None
    for row in trained:
        key = {name: row[name] for name in KEYS}
        if row["seed"] != "0" or table.has(key):
            continue
        sweep = sweep_of(row)
        if at is None or at[0] != sweep:
            problem = problem_of(sweep, data)
            at = sweep, problem, inner_problem(problem, build(sweep, EncodingSpec("basic"), problem, 0).mlp.spec)
        table.add({**key, **_forecast(sweep, encoding_of(row), at[1], at[2])})


def sweep_of(row: Row) -> Sweep:
    """The sweep that a row belongs to."""
    return Sweep(row["signal"], *(int(row[name]) for name in ("side", "depth", "width", "features", "steps")))


def encoding_of(row: Row) -> EncodingSpec:
    """The encoding of a row."""
    if not row["bandwidth"]:
        return EncodingSpec(row["family"])
    return EncodingSpec(row["family"], float(row["bandwidth"]), int(row["features"]))


def _forecast(sweep: Sweep, encoding: EncodingSpec, problem: GridProblem, inner: InnerProblem) -> Row:
    plan, network = plan_of(sweep, problem), build(sweep, encoding, problem, 0)
    farther = 2 ** SHIFTS[-1] * plan.steps
    flow = forecast_flow(problem, network, farther, smooth=inner.smooth).value
    flow = flow.with_curve(flow.curve.noisier(inner.noise)) if inner.smooth else flow
    within = forecast_network(inner, network, farther)
    return {
        "train_db": _words(float(flow.under(plan, shift).train_psnr_db[-1]) for shift in SHIFTS),
        "held_out_db": _words(_held_out(flow, plan, shift) for shift in SHIFTS),
        "inner_db": _words(_held_out(within, plan, shift) for shift in SHIFTS),
        "density": f"{flow.density:.5f}",
        "directed": f"{inner.directed:.3f}",
        "noise": f"{inner.noise:.3e}",
        "frequencies": str(network.encoding.features),
        "smooth": str(int(inner.smooth)),
    }


def _held_out(flow: FlowForecast, plan: TrainingPlan, shift: int) -> float:
    found = flow.under(plan, shift).held_out_psnr_db
    assert found is not None
    return min(150.0, float(found[-1]))


def _words(numbers: Iterable[float]) -> str:
    return ";".join(f"{number:.2f}" for number in numbers)

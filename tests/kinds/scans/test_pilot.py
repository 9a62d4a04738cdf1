"""What is said of a fit of a scan before it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.kinds.scans._pilot import ScanForecast, fly_pilot
from fourierfield.kinds.scans._posterior import Posterior
from fourierfield.kinds.scans._problem import ScanProblem, measurements, scan_problem
from fourierfield.kinds.scans._reconstruction import Reconstruction, Tried
from fourierfield.kinds.scans._simulate import simulate
from fourierfield.tasks._scan_options import ScanOptions
from fourierfield.tasks._task import FitEvents

from .conftest import fit, head_phantom


def problem_of(text: str, image: np.ndarray | None = None) -> ScanProblem:
    image = head_phantom(32) if image is None else image
    return scan_problem(simulate(as_signal(image), ScanOptions(text)), RandomHoldOut(0.2, 1))  # type: ignore[arg-type]


def found_by(tried: Tried | None) -> Reconstruction:
    fit: Posterior = None  # type: ignore[assignment]
    return Reconstruction(fit, (), tried)


@pytest.mark.parametrize(("text", "unit"), [("ct:9", "projections"), ("mri:0.4", "samples beyond the middle")])
def test_it_is_the_error_of_what_was_not_seen(text: str, unit: str) -> None:
    """As a PSNR whose peak is the range of the measurements."""
    problem = problem_of(text)
    forecast = ScanForecast.of(problem, found_by(Tried(0.1, 1.0, 0.05, 0.2, 0.1, 3.0)))
    assert forecast is not None
    told = forecast.to_json()
    seen = measurements(problem.training)
    peak = float(seen.max() - seen.min())
    assert told["held_out_psnr_db"] == pytest.approx(20 * math.log10(peak / (0.05 * 3.0)), abs=1e-4)
    assert told["held_out_samples"].startswith(unit)
    assert forecast.words.startswith(f"{told['held_out_psnr_db']:.1f} dB on {unit}")


def test_nothing_is_forecast_where_nothing_was_kept_back() -> None:
    assert ScanForecast.of(problem_of("ct:9"), found_by(None)) is None
    assert fly_pilot(problem_of("ct:9"), 0, whole=False).forecast is None


@pytest.mark.slow
@pytest.mark.parametrize("text", ["ct:24:0.02", "ct:40:0.05"])
def test_networks_come_as_near_to_what_they_do_not_see(text: str) -> None:
    """Of a field that is smooth."""
    y, x = np.mgrid[:64, :64] / 32 - 1
    smooth = np.exp(-4 * ((x - 0.2) ** 2 + y**2)) + 0.5 * np.exp(-20 * ((x + 0.3) ** 2 + (y - 0.2) ** 2))
    lines: list[str] = []
    record = fit(
        (smooth / smooth.max()).astype(np.float32),
        events=FitEvents(say=lines.append),
        simulate=text,
        hold_out="random:0.2",
        method="network",
    ).field.record
    forecast = record["forecast"]
    assert forecast["held_out_psnr_db"] == pytest.approx(record["metrics"]["held_out_psnr_db"], abs=2.0)
    words = f"{forecast['held_out_psnr_db']:.1f} dB on {forecast['held_out_samples']}"
    assert any(line.startswith(f"forecast {words}") for line in lines)

"""The forecast of a fit: its curve ends at the expected score, and misses are told from hits."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from fourierfield.forecast._finite import FiniteForecast
from fourierfield.forecast._steps import StepForecast
from fourierfield.tasks._forecast import BETWEEN, HELD_OUT, FitForecast


def forecast(held_out: float | None = 26.0, *, train: float = 35.0, on: str = HELD_OUT) -> FitForecast:
    """A forecast over 100 steps in which theory rises from 10 to 24 dB between the samples."""
    steps = torch.linspace(0, 1, 100, dtype=torch.float64)
    mse = 10 ** (-(10 + 14 * steps) / 10)
    theory = StepForecast(mse / 2, mse, steps)
    ends = (None, None) if held_out is None else (held_out - 1, held_out + 1)
    flow: Any = None  # what the scores came from, which nothing here looks at
    return FitForecast(FiniteForecast(train, held_out, *ends), theory, flow, on)


def test_the_curve_begins_as_theory_and_ends_at_the_score() -> None:
    curve = forecast().held_out_curve([1, 50, 100])
    assert curve[0] == pytest.approx(10)
    assert curve[2] == pytest.approx(26)
    assert curve[1] == pytest.approx(10 + 16 * 49 / 99)
    assert forecast(None).held_out_curve([1, 2]) == [None, None]


@pytest.mark.parametrize(("measured", "missed"), [(25.5, 0.0), (27.5, 0.5), (24.0, -1.0), (None, None)])
def test_a_score_outside_the_interval_is_missed_by_its_distance(measured: float | None, missed: float | None) -> None:
    assert forecast().missed_by(measured) == missed
    notes = forecast().notes({"held_out_psnr_db": measured})
    assert len(notes) == (1 if missed else 0)
    if missed:
        assert f"{abs(missed):.1f} dB {'above' if missed > 0 else 'below'}" in notes[0]


def test_points_between_samples_are_not_compared_with_held_out_samples() -> None:
    assert forecast(on=BETWEEN).missed_by(10.0) is None
    assert f"26.0 dB (25.0 to 27.0) on {BETWEEN}" in forecast(on=BETWEEN).words


def test_json_has_the_curve_at_scored_steps() -> None:
    found = forecast(train=170.0).to_json()
    assert (found["train_psnr_db"], found["held_out_low_db"]) == (150.0, 25.0)
    assert (found["curve"][0]["step"], found["curve"][-1]["step"]) == (1, 100)
    assert found["curve"][-1]["held_out_psnr_db"] == pytest.approx(26, abs=1e-3)
    assert "above 40 dB in training" in forecast(train=41.0).words

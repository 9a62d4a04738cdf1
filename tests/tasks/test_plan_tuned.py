"""The tuner at work in fits: when, from what, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fourierfield import forecast
from fourierfield import tune as run_tune
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._signal import GridSignal
from fourierfield.grids._splits import GridHoldOut
from fourierfield.kinds._fit import run_fit
from fourierfield.problems._grid import grid_problem
from fourierfield.tasks._plan import wants_tuning
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents
from fourierfield.tuning._forecasts import inner_problem

SMALL = {"width": 16, "depth": 2, "features": 16, "steps": 12}


def picture(side: int = 34) -> np.ndarray:
    y, x = np.mgrid[0:side, 0:side] / side
    return (0.5 + 0.3 * np.sin(20 * x + 9 * y * y) + 0.1 * (x > y)).astype(np.float32)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, True),
        ({"encoding": "positional"}, True),
        ({"encoding": "none"}, False),
        ({"encoding": "basic"}, False),
        ({"bandwidth": 3.0}, False),
        ({"preset": "paper"}, False),
        ({"encoding": EncodingSpec("gaussian", 2.0)}, False),
    ],
)
def test_the_tuner_chooses_what_was_left_open(asked: dict, wanted: bool) -> None:
    assert wants_tuning(grid_problem(as_signal(picture())), FitSettings(**asked)) is wanted


def test_small_signals_take_the_rule() -> None:
    assert not wants_tuning(grid_problem(as_signal(picture(12))), FitSettings())
    with pytest.raises(SettingsError, match="144 training samples"):
        run_tune(as_signal(picture(12)), FitSettings())


def test_a_fit_takes_what_tune_chooses() -> None:
    settings = FitSettings(**SMALL, hold_out="grid")
    chosen = run_tune(as_signal(picture()), settings).choice
    field = run_fit(picture(), settings).field
    assert field.network.encoding.family == chosen.encoding.family
    assert field.network.encoding.bandwidth == chosen.encoding.bandwidth
    assert field.record["training"]["chosen_by"] == chosen.reason


def test_held_out_values_have_no_part_in_the_choice() -> None:
    """The same choice where the held-out samples hold anything else."""
    signal = as_signal(picture())
    other = signal.values.copy()
    other[1::2, 1::2] = np.random.default_rng(0).random(other[1::2, 1::2].shape)
    settings = FitSettings(**SMALL, hold_out=GridHoldOut())
    one, two = (run_tune(s, settings).choice for s in (signal, GridSignal(other, signal.domain, *rest(signal))))
    assert one == two


def rest(signal: GridSignal) -> tuple:
    return signal.kind, signal.sample_format, signal.name


def test_a_family_is_searched_by_itself() -> None:
    outcome = run_tune(as_signal(picture()), FitSettings(**SMALL, encoding="laplace"))
    assert {candidate.encoding.family for candidate in outcome.choice.candidates} == {"laplace"}
    assert outcome.plan.choice == outcome.choice


def test_every_fit_has_a_forecast_beside_its_result() -> None:
    for asked in ({}, {"encoding": "none"}, {"bandwidth": 2.0}, {"preset": "paper"}):
        outcome = run_fit(picture(), FitSettings(**{**SMALL, **asked, "features": None}, hold_out="grid"))
        forecast = outcome.to_json()["forecast"]
        assert forecast["held_out_low_db"] < forecast["held_out_psnr_db"] < forecast["held_out_high_db"]
        assert forecast["held_out_samples"] == "held-out samples"
        assert [point["step"] for point in forecast["curve"]][-1] == 12
        last = forecast["curve"][-1]
        assert last["held_out_psnr_db"] == pytest.approx(forecast["held_out_psnr_db"], abs=0.02)
        assert last["train_psnr_db"] == pytest.approx(forecast["train_psnr_db"], abs=0.02)


def test_without_hold_out_the_forecast_is_of_points_between_the_samples() -> None:
    forecast = run_fit(picture(), FitSettings(**SMALL)).to_json()["forecast"]
    assert forecast["held_out_samples"] == "points between the training samples"
    assert forecast["held_out_psnr_db"] is not None


def test_a_result_outside_the_interval_is_said_to_be() -> None:
    settings = FitSettings(**{**SMALL, "steps": 60}, bandwidth=3.0, hold_out="grid")
    found = forecast(picture(), settings)
    low, high = found.scores.low_db, found.scores.high_db
    assert low is not None
    assert high is not None
    assert found.missed_by(low - 2.0) == pytest.approx(-2.0)
    assert found.missed_by(high + 1.0) == pytest.approx(1.0)
    assert found.missed_by((low + high) / 2) == 0.0
    assert found.missed_by(None) is None
    assert found.notes({"held_out_psnr_db": (low + high) / 2}) == []
    assert "2.0 dB below the interval" in found.notes({"held_out_psnr_db": low - 2.0})[0]
    assert run_fit(picture(), settings).to_json()["forecast"] == found.to_json()


def test_the_search_is_reported_and_can_be_stopped() -> None:
    from fourierfield.errors import Interrupted

    told: list[int] = []
    run_fit(picture(), FitSettings(**SMALL), FitEvents(tuning=told.append))
    assert told == list(range(1, len(told) + 1))
    assert len(told) > 40
    with pytest.raises(Interrupted):
        run_fit(picture(), FitSettings(**SMALL), FitEvents(stop_signal=lambda: 2))


def test_explicit_steps_are_kept() -> None:
    settings = FitSettings(**SMALL)
    assert {c.steps for c in run_tune(as_signal(picture()), settings).choice.candidates} == {12}
    free = run_tune(as_signal(picture()), replace(settings, steps=None, encoding="gaussian")).choice
    assert {c.steps for c in free.candidates} <= {1280, 640, 320, 160}


def test_the_tuners_inner_problem_serves_the_forecast_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is made once for a fit; without a tuner the forecast makes its own, with the same result."""
    made: list[object] = []

    def counted(*arguments: object) -> object:
        made.append(arguments)
        return inner_problem(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("fourierfield.tasks._forecast.inner_problem", counted)
    settings = FitSettings(**SMALL, report=tmp_path / "page.html")
    tuned = run_fit(picture(), settings)
    assert not made
    assert tuned.details is not None
    fixed = run_fit(picture(), replace(settings, encoding=tuned.details.plan.choice.encoding))
    assert len(made) == 1
    assert fixed.field.record["forecast"] == tuned.field.record["forecast"]

"""From fits to pages: everything on them is what the fit found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.report.page import _evidence as shown_module
from fourierfield.report.page._content import BandErrors, Choice, Forecast, ImpulseResponse, Learning, Missing, Values
from fourierfield.report.page._evidence import evidence_of_fit
from fourierfield.report.page._of_fit import page_of_fit
from fourierfield.report.page._write import page_html
from fourierfield.tasks._run import FitOutcome
from fourierfield.tasks._settings import FitSettings

SMALL = {"steps": 60, "width": 24, "features": 16, "report": "page.html"}


def picture(rows: int = 24, columns: int = 32) -> np.ndarray:
    y, x = np.mgrid[0:rows, 0:columns] / 32
    waves = [np.sin(2 * np.pi * (a * x + b * y)) for a, b in ((1, 0), (0, 1), (3, 2))]
    return (0.5 + 0.4 * np.stack(waves, axis=-1)).astype(np.float32)


def fitted(values: np.ndarray, **choices) -> FitOutcome:  # type: ignore[no-untyped-def]
    return run_fit(as_signal(values, name="some.npy"), FitSettings(**{**SMALL, **choices}))


@pytest.fixture(scope="module")
def held_out() -> FitOutcome:
    return fitted(picture(), hold_out="grid", bandwidth=2.0)


def test_forecast_and_scores_are_the_fits_own(held_out: FitOutcome) -> None:
    page = page_of_fit(held_out, "fourierfield fit some.npy")
    record, forecast = held_out.field.record, held_out.details.forecast  # type: ignore[union-attr]
    assert page.scores.held_out_psnr_db == record["metrics"]["held_out_psnr_db"]
    assert page.scores.baselines == record["baselines"]
    assert page.scores.others == {"ssim": record["metrics"]["ssim"]}
    assert isinstance(page.forecast, Forecast)
    assert page.forecast.held_out_psnr_db == forecast.scores.held_out_psnr_db
    assert (page.forecast.low, page.forecast.high) == (forecast.scores.low_db, forecast.scores.high_db)
    assert page.recipe.command == "fourierfield fit some.npy"
    assert page.encoding.startswith("gaussian, bandwidth 2 cycles per unit (0.062 per px), 16 frequencies")


def test_curves_forecast_every_step_and_measured_ones(held_out: FitOutcome) -> None:
    page = page_of_fit(held_out)
    assert isinstance(page.learning, Learning)
    assert page.learning.measured.steps[-1] == 60
    forecast = page.learning.forecast
    assert forecast is not None
    assert len(forecast.steps) == 60
    assert forecast.held_out_psnr_db is not None
    assert isinstance(page.forecast, Forecast)
    assert forecast.held_out_psnr_db[-1] == pytest.approx(page.forecast.held_out_psnr_db)


def test_bands_are_measured_where_the_curve_is_and_forecast_to_the_end(held_out: FitOutcome) -> None:
    bands = page_of_fit(held_out).bands
    assert isinstance(bands, BandErrors)
    assert bands.measured is not None
    assert bands.forecast is not None
    assert bands.measured.steps.tolist() == [point["step"] for point in held_out.field.record["curve"]]
    assert bands.forecast.steps[-1] == 60
    for history in (bands.measured, bands.forecast):
        assert history.left.shape == (len(history.steps), len(bands.edges) - 1)
        assert history.left[-1].sum() < history.left[0].sum()


def test_the_response_is_highest_at_its_own_sample(held_out: FitOutcome) -> None:
    response = page_of_fit(held_out).response
    assert isinstance(response, ImpulseResponse)
    assert response.spacing == pytest.approx((2 / 32, 2 / 32))
    place = np.unravel_index(response.response.argmax(), response.response.shape)
    assert [float(o[i]) for o, i in zip(response.offsets, place, strict=True)] == [0.0, 0.0]


def test_values_are_signal_and_field(held_out: FitOutcome) -> None:
    values = page_of_fit(held_out).values
    assert isinstance(values, Values)
    np.testing.assert_array_equal(values.signal, picture())
    field = held_out.field
    np.testing.assert_array_equal(values.reconstruction, field.sample(field.domain.grid((24, 32))))


def test_of_a_large_signal_a_part_is_shown(held_out: FitOutcome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_module, "_MOST", 100)
    page = page_of_fit(held_out)
    assert isinstance(page.values, Values)
    np.testing.assert_array_equal(page.values.signal, picture()[::3, ::3])
    assert float(np.abs(page.values.reconstruction - picture()[::3, ::3]).mean()) < 0.3
    assert page.notes[0] == "Every third sample along each axis is shown."


def test_the_evidence_has_the_longer_runs_and_the_traits(held_out: FitOutcome) -> None:
    details = held_out.details
    assert details is not None
    found = evidence_of_fit(held_out, details, [])
    assert [steps for steps, _ in found.longer] in ([], [120], [120, 240])
    assert found.spline == held_out.field.record["baselines"]["cubic_psnr_db"]
    assert found.least == details.forecast.scores.low_db
    assert found.variance == pytest.approx(float(picture()[::2, ::2].var((0, 1)).mean()), rel=0.01)
    assert found.top_octave_share is not None
    assert found.top_octave_share < 0.2
    assert (found.bandwidth, found.bandwidths, found.other_families) == (2.0, [], ())


def test_candidates_become_a_choice() -> None:
    outcome = fitted(picture(), encoding="nerf", features=None, steps=30)
    page, choice = page_of_fit(outcome), outcome.details.plan.choice  # type: ignore[union-attr]
    assert isinstance(page.choice, Choice)
    assert len(page.choice.candidates) == len(choice.candidates) > 1
    chosen = page.choice.candidates[page.choice.chosen]
    assert (chosen.family, chosen.bandwidth) == ("nerf", choice.encoding.bandwidth)
    ranked = [found.held_out_psnr_db for found in page.choice.candidates]
    assert ranked == sorted(ranked, reverse=True)


def test_without_hold_out_the_forecast_is_of_training_samples() -> None:
    page = page_of_fit(fitted(picture(), bandwidth=2.0))
    assert isinstance(page.forecast, Forecast)
    assert page.forecast.held_out_psnr_db is None
    assert isinstance(page.learning, Learning)
    assert page.learning.forecast is not None
    assert page.learning.forecast.held_out_psnr_db is None
    assert any(note.startswith("Forecast on ") for note in page.notes)
    assert page.recipe.command.startswith("fourierfield.fit(some.npy, bandwidth=2.0, features=16, width=24, steps=60")


def test_without_a_mapping_there_is_no_response_and_no_choice() -> None:
    page = page_of_fit(fitted(picture(), encoding="none", features=None, hold_out="random:0.2"))
    assert isinstance(page.response, Missing)
    assert "stationary" in page.response.reason
    assert isinstance(page.choice, Missing)
    assert isinstance(page.bands, BandErrors)
    assert page.encoding == "none"


def holed() -> np.ndarray:
    values = picture()[..., 0]
    values[3:9, 5:12] = np.nan
    return values


@pytest.mark.parametrize("hold_out", ["none", "grid", "random:0.3"])
@pytest.mark.parametrize("kind", ["holes", "tiny", "series"])
def test_pages_of_all_kinds(kind: str, hold_out: str) -> None:
    values = {"holes": holed(), "tiny": picture(8, 8), "series": np.sin(np.arange(300) / 9)}[kind]
    outcome = fitted(values, hold_out=hold_out, bandwidth=2.0, steps=8)
    content = page_of_fit(outcome)
    parts = (content.values, content.learning, content.bands, content.response)
    assert not any(isinstance(part, Missing) for part in parts)
    assert "Fit of some.npy" in page_html(content)
    assert any("missing" in note for note in content.notes) == bool(np.isnan(values).any())


def test_audio_is_shown_in_seconds_and_hertz() -> None:
    signal = as_audio(0.5 * np.sin(np.arange(4000) / 7), 8000)
    page = page_of_fit(run_fit(signal, FitSettings(**{**SMALL, "bandwidth": "440Hz", "steps": 8})))
    assert "440 Hz" in page.encoding
    assert isinstance(page.values, Values)
    assert page.values.rate == 8000
    assert "train_snr_db" in page.scores.others


def test_taken_up_again_it_says_from_where(held_out: FitOutcome) -> None:
    details = held_out.details
    assert details is not None
    page = page_of_fit(replace(held_out, details=replace(details, resumed_from=30)))
    assert any("Resumed at step 30" in note for note in page.notes)
    assert isinstance(page.choice, Missing)
    assert "began" in page.choice.reason


def test_a_signal_that_never_changes() -> None:
    assert "Fit of" in page_html(page_of_fit(fitted(np.full((16, 16), 0.25, dtype=np.float32), bandwidth=2.0, steps=5)))


def test_an_outcome_without_details_has_no_page(held_out: FitOutcome) -> None:
    with pytest.raises(ValueError, match="details"):
        page_of_fit(replace(held_out, details=None))


def test_nothing_is_recorded_without_a_report() -> None:
    outcome = fitted(picture(), bandwidth=2.0, steps=5, report=None)
    assert outcome.details is None


def test_the_recipe_has_the_threads(held_out: FitOutcome) -> None:
    assert page_of_fit(held_out).recipe.threads == torch.get_num_threads()

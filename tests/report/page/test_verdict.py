from __future__ import annotations

import pytest

from fourierfield.report._diagnosis import Diagnosis, Verdict
from fourierfield.report.page._content import Forecast, Missing, Scores
from fourierfield.report.page._verdict import parting, verdict_section

CALM = Diagnosis(Verdict.NOTHING_TO_CHANGE, "All is well.")


@pytest.mark.parametrize(
    ("scores", "forecast", "sentence"),
    [
        (Scores(30.0, 27.5), Forecast(31.0, 27.0, 26.0, 28.0), "0.5 dB above the forecast, within its 90 % interval."),
        (
            Scores(30.0, 27.02),
            Forecast(31.0, 27.0, 26.0, 28.0),
            "within 0.1 dB of the forecast, within its 90 % interval.",
        ),
        (Scores(30.0, 28.5), Forecast(31.0, 27.0, 26.0, 28.0), "outside its 90 % interval"),
        (Scores(30.0, 26.0), Forecast(31.0, 27.0), "1.0 dB below the forecast."),
        (Scores(30.0), Forecast(31.0), "1.0 dB below the forecast on training samples."),
        (Scores(30.0), Forecast(31.0, 27.0, 26.0, 28.0), "on training samples."),
    ],
)
def test_forecast_and_measured_in_a_sentence(scores: Scores, forecast: Forecast, sentence: str) -> None:
    assert sentence in parting(scores, forecast)


def test_a_rival_that_is_ahead_is_not_hidden() -> None:
    section = verdict_section(Scores(30.0, 27.0, {"cubic_psnr_db": 29.0}), Missing("none"), CALM)
    assert "2.0\u00a0dB below cubic interpolation" in section


def test_no_change_no_command() -> None:
    section = verdict_section(Scores(30.0), Missing("none"), CALM)
    assert "<code" not in section
    assert "good" in section


@pytest.mark.parametrize("measured", [10.0, 27.0, 45.0])
def test_the_needle_stays_inside_its_drawing(measured: float) -> None:
    from .reading import Page

    page = Page(verdict_section(Scores(50.0, measured), Forecast(31.0, 27.0, 26.0, 28.0), CALM))
    places = [float(a[key]) for _, a in page.elements for key in ("cx", "x", "x1", "x2") if key in a]  # type: ignore[arg-type]
    assert all(0 <= place <= 400 for place in places)


def test_the_box_names_the_score_of_the_headline_where_it_was_not_forecast() -> None:
    section = verdict_section(Scores(30.0, 27.0), Forecast(31.0), CALM)
    assert "The held-out score 27.0\u00a0dB was not forecast. On training samples: forecast 31.0\u00a0dB" in section
    assert "was not forecast" not in verdict_section(Scores(30.0, 27.0), Forecast(31.0, 27.5), CALM)
    assert "was not forecast" not in verdict_section(Scores(30.0), Forecast(31.0), CALM)

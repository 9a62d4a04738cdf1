"""Each finding from synthetic evidence, and what decides between those that look alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from fourierfield.grids._domain import Grid
from fourierfield.report._diagnosis import Verdict, diagnose
from fourierfield.report._evidence import Curve, Evidence, top_octave_share

STEPS = (50, 100, 200, 400, 800)
RISING = Curve(STEPS, (20.0, 22.0, 24.0, 26.0, 28.0), (20.0, 21.9, 23.7, 25.3, 26.7))
SETTLED = Curve(STEPS, (22.0, 26.0, 29.0, 31.0, 31.4), (22.0, 25.0, 27.0, 27.6, 27.8))
OVERFIT = Curve(STEPS, (20.0, 24.0, 28.0, 33.0, 38.0), (20.0, 23.5, 25.0, 24.0, 22.0))
GAPING = Curve(STEPS, (22.0, 27.0, 32.0, 37.0, 39.0), (19.0, 20.0, 20.5, 20.6, 20.6))

PEAK_HERE = [(1.0, 24.0), (2.0, 27.0), (4.0, 26.0)]
BETTER_ABOVE = [(1.0, 24.0), (2.0, 25.0), (4.0, 27.0), (8.0, 26.0)]
BETTER_BELOW = [(0.5, 24.0), (1.0, 27.0), (2.0, 25.0), (4.0, 20.0)]


def evidence(curve: Curve, **known) -> Evidence:  # type: ignore[no-untyped-def]
    held_out = None if curve.held_out_psnr_db is None else curve.held_out_psnr_db[-1]
    return Evidence(curve, curve.train_psnr_db[-1], held_out, bandwidth=2.0, **known)


def without_hold_out(curve: Curve) -> Curve:
    return replace(curve, held_out_psnr_db=None)


def verdict(found: Evidence) -> tuple[Verdict, str | None]:
    diagnosis = diagnose(found)
    assert diagnosis.explanation.endswith(".")
    return diagnosis.verdict, diagnosis.change


def test_nothing_to_change() -> None:
    found = evidence(SETTLED, bandwidths=PEAK_HERE, forecast=SETTLED, longer=[(1600, 28.1), (3200, 28.2)])
    assert verdict(found) == (Verdict.NOTHING_TO_CHANGE, None)
    assert "No other bandwidth or larger number of steps" in diagnose(found).explanation


def test_bandwidth_too_small() -> None:
    found = evidence(SETTLED, bandwidths=BETTER_ABOVE)
    assert verdict(found) == (Verdict.BANDWIDTH_TOO_SMALL, "--bandwidth 4")
    assert "2.0 dB more" in diagnose(found).explanation


def test_bandwidth_too_large() -> None:
    assert verdict(evidence(GAPING, bandwidths=BETTER_BELOW)) == (Verdict.BANDWIDTH_TOO_LARGE, "--bandwidth 1")


def test_another_family_where_no_bandwidth_comes_near() -> None:
    others = [("laplace", 3.0, 29.0), ("basic", None, 20.0)]
    found = evidence(SETTLED, bandwidths=PEAK_HERE, other_families=others)
    assert verdict(found) == (Verdict.ANOTHER_ENCODING, "--encoding laplace --bandwidth 3")
    assert "2.0 dB more" in diagnose(found).explanation
    assert verdict(evidence(SETTLED, forecast=SETTLED, other_families=[("basic", None, 29.0)]))[1] == "--encoding basic"
    assert verdict(evidence(SETTLED, bandwidths=BETTER_ABOVE, other_families=[("laplace", 3.0, 27.3)]))[1] == (
        "--bandwidth 4"
    )


def test_a_gain_within_the_forecasts_error_is_none() -> None:
    assert verdict(evidence(SETTLED, bandwidths=[(1.0, 26.0), (2.0, 27.0), (4.0, 27.4)]))[1] is None


def test_the_largest_bandwidth_tried_is_said_to_be() -> None:
    found = diagnose(evidence(SETTLED, bandwidths=[(1.0, 23.0), (2.0, 25.0), (4.0, 27.0)]))
    assert "largest that was tried" in found.explanation


@pytest.mark.parametrize(
    ("bandwidths", "expected"),
    [
        ([(0.5, 22.0), (1.0, 24.0), (2.0, 26.0)], (Verdict.BANDWIDTH_TOO_SMALL, "--bandwidth 4")),
        ([(2.0, 26.0), (4.0, 24.0), (8.0, 22.0)], (Verdict.BANDWIDTH_TOO_LARGE, "--bandwidth 1")),
        ([(0.5, 25.4), (1.0, 25.8), (2.0, 26.0)], (Verdict.NOTHING_TO_CHANGE, None)),
    ],
)
def test_a_choice_at_the_edge_of_the_search(bandwidths, expected) -> None:  # type: ignore[no-untyped-def]
    assert verdict(evidence(SETTLED, bandwidths=bandwidths)) == expected


def test_stopped_too_early_by_longer_forecasts_takes_the_fewest_steps_that_reap_most() -> None:
    longer = [(1600, 28.0), (3200, 29.8), (6400, 30.0)]
    found = evidence(RISING, bandwidths=PEAK_HERE, forecast=RISING, longer=longer)
    assert verdict(found) == (Verdict.STOPPED_TOO_EARLY, "--steps 3200")


def test_stopped_too_early_by_the_curve_alone() -> None:
    steep = replace(RISING, held_out_psnr_db=(20.0, 22.0, 24.0, 26.0, 28.0))
    assert verdict(evidence(steep)) == (Verdict.STOPPED_TOO_EARLY, "--steps 1600")
    assert "(measured)" in diagnose(evidence(steep)).explanation


def test_longer_forecasts_outweigh_the_slope_of_the_curve() -> None:
    found = evidence(RISING, bandwidths=PEAK_HERE, forecast=RISING, longer=[(1600, 26.9)])
    assert verdict(found)[0] is Verdict.NOTHING_TO_CHANGE


def test_a_better_bandwidth_goes_before_more_steps_and_mentions_them() -> None:
    found = evidence(RISING, bandwidths=BETTER_ABOVE, forecast=RISING, longer=[(1600, 28.7)])
    assert verdict(found) == (Verdict.BANDWIDTH_TOO_SMALL, "--bandwidth 4")
    assert "More steps would help as well (+2.0 dB at 1,600)" in diagnose(found).explanation


def test_fitting_noise() -> None:
    found = evidence(OVERFIT, bandwidths=PEAK_HERE, noise=0.05)
    assert verdict(found) == (Verdict.FITTING_NOISE, "--steps 200")
    assert "fallen by 3.0 dB" in diagnose(found).explanation
    assert "what it learned last is noise" in diagnose(found).explanation


def test_overfitting_without_a_noise_level_says_less() -> None:
    assert "is noise" not in diagnose(evidence(OVERFIT, bandwidths=PEAK_HERE)).explanation


def test_overfitting_is_the_bandwidth_where_that_gains_more_than_stopping() -> None:
    lower = [(0.5, 24.0), (1.0, 27.0), (2.0, 22.0)]
    assert verdict(evidence(OVERFIT, bandwidths=lower)) == (Verdict.BANDWIDTH_TOO_LARGE, "--bandwidth 1")
    assert verdict(evidence(OVERFIT, bandwidths=BETTER_BELOW)) == (Verdict.FITTING_NOISE, "--steps 200")


def test_the_forecasts_own_peak_is_told() -> None:
    assert "The forecast peaks near step 200" in diagnose(evidence(OVERFIT, forecast=OVERFIT)).explanation


def test_fitting_noise_without_hold_out_stops_at_the_noise_level() -> None:
    found = evidence(without_hold_out(OVERFIT), noise=10 ** (-30 / 20))
    assert verdict(found) == (Verdict.FITTING_NOISE, "--steps 400")


def test_samples_matched_as_well_as_their_noise_allows() -> None:
    found = evidence(SETTLED, bandwidths=BETTER_ABOVE, noise=10 ** (-28 / 20))
    assert verdict(found) == (Verdict.NOTHING_TO_CHANGE, None)
    assert "nothing left to learn" in diagnose(found).explanation


def test_a_noise_estimate_that_held_out_samples_refute_is_ignored() -> None:
    found = evidence(SETTLED, bandwidths=BETTER_ABOVE, noise=10 ** (-24 / 20))
    assert verdict(found)[0] is Verdict.BANDWIDTH_TOO_SMALL


def test_aliased() -> None:
    found = evidence(
        GAPING, bandwidths=PEAK_HERE, forecast=GAPING, longer=[(1600, 20.7)], top_octave_share=0.25, variance=0.04
    )
    assert verdict(found) == (Verdict.ALIASED, None)
    assert "near 20 dB" in diagnose(found).explanation
    assert diagnose(replace(found, hold_out="grid")).change == "--hold-out random:0.1"


def test_noise_up_to_nyquist_is_no_aliasing() -> None:
    found = evidence(GAPING, bandwidths=PEAK_HERE, top_octave_share=0.2, variance=0.01, noise=0.05)
    assert verdict(found)[0] is Verdict.NOTHING_TO_CHANGE


def test_a_wide_gap_is_aliasing_or_the_bandwidth_by_the_spectrum_of_the_samples() -> None:
    assert verdict(evidence(GAPING, top_octave_share=0.3))[0] is Verdict.ALIASED
    assert verdict(evidence(GAPING, top_octave_share=0.01)) == (Verdict.BANDWIDTH_TOO_LARGE, "--bandwidth 1.33")


def test_no_gap_and_low_without_forecasts_is_a_guess_at_the_bandwidth() -> None:
    low = Curve(STEPS, (20.0, 22.0, 23.0, 23.4, 23.5), (20.0, 22.0, 22.8, 23.0, 23.1))
    assert verdict(evidence(low)) == (Verdict.BANDWIDTH_TOO_SMALL, "--bandwidth 3")
    assert "a guess" in diagnose(evidence(low)).explanation
    assert verdict(replace(evidence(low), bandwidth=None))[0] is Verdict.NOTHING_TO_CHANGE


def test_stalled_comes_before_all_else() -> None:
    flat = Curve(STEPS, (12.0, 12.0, 12.1, 12.1, 12.2), (12.0, 12.0, 12.1, 12.1, 12.2))
    found = evidence(flat, forecast=SETTLED, bandwidths=BETTER_ABOVE, learning_rate=0.01)
    assert verdict(found) == (Verdict.STALLED, "--learning-rate 0.00333")
    assert verdict(replace(found, learning_rate=None)) == (Verdict.STALLED, None)


def test_training_behind_its_forecast_alone_is_not_stalled() -> None:
    optimistic = replace(SETTLED, train_psnr_db=(22.0, 28.0, 33.0, 37.0, 39.0))
    assert verdict(evidence(SETTLED, forecast=optimistic, bandwidths=PEAK_HERE))[0] is Verdict.NOTHING_TO_CHANGE


def test_a_short_run_that_still_rises_has_not_stalled() -> None:
    late = Curve(STEPS, (10.0, 11.0, 13.0, 16.0, 19.0), (10.0, 11.0, 13.0, 15.9, 18.8))
    found = evidence(late, forecast=SETTLED, bandwidths=PEAK_HERE, learning_rate=0.01)
    assert verdict(found) == (Verdict.STOPPED_TOO_EARLY, "--steps 1600")
    assert "lags behind" in diagnose(found).explanation


def test_below_the_interval_and_still_rising_takes_more_steps() -> None:
    found = evidence(RISING, forecast=SETTLED, bandwidths=PEAK_HERE, longer=[(1600, 27.9)], least=27.5)
    assert verdict(found) == (Verdict.STOPPED_TOO_EARLY, "--steps 1600")
    assert "0.8 dB below its 90 % interval" in diagnose(found).explanation
    assert verdict(replace(found, least=26.0))[0] is Verdict.NOTHING_TO_CHANGE


def test_a_fixed_encoding_behind_the_spline_is_to_be_left_open() -> None:
    found = evidence(SETTLED, forecast=SETTLED, longer=[(1600, 28.0)], spline=33.0)
    assert verdict(found)[0] is Verdict.ANOTHER_ENCODING
    assert "5.2 dB more" in diagnose(found).explanation
    compared = replace(found, bandwidths=PEAK_HERE)
    assert verdict(compared) == (Verdict.NOTHING_TO_CHANGE, None)
    assert "Cubic interpolation still scores 5.2 dB more" in diagnose(compared).explanation


def test_training_forecasts_beyond_40_db_are_not_held_against_a_run() -> None:
    good = Curve(STEPS, (30.0, 33.0, 35.0, 36.0, 36.4))
    beyond = Curve(STEPS, (30.0, 40.0, 50.0, 60.0, 70.0))
    assert verdict(evidence(good, forecast=beyond))[0] is not Verdict.STALLED


def test_without_hold_out_training_psnr_says_whether_more_steps_help() -> None:
    assert verdict(evidence(without_hold_out(RISING))) == (Verdict.STOPPED_TOO_EARLY, "--steps 1600")
    assert verdict(evidence(without_hold_out(SETTLED)))[0] is Verdict.NOTHING_TO_CHANGE
    beyond_sight = Curve(STEPS, (30.0, 34.0, 38.0, 42.0, 46.0))
    assert verdict(evidence(beyond_sight))[0] is Verdict.NOTHING_TO_CHANGE


def test_bandwidths_are_typed_without_exponents() -> None:
    found = evidence(SETTLED, bandwidths=[(2.0, 20.0), (15324.0, 27.0)])
    assert diagnose(found).change == "--bandwidth 15300"


def test_the_top_octave_of_white_noise_is_full_and_of_a_constant_empty() -> None:
    grid = Grid((0.0, 0.0), (1.0, 1.0), (64, 64))
    noise = torch.randn(grid.size, 2, generator=torch.Generator().manual_seed(0))
    assert 0.7 < top_octave_share(noise, grid) < 0.9  # 1 − π/16 = 0.80 of the square of frequencies
    assert top_octave_share(torch.ones(grid.size, 1), grid) == 0.0

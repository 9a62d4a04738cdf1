"""From candidates with forecasts to a choice, on made-up ones."""

from __future__ import annotations

from fourierfield.encodings._registry import FAMILIES
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.forecast._finite import FiniteForecast
from fourierfield.tuning._choice import Choice, choose, choose_to_reproduce
from fourierfield.tuning._tuner import Candidate


def candidate(
    family: str, score: float, *, half: float = 1.0, features: int | None = None, train: float = 30.0, **more: object
) -> Candidate:
    encoding = EncodingSpec(family, 4.0 if FAMILIES[family].has_bandwidth else None, features)
    return Candidate(encoding, 100, FiniteForecast(train, score, score - half, score + half), True, **more)  # type: ignore[arg-type]


def chosen(*candidates: Candidate) -> Choice:
    return choose(sorted(candidates, key=lambda c: -c.held_out_psnr_db))


def test_gaussian_frequencies_come_first_where_others_are_no_better() -> None:
    found = chosen(candidate("positional", 30.1), candidate("gaussian", 30.0), candidate("gaussian", 29.9))
    assert (found.encoding.family, found.candidates[0].held_out_psnr_db) == ("gaussian", 30.0)
    assert chosen(candidate("positional", 30.2), candidate("gaussian", 30.0)).encoding.family == "positional"


def test_log_uniform_ones_do_on_smooth_signals_within_one_decibel() -> None:
    near = candidate("gaussian", 60.0, smooth=True), candidate("log-uniform", 59.1, smooth=True)
    assert chosen(*near).encoding.family == "log-uniform"
    far = candidate("gaussian", 60.0, smooth=True), candidate("log-uniform", 58.9, smooth=True)
    assert chosen(*far).encoding.family == "gaussian"


def test_where_most_of_the_error_is_noise_small_leads_count() -> None:
    pair = (candidate("laplace", 20.1, noise_share=0.8), candidate("gaussian", 20.0, noise_share=0.8))
    assert chosen(*pair).encoding.family == "laplace"


def test_more_frequencies_must_pay() -> None:
    assert chosen(candidate("gaussian", 30.1, features=512), candidate("gaussian", 30.0)).encoding.features is None


def test_a_less_certain_forecast_counts_less_but_not_on_smooth_signals_where_all_are() -> None:
    unsure = candidate("none", 31.0, half=3.0)
    assert chosen(unsure, candidate("gaussian", 30.0)).encoding.family == "gaussian"
    smooth = candidate("basic", 30.0, half=2.0, smooth=True), candidate("log-uniform", 33.0, half=7.0, smooth=True)
    assert chosen(*smooth).encoding.family == "log-uniform"


def test_the_reason_names_the_best_and_the_runner_up() -> None:
    found = chosen(candidate("positional", 30.1), candidate("gaussian", 30.0))
    assert found.runner_up is not None
    assert found.runner_up.encoding.family == "positional"
    assert "within 0.15 dB of the best of 2 forecasts, positional 4" in found.reason
    smooth = chosen(candidate("gaussian", 60.0, smooth=True), candidate("log-uniform", 59.5, smooth=True))
    assert "within 1 dB" in smooth.reason


def test_to_reproduce_samples_the_one_that_learns_them_best_of_those_within_one_decibel() -> None:
    smooth, sharp = candidate("gaussian", 23.6, train=27.5), candidate("gaussian", 22.7, train=37.2)
    many, wild = candidate("laplace", 23.0, train=40.0, features=512), candidate("gaussian", 21.7, train=63.6)
    choice = choose_to_reproduce([smooth, many, sharp, wild])
    assert choice.candidates == (sharp, smooth, many, wild)
    assert choice.encoding == sharp.encoding
    assert "of 3 forecasts within 1 dB of the best of 4" in choice.reason

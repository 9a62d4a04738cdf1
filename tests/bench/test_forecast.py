"""The benchmark of forecasts measures what it says; its times are not tested."""

from __future__ import annotations

import pytest

from fourierfield.bench._forecast import ForecastCost, PeerComparison, _forecast, _photo_problem, growth_exponent


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.7])
def test_the_exponent_of_a_power_law_is_found(exponent: float) -> None:
    costs = [ForecastCost(n, 1, 1e-6 * n**exponent, 300.0, 10, 25.0) for n in (64, 500, 4096)]
    assert growth_exponent(costs) == pytest.approx(exponent)


def test_as_many_samples_are_held_out_as_are_trained_on() -> None:
    problem = _photo_problem(8, 3)
    assert problem.held_out is not None
    assert (len(problem.training), len(problem.held_out), problem.channels) == (64, 64, 3)


def test_a_forecast_covers_every_step() -> None:
    found = _forecast(_photo_problem(8, 1))
    assert found.ok
    assert len(found.value.train_psnr_db) == 2000
    assert (found.value.train_psnr_db.diff() >= -1e-6).all()


def test_the_ratio_is_of_the_peer_s_time() -> None:
    names = PeerComparison.__dataclass_fields__
    values = dict.fromkeys(names, 1.0) | {"seconds": 0.05, "peer_seconds": 11.0}
    assert PeerComparison(**values).ratio == pytest.approx(220)

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fourierfield.training._schedules import ConstantRate, WarmupCosine


@given(st.integers(1, 5000), st.floats(1e-5, 1.0))
def test_the_rate_rises_then_falls_and_never_passes_its_peak(steps: int, peak: float) -> None:
    schedule = WarmupCosine(peak)
    rates = [schedule.rate(step, steps) for step in range(steps)]
    top = rates.index(max(rates))
    assert all(0 < rate <= peak for rate in rates)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_the_rate_ends_near_zero_and_short_runs_rise_slowly() -> None:
    assert WarmupCosine(1.0).rate(1999, 2000) < 1e-5
    assert WarmupCosine(1.0).rate(0, 90) < 0.05
    assert ConstantRate(0.5).rate(77, 100) == 0.5

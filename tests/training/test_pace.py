"""The number of steps that follows the clock, on a clock of the tests' own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.training import _pace
from fourierfield.training._pace import Deadline, Pacer
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._scoring import curve_steps


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


def run(
    planned: int,
    budget: float,
    cost: Callable[[float], float],
    since: int = 0,
    score: float = 0.0,
    looking: float = 0.0,
    after: float = 0.0,
) -> tuple[int, float, list[int]]:
    """Take steps that cost ``cost(now)`` seconds; return their number, how long they took, and all plans on the way."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_pace, "time", clock)
        plan, done, plans = TrainingPlan(planned), 0, [planned]

        def needed_after() -> float:
            clock.now += looking
            return after

        deadline = Deadline(lambda: budget - clock.now, TrainingPlan, since, needed_after)
        pacer = Pacer(plan, deadline)
        while done < pacer.plan.steps:
            clock.now += cost(clock.now)
            done += 1
            if pacer.follow(done):
                plans.append(pacer.plan.steps)
            if done in curve_steps(pacer.plan.steps):
                with pacer.scoring():
                    clock.now += score
    return done, clock.now, plans


@given(planned=st.integers(1, 100_000), cost=st.floats(0.02, 0.5))
def test_steps_of_any_cost_fill_the_time_whatever_was_planned(planned: int, cost: float) -> None:
    steps, seconds, _ = run(planned, 60.0, lambda now: cost)
    assert 0.88 * 60 - cost <= seconds <= 60.0 + cost
    assert steps == pytest.approx(seconds / cost)


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0, 4.0])
@pytest.mark.parametrize("when", [0.1, 0.4, 0.7])
def test_steps_that_change_their_pace_end_in_time(factor: float, when: float) -> None:
    steps, seconds, plans = run(6000, 60.0, lambda now: 0.01 if now < when * 60 else 0.01 * factor)
    assert 0.85 * 60 <= seconds <= 1.08 * 60
    assert len(plans) > 1
    assert steps == plans[-1]


def test_steps_that_cost_what_was_timed_keep_the_plan() -> None:
    steps, seconds, _ = run(5900, 60.0, lambda now: 0.01)
    assert steps == pytest.approx(5900, rel=0.02)
    assert seconds <= 60.0


@pytest.mark.parametrize("planned", [30, 1000])
def test_scores_count_for_themselves(planned: int) -> None:
    """A score takes as long as ten steps, and most scores come early."""
    steps, seconds, plans = run(planned, 60.0, lambda now: 0.1, score=1.0)
    assert 0.85 * 60 <= seconds <= 61.0
    assert plans[1] == pytest.approx(steps, rel=0.2) if len(plans) > 1 else True


@pytest.mark.parametrize("planned", [100, 590, 3000])
def test_what_comes_after_is_left_time_and_looking_at_it_is_no_step(planned: int) -> None:
    """Steps of 0.1 s, 20 s of scores after them, and three seconds each time that these are estimated."""
    steps, seconds, plans = run(planned, 80.0, lambda now: 0.1, looking=3.0, after=20.0)
    assert 0.85 * 60 <= seconds <= 64.0
    assert plans[1] > 0.9 * steps  # had the look been counted, half


def test_a_step_that_takes_longer_than_all_of_the_time_is_the_only_one() -> None:
    assert run(100, 10.0, lambda now: 30.0)[0] <= 2


def test_only_alike_steps_are_timed() -> None:
    """Three hundred cheap steps, then dear ones: the plan for these stands until they are timed themselves."""
    steps, seconds, plans = run(600, 63.0, iter_cost([0.01] * 300, 0.2), since=300)
    assert plans == [600]
    assert (steps, seconds) == (600, pytest.approx(63.0))


def iter_cost(first: list[float], then: float) -> Callable[[float], float]:
    """Return the cost of each step in turn."""
    costs = iter(first)
    return lambda now: next(costs, then)


def test_without_a_deadline_the_plan_stays() -> None:
    pacer = Pacer(TrainingPlan(10), None)
    assert not any(pacer.follow(done) for done in range(1, 11))
    assert pacer.plan.steps == 10

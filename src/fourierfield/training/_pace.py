"""Plan a run that is bound by time anew while it runs, as its steps turn out slower or faster than when it began."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ._plan import TrainingPlan
from ._scoring import curve_steps

_MOMENTS = (0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95)  # shares of the time after which steps are counted anew
_RESERVE = 0.02  # of the time that is left, for what comes on top of steps and scores: checkpoints
_APART = 0.02  # of all steps: a smaller change is not worth another schedule
_WORTH = 0.1  # of the time: with more than this left after the last step, a run goes on


@dataclass(frozen=True)
class Deadline:
    """The end of a run by the clock.

    ``left`` returns the seconds that are left, ``after`` those of them that are needed once training has ended, and
    ``plan_of`` the plan of another number of steps. Steps are alike, and therefore timed, from step ``since`` on.
    """

    left: Callable[[], float]
    plan_of: Callable[[int], TrainingPlan]
    since: int = 0
    after: Callable[[], float] = lambda: 0.0


class Pacer:
    """The plan of a run that is at step ``first``; without a deadline it stays as it is."""

    def __init__(self, plan: TrainingPlan, deadline: Deadline | None, first: int = 0) -> None:
        self.plan = plan
        self._deadline = deadline
        self._began = self._marked = time.perf_counter()
        self._marked_step = first
        self._seconds = 0.0 if deadline is None else max(deadline.left(), 0.0)
        self._moments = list(_MOMENTS)
        self._on_scores, self._of_a_score = 0.0, 0.0

    @contextmanager
    def scoring(self) -> Iterator[None]:
        """Time a score by itself: a run is scored at its first steps, and ever more rarely later on."""
        began = time.perf_counter()
        yield
        self._of_a_score = time.perf_counter() - began
        self._on_scores += self._of_a_score

    def follow(self, done: int) -> bool:
        """Count the remaining steps anew if that is due after ``done`` steps; return whether the plan has changed."""
        deadline = self._deadline
        if deadline is None or done < deadline.since:
            return False
        if done == deadline.since:
            self._marked, self._marked_step, self._on_scores = time.perf_counter(), done, 0.0
            return False
        now, finished = time.perf_counter(), done >= self.plan.steps
        if not finished and not (self._moments and now - self._began >= self._moments[0] * self._seconds):
            return False
        per_step = max(now - self._marked - self._on_scores, 1e-9) / (done - self._marked_step)
        after = deadline.after()  # which may take a while itself
        left = max(deadline.left() - after, 0.0)
        now = time.perf_counter()
        self._seconds = now - self._began + left
        self._moments = [share for share in _MOMENTS if share * self._seconds > now - self._began]
        self._marked, self._marked_step, self._on_scores = now, done, 0.0
        return self._plan_for(done, left, per_step, finished)

    def _plan_for(self, done: int, left: float, per_step: float, finished: bool) -> bool:
        """Take as many more steps as fit into the seconds that are left; return whether that changes the plan."""
        assert self._deadline is not None
        if finished and left <= max(_WORTH * self._seconds, 2 * per_step):
            return False
        scores = sum(step > done for step in curve_steps(self.plan.steps)) * self._of_a_score
        planned, rest = self.plan.steps - done, int(((1 - _RESERVE) * left - scores) / per_step)
        rest = max(rest, 0 if finished else 1)
        if abs(rest - planned) <= _APART * self.plan.steps or rest == planned:
            return False
        self.plan = self._deadline.plan_of(done + rest)
        return True

"""The choice of one encoding, with its reason: among ranked candidates, or by a rule of thumb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..encodings._registry import DEFAULT_FEATURES
from ..encodings._spec import EncodingSpec
from ..problems._points import Problem

if TYPE_CHECKING:
    from ._inner import InnerProblem
    from ._tuner import Candidate

LOST_BETWEEN = 1.0  # dB between the samples that may be lost for the sake of the samples themselves
# dB: a smaller lead in a forecast does not count (docs/tune.md). Of smooth signals forecasts err more.
NO_MATTER, NO_MATTER_SMOOTH = 0.15, 1.0
SHARE_OF_SAMPLING = 1 / 50  # standard deviation over sampling rate of the rule of thumb (docs/training.md)


@dataclass(frozen=True)
class Choice:
    """A chosen encoding and, in words, the reason.

    ``steps`` is the number of steps that suits it; None takes the whole budget. ``candidates`` were forecast on the
    ``inner`` problem: the choice comes first, the others follow by their forecast. A choice by rule has neither.
    """

    encoding: EncodingSpec
    reason: str
    steps: int | None = None
    candidates: tuple[Candidate, ...] = ()
    inner: InnerProblem | None = field(default=None, repr=False, compare=False)

    @property
    def runner_up(self) -> Candidate | None:
        """The best candidate of another family, None without one: the others are finer steps of the same search."""
        return next((c for c in self.candidates[1:] if c.encoding.family != self.encoding.family), None)


def choose(candidates: Sequence[Candidate]) -> Choice:
    """Choose among the candidates within 0.15 dB of the best.

    Gaussian frequencies come before others, up to 256 of them before more (more frequencies cost more), then the best
    forecast. On smooth signals the candidates within 1 dB are considered, and log-uniform frequencies come first.

    Where most of the error is noise, differences are small and count all the same: the 0.15 dB shrink to the share of
    the error that is not noise. A forecast that is less certain than those of encodings with a bandwidth (that of no
    mapping is) counts less by the difference of the half intervals. ``candidates`` has at least one, the best first.
    """
    usual = min(_half_width(c) for c in [c for c in candidates if c.encoding.bandwidth is not None] or candidates)
    safe = {id(c): c.held_out_psnr_db - max(0.0, _half_width(c) - usual) for c in candidates}
    best = max(candidates, key=lambda candidate: safe[id(candidate)])
    tie = _tie(best)
    near = [candidate for candidate in candidates if safe[id(candidate)] >= safe[id(best)] - tie]
    chosen = min(near, key=lambda candidate: (*_preference(candidate), -safe[id(candidate)]))
    ranked = (chosen, *(candidate for candidate in candidates if candidate is not chosen))
    choice = Choice(chosen.encoding, "", chosen.steps, ranked)
    return Choice(chosen.encoding, _reason(choice, best), chosen.steps, ranked)


def choose_to_reproduce(candidates: Sequence[Candidate]) -> Choice:
    """Choose the candidate that learns the samples best, among those within 1 dB of the best between the samples.

    This suits values without noise that are needed where they are given. Candidates with more than 256 frequencies are
    left out unless all have more.
    """
    best = max(candidates, key=lambda candidate: candidate.held_out_psnr_db)
    near = [one for one in candidates if one.held_out_psnr_db >= best.held_out_psnr_db - LOST_BETWEEN]
    few = [one for one in near if (one.encoding.features or DEFAULT_FEATURES) <= DEFAULT_FEATURES]
    chosen = max(few or near, key=lambda candidate: candidate.scores.train_psnr_db)
    ranked = (chosen, *(candidate for candidate in candidates if candidate is not chosen))
    reason = (
        f"learns the samples best of {len(near)} forecasts within {LOST_BETWEEN:g} dB of the best of {len(ranked)} "
        f"between them, {encoding_words(best.encoding)}"
    )
    return Choice(chosen.encoding, reason, chosen.steps, ranked)


def encoding_words(encoding: EncodingSpec) -> str:
    """Return family and bandwidth in words.

    >>> encoding_words(EncodingSpec("gaussian", (4.0, 2.0))), encoding_words(EncodingSpec("none"))
    ('gaussian 4×2', 'none')
    """
    if encoding.bandwidth is None:
        return encoding.family
    values = encoding.bandwidth if isinstance(encoding.bandwidth, tuple) else (encoding.bandwidth,)
    return f"{encoding.family} {'×'.join(f'{value:.4g}' for value in values)}"


def _tie(best: Candidate) -> float:
    """Return the lead, in dB, below which a candidate is not better than another."""
    return NO_MATTER_SMOOTH if best.smooth else NO_MATTER * (1 - best.noise_share)


def _half_width(candidate: Candidate) -> float:
    """Return half of the 90 % interval, in dB."""
    high = candidate.scores.high_db
    return 0.0 if high is None else high - candidate.held_out_psnr_db


def _preference(candidate: Candidate) -> tuple[bool, bool]:
    encoding = candidate.encoding
    many = (encoding.features or DEFAULT_FEATURES) > DEFAULT_FEATURES
    return encoding.family != candidate.favourite, many


def _reason(choice: Choice, best: Candidate) -> str:
    scores, count = choice.candidates[0].scores, len(choice.candidates)
    words = f"best of {count} forecasts"
    if best is not choice.candidates[0]:
        near = NO_MATTER_SMOOTH if best.smooth else NO_MATTER
        words = f"within {near:g} dB of the best of {count} forecasts, {encoding_words(best.encoding)}"
    words += f": {scores.held_out_psnr_db:.1f} dB between the samples"
    second = choice.runner_up
    if second is not None:
        cost = choice.candidates[0].held_out_psnr_db - second.held_out_psnr_db
        words += f"; {encoding_words(second.encoding)} would cost {cost:.1f} dB" if cost > 0 else ""
    return words


def choose_by_rule(problem: Problem, features: int | None = None) -> Choice:
    """Choose Gaussian frequencies with a standard deviation of 1/50 of the training samples per unit.

    The less a photograph holds beyond Nyquist, the larger its best bandwidth, up to 1/36 (docs/training.md). The rule
    was made for photographs, looks at no values, and serves signals that are too small to be divided.
    """
    bandwidth = problem.samples_per_unit * SHARE_OF_SAMPLING
    reason = f"rule of thumb: 1/50 of the {problem.samples_per_unit:.0f} training samples per unit"
    return Choice(EncodingSpec("gaussian", bandwidth, features), reason)

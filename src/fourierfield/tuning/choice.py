"""From ranked candidates to one choice, with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..encodings import EncodingSpec

if TYPE_CHECKING:
    from .inner import InnerProblem
    from .tuner import Candidate

__all__ = ["Choice", "choose", "choose_to_reproduce", "encoding_words"]

LOST_BETWEEN = 1.0  # dB between the samples that may be given up to reproduce them better
NO_MATTER, NO_MATTER_SMOOTH = 0.15, 1.0  # dB: a smaller lead in a forecast is none; of smooth signals they err more
_DEFAULT_FEATURES = 256


@dataclass(frozen=True)
class Choice:
    """A chosen encoding and, in words, why. ``steps`` is how many suit it, None for as many as there are;
    ``candidates`` were forecast for it, the choice first, then by their forecast, on the ``inner`` problem; none where
    a rule chose."""

    encoding: EncodingSpec
    reason: str
    steps: int | None = None
    candidates: tuple[Candidate, ...] = ()
    inner: InnerProblem | None = field(default=None, repr=False, compare=False)

    @property
    def runner_up(self) -> Candidate | None:
        """The best candidate that is more than another number of frequencies or a finer step of the same search: of
        another family; None if there is none."""
        return next((c for c in self.candidates[1:] if c.encoding.family != self.encoding.family), None)


def choose(candidates: Sequence[Candidate]) -> Choice:
    """Of the candidates within 0.15 dB of the best: Gaussian frequencies before others, no more than 256 of them before
    more, then the best; on smooth signals of those within 1 dB, and log-uniform frequencies first.

    More frequencies cost more. Where most of the error is noise, differences are small and count all the same: the
    0.15 dB are of the rest. A candidate whose forecast is less certain than those of encodings with a bandwidth (that
    of no mapping is) counts less by the difference of the intervals. Candidates are sorted, the best first; there is at
    least one.
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
    """Of the candidates within 1 dB of the best between the samples the one that learns the samples best, for values
    that are wanted where they are given, and have no noise to speak of; no more than 256 frequencies."""
    best = max(candidates, key=lambda candidate: candidate.held_out_psnr_db)
    near = [one for one in candidates if one.held_out_psnr_db >= best.held_out_psnr_db - LOST_BETWEEN]
    few = [one for one in near if (one.encoding.features or _DEFAULT_FEATURES) <= _DEFAULT_FEATURES]
    chosen = max(few or near, key=lambda candidate: candidate.scores.train_psnr_db)
    ranked = (chosen, *(candidate for candidate in candidates if candidate is not chosen))
    reason = (
        f"learns the samples best of {len(near)} forecasts within {LOST_BETWEEN:g} dB of the best of {len(ranked)} "
        f"between them, {encoding_words(best.encoding)}"
    )
    return Choice(chosen.encoding, reason, chosen.steps, ranked)


def encoding_words(encoding: EncodingSpec) -> str:
    """Family and bandwidth.

    >>> encoding_words(EncodingSpec("gaussian", (4.0, 2.0))), encoding_words(EncodingSpec("none"))
    ('gaussian 4×2', 'none')
    """
    if encoding.bandwidth is None:
        return encoding.family
    values = encoding.bandwidth if isinstance(encoding.bandwidth, tuple) else (encoding.bandwidth,)
    return f"{encoding.family} {'×'.join(f'{value:.4g}' for value in values)}"


def _tie(best: Candidate) -> float:
    """A smaller lead than this, dB, is none."""
    return NO_MATTER_SMOOTH if best.smooth else NO_MATTER * (1 - best.noise_share)


def _half_width(candidate: Candidate) -> float:
    """Half of the 90 % interval, dB."""
    high = candidate.scores.high_db
    return 0.0 if high is None else high - candidate.held_out_psnr_db


def _preference(candidate: Candidate) -> tuple[bool, bool]:
    encoding = candidate.encoding
    many = (encoding.features or _DEFAULT_FEATURES) > _DEFAULT_FEATURES
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

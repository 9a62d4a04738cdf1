"""The diagnosis of a fit: what held it back, in words, and the one change that promises most.

Several problems look alike on a learning curve, so they are tested in this order:

1. *Stalled*: training ended far below its forecast, on all samples. Then no other measurement means anything. If the
   curve was still rising, the run was only too short.
2. *At the noise*: held-out samples are matched as well as their own noise allows. Nothing is left to gain.
3. *Past its best*: held-out PSNR peaked and fell. The field fits noise, unless another encoding is forecast to gain
   more than stopping at the peak does. Without hold-out: the residual has fallen well below the noise.
4. *Encoding*: another family is forecast to do better than any bandwidth of this one, or another bandwidth is. A change
   of encoding costs nothing, so it comes before more steps.
5. *Stopped too early*: more steps are forecast to do better, or the last doubling of the steps still gained enough.
6. *Lagging*: held-out PSNR ended below its forecast's interval and was still rising. Then more steps help, whatever is
   forecast for them.
7. *Aliased*: training samples match, held-out ones do not, none of the above would help, and the samples hold energy
   right up to their Nyquist frequency that is not noise. Then the signal has as much beyond it, and only denser samples
   help.
8. *Bandwidth, by the curve's shape*, if nothing was forecast. A wide gap between training and held-out samples that
   more steps do not close: too large. No gap, and both curves have levelled off low: too small.
9. *Behind the spline*: no other encoding was forecast, and cubic interpolation does clearly better.
10. Nothing to change.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass

from ._evidence import WORTH, Evidence
from ._style import three_digits

STALLED = 6.0  # dB by which training may end below its forecast: 2 to 3 are usual, a run that stalled was 9 below
BEHIND = 3.0  # dB by which held-out PSNR must be below its forecast as well: few runs that worked were
RELIABLE = 40.0  # dB: beyond, forecasts of training PSNR are too high, and errors are hard to see or hear
WIDE_GAP = 6.0  # dB between training and held-out PSNR: twice the error amplitude
NARROW_GAP = 1.5  # dB between training and held-out PSNR up to which they count as equal; a rule of thumb
BELOW_NOISE = 3.0  # dB above the PSNR that noise allows: half of the noise's energy is in the field
CROWDED = 0.1  # share of energy in the last octave before Nyquist: half of photographs have it at every second pixel


class Verdict(enum.Enum):
    """A finding; the value is its headline."""

    STALLED = "Training stalled"
    FITTING_NOISE = "It went on to fit noise"
    BANDWIDTH_TOO_SMALL = "The bandwidth is too small"
    BANDWIDTH_TOO_LARGE = "The bandwidth is too large"
    ANOTHER_ENCODING = "Another encoding would do better"
    STOPPED_TOO_EARLY = "It stopped too early"
    ALIASED = "The samples are too far apart"
    NOTHING_TO_CHANGE = "Nothing to change"


@dataclass(frozen=True)
class Diagnosis:
    """A verdict, its explanation in words and numbers, and the change on the command line (None if there is none)."""

    verdict: Verdict
    explanation: str
    change: str | None = None


def diagnose(evidence: Evidence) -> Diagnosis:
    """Return the first of the findings above that the evidence supports.

    >>> from fourierfield.report._evidence import Curve
    >>> curve = Curve((10, 100, 1000), (15.0, 22.0, 30.0), (15.0, 21.0, 24.0))
    >>> found = diagnose(Evidence(curve, 30.0, 24.0, bandwidth=2.0, bandwidths=[(2.0, 24.2), (4.0, 26.9)]))
    >>> found.verdict.value, found.change
    ('The bandwidth is too small', '--bandwidth 4')
    """
    for rule in _RULES:
        found = rule(evidence)
        if found is not None:
            return found
    return _nothing(evidence)


def _stalled(evidence: Evidence) -> Diagnosis | None:
    forecast = evidence.forecast
    if forecast is None:
        return None
    expected = min(forecast.train_psnr_db[-1], RELIABLE)
    if expected - evidence.train_psnr_db < STALLED:
        return None
    held_out, expected_held_out = evidence.held_out_psnr_db, forecast.held_out_psnr_db
    if held_out is not None and expected_held_out is not None and expected_held_out[-1] - held_out < BEHIND:
        return None
    gained = evidence.measured.last_doubling(training=True)
    if gained >= 3 * WORTH:
        return _late(evidence, f"training samples ended {expected - evidence.train_psnr_db:.1f} dB below it", gained)
    rate = evidence.learning_rate
    return Diagnosis(
        Verdict.STALLED,
        f"Training samples were forecast to reach {expected:.1f} dB and ended at {evidence.train_psnr_db:.1f} dB: "
        "more than the usual error of forecasts. The usual reason is a learning rate that is too large for this "
        "network: its first steps overshoot and units die.",
        f"--learning-rate {three_digits(rate / 3)}" if rate else None,
    )


def _at_the_noise(evidence: Evidence) -> Diagnosis | None:
    ceiling, held_out = evidence.noise_psnr_db, evidence.held_out_psnr_db
    if ceiling is None or held_out is None or held_out < ceiling - 2 * WORTH:
        return None
    return Diagnosis(
        Verdict.NOTHING_TO_CHANGE,
        f"The field matches held-out samples to {held_out:.1f} dB, and their own noise, estimated at "
        f"{evidence.noise:.2g} of the range, allows about {ceiling:.1f} dB. There is nothing left to learn.",
    )


def _past_its_best(evidence: Evidence) -> Diagnosis | None:
    curve = evidence.measured
    if evidence.held_out_psnr_db is None:
        return _below_the_noise(evidence)
    fallen = curve.past_best
    if fallen < WORTH:
        return None
    promised = [found[-1] for found in (evidence.better_bandwidth, evidence.better_family) if found is not None]
    if promised and max(promised) > fallen:
        return None  # another encoding gains more: the next rules report it
    ceiling = evidence.noise_psnr_db
    known = (
        f" The field matches training samples to {evidence.train_psnr_db:.1f} dB, closer than their noise allows "
        f"(about {ceiling:.1f} dB): what it learned last is noise."
        if ceiling is not None and evidence.train_psnr_db > ceiling
        else " What is learned that late helps only on the training samples."
    )
    return Diagnosis(
        Verdict.FITTING_NOISE,
        f"Held-out PSNR was highest near step {curve.best_step:,} and has fallen by {fallen:.1f} dB since."
        + known
        + _as_forecast(evidence),
        f"--steps {curve.best_step}",
    )


def _as_forecast(evidence: Evidence) -> str:
    forecast = evidence.forecast
    if forecast is None or forecast.past_best < WORTH:
        return ""
    return f" The forecast peaks near step {forecast.best_step:,}."


def _below_the_noise(evidence: Evidence) -> Diagnosis | None:
    """Advise to stop where the residual equals the noise (Morozov), the only evidence without hold-out."""
    ceiling = evidence.noise_psnr_db
    if ceiling is None or evidence.train_psnr_db < ceiling + BELOW_NOISE:
        return None
    reached = next(s for s, p in zip(*_points(evidence), strict=True) if p >= ceiling)
    return Diagnosis(
        Verdict.FITTING_NOISE,
        f"The noise of the samples is estimated at {evidence.noise:.2g} of the range ({ceiling:.1f} dB), and the field "
        f"matches them to {evidence.train_psnr_db:.1f} dB, so it contains most of the noise too. It passed that level "
        f"near step {reached:,}. That is right for storing the file, but wrong for anything between its samples.",
        f"--steps {reached}",
    )


def _points(evidence: Evidence) -> tuple[list[int], list[float]]:
    """Return the measured training curve with the final score at its end; the curve is scored on fewer samples."""
    curve = evidence.measured
    return [*curve.steps, curve.steps[-1]], [*curve.train_psnr_db, evidence.train_psnr_db]


def _another_family(evidence: Evidence) -> Diagnosis | None:
    found = evidence.better_family
    if found is None:
        return None
    family, bandwidth, gain = found
    at = "" if bandwidth is None else f" at {three_digits(bandwidth)} cycles per unit"
    return Diagnosis(
        Verdict.ANOTHER_ENCODING,
        f"The {family} encoding{at} is forecast to score {gain:.1f} dB more on held-out samples after the same number "
        "of steps; no bandwidth of the present encoding is forecast to come close.",
        f"--encoding {family}" + ("" if bandwidth is None else f" --bandwidth {three_digits(bandwidth)}"),
    )


def _bandwidth_by_forecast(evidence: Evidence) -> Diagnosis | None:
    better = evidence.better_bandwidth
    if better is None:
        return _edge_of_the_search(evidence)
    assert evidence.bandwidth is not None
    best, gain = better
    small = best > evidence.bandwidth
    why = (
        "the kernel is too smooth to learn the finer detail in time"
        if small
        else "the kernel is so narrow that what it learns at the samples does not reach between them"
    )
    others = ""
    if (longer := _worthwhile_longer(evidence)) is not None:
        others = f" More steps would help as well ({longer[1]:+.1f} dB at {longer[0]:,}), but take longer."
    return Diagnosis(
        Verdict.BANDWIDTH_TOO_SMALL if small else Verdict.BANDWIDTH_TOO_LARGE,
        f"At {three_digits(evidence.bandwidth)} cycles per unit {why}: {three_digits(best)} is forecast to score "
        f"{gain:.1f} dB more on held-out samples after the same number of steps."
        f"{_edge_remark(evidence, best)}{others}",
        f"--bandwidth {three_digits(best)}",
    )


def _edge_of_the_search(evidence: Evidence) -> Diagnosis | None:
    """Advise a bandwidth beyond the search if the chosen one is at its edge and forecasts rise towards it."""
    ordered = sorted(evidence.bandwidths)
    if len(ordered) < 3 or evidence.bandwidth is None:
        return None
    for (last, psnr), (before, psnr_before), verdict in (
        (ordered[-1], ordered[-2], Verdict.BANDWIDTH_TOO_SMALL),
        (ordered[0], ordered[1], Verdict.BANDWIDTH_TOO_LARGE),
    ):
        if math.isclose(evidence.bandwidth, last, rel_tol=1e-3) and psnr - psnr_before >= WORTH:
            beyond = three_digits(last * last / before)
            side = "largest" if verdict is Verdict.BANDWIDTH_TOO_SMALL else "smallest"
            return Diagnosis(
                verdict,
                f"{three_digits(last)} cycles per unit is the {side} bandwidth that was tried, and forecasts were "
                f"still rising towards it ({psnr - psnr_before:+.1f} dB from {three_digits(before)}), so the best "
                "one lies beyond it.",
                f"--bandwidth {beyond}",
            )
    return None


def _edge_remark(evidence: Evidence, best: float) -> str:
    tried = [bandwidth for bandwidth, _ in evidence.bandwidths]
    if best == max(tried):
        return " It is the largest that was tried; a larger one may do better still."
    return " It is the smallest that was tried; a smaller one may do better still." if best == min(tried) else ""


def _stopped_too_early(evidence: Evidence) -> Diagnosis | None:
    if evidence.longer:
        longer = _worthwhile_longer(evidence)
        if longer is None:
            return None
        return Diagnosis(
            Verdict.STOPPED_TOO_EARLY,
            f"After {evidence.steps:,} steps the network still has something to learn: {longer[0]:,} steps are "
            f"forecast to score {longer[1]:.1f} dB more on held-out samples.",
            f"--steps {longer[0]}",
        )
    curve, whose = (evidence.forecast, "forecast") if evidence.forecast is not None else (evidence.measured, "measured")
    gained = curve.last_doubling()
    held_out = curve.held_out_psnr_db is not None
    good_enough = min(RELIABLE, evidence.noise_psnr_db or RELIABLE)
    # The falling learning rate lifts the end of measured curves, so they must have gained more.
    least = 2 * WORTH if held_out and curve is evidence.forecast else 3 * WORTH
    if gained < least or (not held_out and evidence.train_psnr_db >= good_enough):
        return None
    return Diagnosis(
        Verdict.STOPPED_TOO_EARLY,
        f"The second half of the {evidence.steps:,} steps still gained {gained:.1f} dB on "
        f"{'held-out' if held_out else 'training'} samples ({whose}); twice as many may gain about as much again.",
        f"--steps {2 * evidence.steps}",
    )


def _worthwhile_longer(evidence: Evidence) -> tuple[int, float] | None:
    """Return the fewest steps that reach four fifths of the largest gain forecast for more, and their gain, dB."""
    if not evidence.longer or evidence.forecast is None or evidence.forecast.held_out_psnr_db is None:
        return None
    here = evidence.forecast.held_out_psnr_db[-1]
    gains = [(steps, psnr - here) for steps, psnr in sorted(evidence.longer)]
    most = max(gain for _, gain in gains)
    return next(found for found in gains if found[1] >= 0.8 * most) if most >= WORTH else None


def _lagging(evidence: Evidence) -> Diagnosis | None:
    held_out, least, gained = evidence.held_out_psnr_db, evidence.least, evidence.measured.last_doubling()
    if held_out is None or least is None or held_out >= least or gained < WORTH:
        return None
    return _late(evidence, f"held-out PSNR ended {least - held_out:.1f} dB below its 90 % interval", gained)


def _late(evidence: Evidence, how_far: str, gained: float) -> Diagnosis:
    return Diagnosis(
        Verdict.STOPPED_TOO_EARLY,
        f"Training lags behind its forecast: {how_far}, and the second half of the {evidence.steps:,} steps still "
        f"gained {gained:.1f} dB. Then the forecast for more steps is not a guide; the curve itself shows that they "
        "help.",
        f"--steps {2 * evidence.steps}",
    )


def _aliased(evidence: Evidence) -> Diagnosis | None:
    gap, share, held_out = evidence.gap, evidence.top_octave_share, evidence.held_out_psnr_db
    if gap is None or share is None or held_out is None or gap < WIDE_GAP or share < CROWDED:
        return None
    limit = ""
    if evidence.variance:
        energy = share * evidence.variance
        if evidence.noise and evidence.noise**2 > energy:
            return None  # white noise fills that band by itself
        limit = f", which keeps held-out PSNR near {-10 * math.log10(energy):.0f} dB"
    grid = evidence.hold_out == "grid"
    nearest = ", and the grid hold-out leaves out every second sample along each axis" if grid else ""
    return Diagnosis(
        Verdict.ALIASED,
        f"The field matches training samples to {evidence.train_psnr_db:.1f} dB and samples between them to "
        f"{held_out:.1f} dB, and the last octave before the Nyquist frequency still holds {share:.0%} of their energy. "
        f"So the signal has higher frequencies, which are folded onto lower ones{limit}. No bandwidth recovers them; "
        f"denser samples do{nearest}.",
        "--hold-out random:0.1" if grid else None,
    )


def _bandwidth_by_shape(evidence: Evidence) -> Diagnosis | None:
    gap, held_out, bandwidth = evidence.gap, evidence.held_out_psnr_db, evidence.bandwidth
    if gap is None or held_out is None or bandwidth is None or evidence.bandwidths:
        return None
    rest = abs(evidence.measured.last_doubling()) < 2 * WORTH
    if gap >= WIDE_GAP and rest and held_out < RELIABLE:
        return Diagnosis(
            Verdict.BANDWIDTH_TOO_LARGE,
            f"The field matches training samples {gap:.1f} dB better than held-out ones, and more steps do not close "
            "that gap: the kernel is probably too narrow to reach from one sample to the next. No other bandwidth was "
            "forecast, so this is a guess from the curve.",
            f"--bandwidth {three_digits(bandwidth / 1.5)}",
        )
    if gap <= NARROW_GAP and rest and held_out < RELIABLE - 10:
        return Diagnosis(
            Verdict.BANDWIDTH_TOO_SMALL,
            f"The field matches training and held-out samples equally well ({evidence.train_psnr_db:.1f} and "
            f"{held_out:.1f} dB), and more steps no longer help: the kernel is probably too smooth for the detail. No "
            "other bandwidth was forecast, so this is a guess from the curve.",
            f"--bandwidth {three_digits(bandwidth * 1.5)}",
        )
    return None


def _behind_the_spline(evidence: Evidence) -> Diagnosis | None:
    held_out, spline = evidence.held_out_psnr_db, evidence.spline
    compared = evidence.bandwidths or evidence.other_families
    if compared or held_out is None or spline is None or held_out > min(RELIABLE, spline - BEHIND):
        return None
    return Diagnosis(
        Verdict.ANOTHER_ENCODING,
        f"Cubic interpolation of the same samples scores {spline:.1f} dB, {spline - held_out:.1f} dB more than this "
        "field. The encoding was fixed, so no other was forecast; if it is left open, about fifty are.",
        "--encoding auto, without --bandwidth",
    )


def _nothing(evidence: Evidence) -> Diagnosis:
    reasons = []
    if evidence.bandwidths and evidence.bandwidth is not None:
        reasons.append("other bandwidth")
    if evidence.longer or evidence.forecast is not None:
        reasons.append("larger number of steps")
    promised = f"no {' or '.join(reasons)} is forecast to gain {WORTH} dB" if reasons else "the curve has levelled off"
    peak = "" if evidence.held_out_psnr_db is None else f", and held-out PSNR ended within {WORTH} dB of its highest"
    ahead = (evidence.spline or 0.0) - (evidence.held_out_psnr_db or 0.0)
    rival = f" Cubic interpolation still scores {ahead:.1f} dB more." if peak and ahead >= WORTH else ""
    return Diagnosis(Verdict.NOTHING_TO_CHANGE, f"{promised[0].upper()}{promised[1:]}{peak}.{rival}")


_RULES: tuple[Callable[[Evidence], Diagnosis | None], ...] = (
    _stalled,
    _at_the_noise,
    _past_its_best,
    _another_family,
    _bandwidth_by_forecast,
    _stopped_too_early,
    _lagging,
    _aliased,
    _bandwidth_by_shape,
    _behind_the_spline,
)

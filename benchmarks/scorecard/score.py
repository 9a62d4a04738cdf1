"""The scorecard: forecasts against trained networks, choices against the best of each sweep, ours and the rivals'.

Every number about a signal comes from a correction fitted to the other signals.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.forecast._finite import FiniteForecast, kind_of, noise_share
from fourierfield.tuning._choice import choose, choose_by_rule
from fourierfield.tuning._tuner import Candidate

from ..table import Row
from .calibration import Expectation, fit, kind_of_row, references
from .forecasting import encoding_of, sweep_of
from .rivals import FreshSettings, fresh, paper_value, siren_octaves
from .signals import PLAYED, SOUNDS, TEXTS, base_of
from .sweeps import PER_SWEEP, Sweep
from .training import KEYS, problem_of

__all__ = [
    "Scored",
    "SweepScore",
    "expectations",
    "half_widths",
    "rank_correlation",
    "score_sweeps",
    "second_seed",
    "seed_noise",
    "smooth_sweeps",
    "summary",
    "unseen_expectations",
]

_FRESH_DRAWS = 3


@dataclass(frozen=True)
class SweepScore:
    """One sweep: errors of the forecasts (dB), their rank correlation, and by rule what its choice lost against the
    best trained network (dB)."""

    sweep: Sweep
    errors: list[float]
    covered: list[bool]
    correlation: float
    regrets: dict[str, float]


@dataclass(frozen=True)
class Scored:
    """A trained row and what was expected of it by a correction that never saw its signal."""

    row: Row
    expected: Expectation

    @property
    def error(self) -> float:
        """Trained minus forecast, held out, dB."""
        return float(self.row["held_out_psnr_db"]) - self.expected.held_out

    @property
    def kind(self) -> str:
        return kind_of_row(self.row)


def expectations(rows: list[Row]) -> list[Scored]:
    """Every row with its forecast, corrected by what the other signals taught."""
    known = references(rows)
    by_base = {
        base: fit([row for row in rows if base_of(row["signal"]) != base], known)
        for base in {base_of(row["signal"]) for row in rows}
    }
    return [Scored(row, by_base[base_of(row["signal"])].of(row, known.get(sweep_of(row)))) for row in rows]


def unseen_expectations(unseen: list[Row], seen: list[Row]) -> list[Scored]:
    """Rows of signals that nothing was fitted to, corrected by what all the others taught."""
    correction, known = fit(seen, references(seen)), references(unseen)
    return [Scored(row, correction.of(row, known.get(sweep_of(row)))) for row in unseen]


def half_widths(scored: list[Scored]) -> dict[str, float]:
    """By kind, the error that nine of ten forecasts of signals not fitted to stay below."""
    found = {}
    for kind in sorted({one.kind for one in scored}):
        found[kind] = float(np.quantile([abs(one.error) for one in scored if one.kind == kind], 0.9))
    return found


def seed_noise(trained: list[Row]) -> float:
    """Standard deviation, in dB, of the difference between two seeds' held-out scores of mapped encodings, by the
    median, which a few failures do not move."""
    scores: dict[tuple[str, ...], list[float]] = {}
    for row in trained:
        if kind_of(row["family"]) == "mapped":
            key = tuple(row[name] for name in KEYS if name != "seed")
            scores.setdefault(key, []).append(float(row["held_out_psnr_db"]))
    differences = [abs(pair[0] - pair[1]) for pair in scores.values() if len(pair) == 2]
    return 1.4826 * statistics.median(differences) if differences else 0.1


def second_seed(trained: list[Row], noise: float) -> list[float]:
    """What rank correlation is left to forecasts: that of a second seed's scores, sweep by sweep."""
    seeds: dict[Sweep, dict[str, dict[tuple[str, str], float]]] = {}
    for row in trained:
        scores = seeds.setdefault(sweep_of(row), {}).setdefault(row["seed"], {})
        scores[row["family"], row["bandwidth"]] = float(row["held_out_psnr_db"])
    found = []
    for by_seed in seeds.values():
        if len(by_seed.get("1", {})) == PER_SWEEP:
            keys = list(by_seed["1"])
            other, first = (np.array([by_seed[seed][key] for key in keys]) for seed in ("1", "0"))
            found.append(rank_correlation(other, first, noise))
    return found


def score_sweeps(
    scored: list[Scored], noise: float, data: Path, others: list[Scored] | None = None
) -> list[SweepScore]:
    """Score each sweep of which all candidates were trained; differences below ``noise`` dB count as ties. Intervals
    are those of the ``others`` (of ``scored`` themselves by default) that are not of the sweep's signal."""
    sweeps: dict[Sweep, list[Scored]] = {}
    for one in scored:
        sweeps.setdefault(sweep_of(one.row), []).append(one)
    whole = {sweep: part for sweep, part in sweeps.items() if len(part) == PER_SWEEP}
    widths = {
        signal: half_widths([one for one in others or scored if base_of(one.row["signal"]) != base_of(signal)])
        for signal in {sweep.signal for sweep in whole}
    }
    return [_score(sweep, part, widths[sweep.signal], noise, data) for sweep, part in whole.items()]


def smooth_sweeps(scored: list[Scored]) -> set[Sweep]:
    """Sweeps over smooth signals."""
    return {sweep_of(one.row) for one in scored if one.kind == "smooth"}


def summary(scores: list[SweepScore]) -> list[str]:
    """What the README quotes."""
    errors = [abs(error) for score in scores for error in score.errors]
    covered = [inside for score in scores for inside in score.covered]
    lines = [
        f"{len(scores)} sweeps, {len(errors)} networks",
        f"forecast error: median {np.median(errors):.2f} dB, 90th percentile {np.quantile(errors, 0.9):.2f} dB",
        f"inside the 90 % interval: {100 * np.mean(covered):.0f} %",
        f"rank correlation: median {np.median([s.correlation for s in scores]):.3f}, "
        f"mean {np.mean([s.correlation for s in scores]):.3f}, lowest {min(s.correlation for s in scores):.2f}, "
        f"{sum(s.correlation >= 0.95 for s in scores)} of at least 0.95",
    ]
    for rule in scores[0].regrets:
        lost = [score.regrets[rule] for score in scores if rule in score.regrets]
        lines.append(
            f"{rule:<24} loses {statistics.median(lost):5.2f} dB (median) {np.quantile(lost, 0.9):5.2f} (90 %) "
            f"{max(lost):5.2f} (worst) over {len(lost)} sweeps"
        )
    return lines


def _score(sweep: Sweep, scored: list[Scored], widths: dict[str, float], noise: float, data: Path) -> SweepScore:
    rows = [one.row for one in scored]
    trained = np.array([float(row["held_out_psnr_db"]) for row in rows])
    forecast = np.array([one.expected.held_out for one in scored])
    covered = [abs(one.error) <= widths[one.kind] for one in scored]
    chosen = {"tuner": _tuned(scored, widths), **{rule: pick(rows) for rule, pick in _rules(sweep, data).items()}}
    regrets = {rule: float(trained.max() - trained[index]) for rule, index in chosen.items()}
    errors = [one.error for one in scored]
    return SweepScore(sweep, errors, covered, rank_correlation(forecast, trained, noise), regrets)


def _rules(sweep: Sweep, data: Path) -> dict[str, Callable[[list[Row]], int]]:
    problem = problem_of(sweep, data)
    content = "text" if sweep.signal in TEXTS else "audio" if sweep.signal in (*SOUNDS, *PLAYED) else "photo"
    settings = FreshSettings(draws=_FRESH_DRAWS, depth=sweep.depth, width=sweep.width)

    def specs(rows: list[Row]) -> list[EncodingSpec]:
        return [encoding_of(row) for row in rows]

    return {
        "rule of thumb (1/50)": lambda rows: _nearest(rows, choose_by_rule(problem).encoding.bandwidth),
        "paper's fixed values": lambda rows: paper_value(problem, specs(rows), content),
        "SIREN's sample count": lambda rows: siren_octaves(problem, specs(rows)),
        "FreSh": lambda rows: fresh(problem, specs(rows), settings, families=("gaussian",)),
    }


def _tuned(scored: list[Scored], widths: dict[str, float]) -> int:
    """The tuner's choice among the candidates of a sweep, from training samples alone."""
    candidates = [_candidate(one, widths[one.kind]) for one in scored]
    ranked = sorted(candidates, key=lambda candidate: -candidate.held_out_psnr_db)
    encoding = choose(ranked).encoding
    return [candidate.encoding for candidate in candidates].index(encoding)


def _candidate(one: Scored, half: float) -> Candidate:
    inner = one.expected.inner
    scores = FiniteForecast(one.expected.train, inner, inner - half, inner + half)
    share = noise_share(float(one.row["noise"]), inner)
    smooth = one.row["smooth"] == "1"
    return Candidate(encoding_of(one.row), int(one.row["steps"]), scores, True, noise_share=share, smooth=smooth)


def _nearest(rows: list[Row], bandwidth: object) -> int:
    assert isinstance(bandwidth, float)
    gaussians = [i for i, row in enumerate(rows) if row["family"] == "gaussian"]
    return min(gaussians, key=lambda i: abs(np.log(float(rows[i]["bandwidth"]) / bandwidth)))


def rank_correlation(forecast: np.ndarray, trained: np.ndarray, noise: float) -> float:
    """Spearman's, over groups: trained scores that differ by less than ``noise`` from a neighbour's are one rank, and
    the forecasts of a group are put in its order before ranks are taken.

    >>> rank_correlation(np.array([1.0, 3.0, 2.0]), np.array([1.0, 2.0, 2.05]), 0.1)
    1.0
    """
    from scipy.stats import spearmanr

    order = np.argsort(trained)
    tied = forecast.copy()
    for group in _groups(trained[order], noise):
        members = order[group]
        tied[members] = np.sort(forecast[members])
    return float(spearmanr(tied, trained).statistic)


def _groups(ascending: np.ndarray, noise: float) -> list[list[int]]:
    """Runs of scores whose ends differ by less than ``noise``."""
    groups: list[list[int]] = [[0]]
    for i in range(1, len(ascending)):
        if ascending[i] - ascending[groups[-1][0]] < noise:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups

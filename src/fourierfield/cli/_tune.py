"""The command ``fourierfield tune``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..encodings._registry import FAMILIES
from ..errors import SettingsError
from . import _options as options
from ._progress import Heartbeat, ProgressDisplay, StopSignals, say, show
from ._words import ENCODINGS_TO_SEARCH, RELIABLE_DB, joined

if TYPE_CHECKING:
    from ..report._candidates import Candidate as Drawn
    from ..tasks._tune import TuneOutcome
    from ..tuning._tuner import Candidate


_SHOWN = 12  # candidates in the printed table: bounds its length, any small number would do; --json lists all


def command(
    signal: options.SignalToAnalyse,
    kind: options.KindToAnalyse = None,
    encoding: Annotated[
        str, typer.Option(help=f"The family of encodings to search: {ENCODINGS_TO_SEARCH}. auto searches all.")
    ] = "auto",
    features: Annotated[
        int | None, typer.Option(help="Number of frequencies of the encodings.", show_default="256, and half and twice")
    ] = None,
    depth: options.Depth = None,
    width: options.Width = None,
    steps: options.Steps = None,
    learning_rate: options.LearningRate = None,
    hold_out: Annotated[
        str, typer.Option(help="Samples to leave out of the choice, as fit does: none, grid or random:FRACTION.")
    ] = "none",
    seed: Annotated[int, typer.Option(help="Seed of the frequencies, the hold-out and simulated noise.")] = 0,
    simulate: options.Simulate = None,
    angles: options.Angles = None,
    transmission: options.Transmission = None,
    centre: options.Centre = None,
    fan: options.Fan = None,
    spacing: options.Spacing = None,
    slice_: options.Slice = None,
    mask: options.Mask = None,
    maps: options.Maps = None,
    trajectory: options.Trajectory = None,
    plot: Annotated[str | None, typer.Option(help="A PNG picture of the candidates to write.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Forecast how well each encoding would fit a signal, and recommend one without any training.

    The forecasts and their 90 % intervals are of the PSNR on samples left out.
    fourierfield fit makes the same choice unless it is given an encoding.
    """
    choices = options.by_name(locals(), leave_out=("signal", "kind", "plot", "as_json"))
    outcome = _tune(signal, kind, choices, plot)
    if as_json:
        show(json.dumps({**_to_json(outcome), "plot": plot}, allow_nan=False))
    else:
        for line in _lines(outcome):
            show(line)


def _tune(signal: str, kind: str | None, choices: dict[str, Any], plot: str | None) -> TuneOutcome:
    with StopSignals() as stop:
        from ..grids._files import atomic_write, check_writable, refuse_overwriting
        from ..kinds._read import read_to_analyse
        from ..kinds._registry import KINDS
        from ..report._candidates import candidates_picture
        from ..tasks._settings import FitSettings
        from ..tasks._task import FitEvents

        if plot is not None and Path(plot).suffix.lower() != ".png":
            raise SettingsError(f"--plot {plot}: the picture is a PNG; end its name in .png")
        path = None if plot is None else check_writable(plot)
        settings = FitSettings(kind=kind, **choices)
        refuse_overwriting({"--plot": plot}, (signal, *settings.side_files))
        with Heartbeat(f"reading {signal}") as heartbeat, ProgressDisplay(heartbeat) as display:
            source = read_to_analyse(signal, kind, settings)
            events = FitEvents(say, display, stop.number, display.tuning, heartbeat)
            heartbeat("choosing an encoding")
            outcome: TuneOutcome = KINDS[source.kind].tune(source, settings, events.judged)
        if path is not None:
            atomic_write(path, candidates_picture(_drawn(outcome), title=source.name))
        return outcome


def _to_json(outcome: TuneOutcome) -> dict[str, Any]:
    from ..tuning._translation import translate

    choice, dimensions = outcome.choice, outcome.problem.domain.dimensions
    second = choice.runner_up
    return {
        "signal": outcome.signal.name,
        "choice": _candidate_json(outcome, choice.candidates[0]),
        "reason": choice.reason,
        "runner_up": None if second is None else _candidate_json(outcome, second),
        "candidates": [_candidate_json(outcome, candidate) for candidate in choice.candidates],
        "translations": [
            {"package": found.package, "code": found.code, "remark": found.remark, "exact": found.exact}
            for found in (
                translate(choice.encoding, dimensions) if FAMILIES[choice.encoding.family].has_frequencies else ()
            )
        ],
        "training_samples": len(outcome.problem.training),
        "notes": list(outcome.notes),
        "seconds": round(outcome.seconds, 3),
    }


def _candidate_json(outcome: TuneOutcome, candidate: Candidate) -> dict[str, Any]:
    encoding, scores = candidate.encoding, candidate.scores
    bandwidth = encoding.bandwidth
    return {
        "family": encoding.family,
        "bandwidth": list(bandwidth) if isinstance(bandwidth, tuple) else bandwidth,
        **_scaled(outcome, bandwidth),
        "features": encoding.count_features(outcome.problem.domain.dimensions),
        "steps": candidate.steps,
        "held_out_psnr_db": _rounded(scores.held_out_psnr_db),
        "held_out_low_db": _rounded(scores.low_db),
        "held_out_high_db": _rounded(scores.high_db),
        "train_psnr_db": _rounded(scores.train_psnr_db),
        "looked_at_closely": candidate.closely,
        "seconds": round(candidate.seconds, 4),
    }


def _scaled(outcome: TuneOutcome, bandwidth: float | tuple[float, ...] | None) -> dict[str, Any]:
    """Return a bandwidth per sample of the signal, as a share of the training samples' Nyquist frequency, and in Hz."""
    domain, problem = outcome.problem.domain, outcome.problem
    factors = {
        "bandwidth_per_sample": max(problem.training.grid.spacing),
        "share_of_nyquist": 2 / problem.samples_per_unit,
        **({"bandwidth_hz": 1 / domain.scale} if domain.in_time else {}),
    }
    return {name: _times(bandwidth, factor) for name, factor in factors.items()}


def _times(bandwidth: float | tuple[float, ...] | None, factor: float) -> Any:
    if bandwidth is None:
        return None
    return [b * factor for b in bandwidth] if isinstance(bandwidth, tuple) else bandwidth * factor


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _lines(outcome: TuneOutcome) -> list[str]:
    from ..report._terminal import terminal_plot
    from ..tuning._choice import encoding_words
    from ..tuning._translation import translate

    choice = outcome.choice
    points = [(c.family, c.scale, c.held_out_psnr_db) for c in _drawn(outcome) if c.scale is not None]
    lines = [terminal_plot(points), ""] if points else []
    lines.append(f"{'':<3}{'encoding':<26}{'frequencies':>11}{'steps':>7}{'left out':>10}{'90 %':>15}{'training':>11}")
    lines += [_row(outcome, i, candidate) for i, candidate in enumerate(choice.candidates[:_SHOWN])]
    if len(choice.candidates) > _SHOWN:
        lines.append(f"   … and {len(choice.candidates) - _SHOWN} more (--json lists all)")
    scaled = _scaled(outcome, choice.encoding.bandwidth)
    lines += ["", f"take      {encoding_words(choice.encoding)}: {choice.reason}"]
    if choice.encoding.bandwidth is not None:
        lines.append(f"bandwidth {_bandwidth_words(scaled)}")
    if FAMILIES[choice.encoding.family].has_frequencies:
        lines += [
            f"{t.package + ':':<26}{t.code}" for t in translate(choice.encoding, outcome.problem.domain.dimensions)
        ]
    lines += [f"note      {note}" for note in outcome.notes]
    lines.append(f"time      {outcome.seconds:.1f} s for {len(choice.candidates)} forecasts; nothing was trained")
    return lines


def _row(outcome: TuneOutcome, index: int, candidate: Candidate) -> str:
    from ..tuning._choice import encoding_words

    scores = candidate.scores
    count = candidate.encoding.count_features(outcome.problem.domain.dimensions)
    train = f"{scores.train_psnr_db:.1f} dB" if scores.train_psnr_db < RELIABLE_DB else f"> {RELIABLE_DB:.0f} dB"
    return (
        f"{'→' if index == 0 else ' ':<3}{encoding_words(candidate.encoding):<26}{count:>11}{candidate.steps:>7}"
        f"{scores.held_out_psnr_db:>7.2f} dB{f'{scores.low_db:.1f} to {scores.high_db:.1f}':>15}{train:>11}"
    )


def _bandwidth_words(scaled: dict[str, Any]) -> str:
    hertz = f", {joined(scaled['bandwidth_hz'], 3)} Hz" if "bandwidth_hz" in scaled else ""
    return (
        f"{joined(scaled['bandwidth_per_sample'], 3)} cycles per sample{hertz}, "
        f"{joined(scaled['share_of_nyquist'], 3)} of the training samples' Nyquist frequency"
    )


def _drawn(outcome: TuneOutcome) -> list[Drawn]:
    """Return the candidates as plots show them."""
    from ..report._candidates import Candidate as Drawn

    dimensions = outcome.problem.domain.dimensions
    return [Drawn.of(candidate, dimensions) for candidate in outcome.choice.candidates]

"""From what a fit found to what its page shows."""

from __future__ import annotations

import shlex
from dataclasses import fields
from pathlib import Path

import torch

from ... import __version__
from ...fitting import FitDetails, FitOutcome, FitSettings
from ...fitting.foreseen import HELD_OUT
from ...tuning import Candidate as Tuned
from ..candidates import Candidate
from ..diagnosis import diagnose
from ..evidence import Curve
from ..style import three_digits
from .content import Choice, Forecast, Learning, Missing, PageContent, Recipe, Scores, SignalFacts
from .evidence_of_fit import evidence_of_fit, theory_curve
from .shown import shown_values
from .theory_of_fit import band_errors, impulse_response

__all__ = ["page_of_fit"]


def page_of_fit(outcome: FitOutcome, command: str | None = None) -> PageContent:
    """All of a page, from the outcome of a fit with ``settings.report``; ``command`` is how the fit was called.

    Takes some seconds: the field is evaluated at the signal's samples, and the error by band forecast. Raises
    ``ValueError`` for an outcome without details.
    """
    details = outcome.details
    if details is None:
        raise ValueError("this outcome has no details to draw a page from")
    facts = _facts(outcome, details)
    candidates = _candidates(details)
    values, shown = shown_values(details.signal, outcome.field, details.problem.value_range)
    return PageContent(
        title=f"{facts.name}, fitted",
        signal=facts,
        encoding=_encoding(outcome, facts),
        scores=_scores(outcome),
        diagnosis=diagnose(evidence_of_fit(outcome, details, candidates)),
        recipe=_recipe(outcome, details, command),
        forecast=_forecast(details),
        values=values,
        learning=_learning(outcome, details),
        bands=band_errors(details),
        response=impulse_response(details),
        choice=_choice(details, candidates),
        notes=[*([shown] if shown else []), *_notes(outcome, details)],
    )


def _facts(outcome: FitOutcome, details: FitDetails) -> SignalFacts:
    signal, domain = details.signal, details.signal.domain
    return SignalFacts(
        signal.name,
        signal.kind,
        signal.shape,
        signal.channels,
        domain.scale,
        domain.units[0],
        signal.file_bytes,
        Path(outcome.path).stat().st_size if outcome.path else None,
    )


def _encoding(outcome: FitOutcome, facts: SignalFacts) -> str:
    encoding = outcome.field.record["encoding"]
    if encoding["bandwidth"] is None:
        return encoding["family"]
    bandwidth = encoding["bandwidth"]
    values = bandwidth if isinstance(bandwidth, list | tuple) else [bandwidth]
    words = " × ".join(three_digits(value) for value in values)
    physical = " × ".join(facts.frequency(value) for value in values)
    return f"{encoding['family']}, bandwidth {words} cycles per unit ({physical}), {encoding['features']:,} frequencies"


def _scores(outcome: FitOutcome) -> Scores:
    record = outcome.field.record
    metrics = {name: value for name, value in record["metrics"].items() if value is not None}
    train, held_out = metrics.pop("train_psnr_db"), metrics.pop("held_out_psnr_db", None)
    return Scores(train, held_out, record["baselines"], metrics)


def _forecast(details: FitDetails) -> Forecast:
    """With the held-out score if it is that of the samples that were held out."""
    scores = details.foreseen.scores
    if details.foreseen.on != HELD_OUT:
        return Forecast(scores.train_psnr_db)
    return Forecast(scores.train_psnr_db, scores.held_out_psnr_db, scores.low_db, scores.high_db)


def _learning(outcome: FitOutcome, details: FitDetails) -> Learning:
    theory = theory_curve(details)
    if details.foreseen.on != HELD_OUT:
        theory = Curve(theory.steps, theory.train_psnr_db)
    return Learning(Curve.of_record(outcome.field.record["curve"]), theory)


def _candidates(details: FitDetails) -> list[Candidate]:
    """Those of the choice, best first."""
    dimensions = details.problem.domain.dimensions
    found = [_candidate(tuned, dimensions) for tuned in details.plan.choice.candidates]
    return sorted(found, key=lambda candidate: -candidate.held_out_psnr_db)


def _candidate(tuned: Tuned, dimensions: int) -> Candidate:
    encoding, scores = tuned.encoding, tuned.scores
    return Candidate(
        encoding.family,
        encoding.bandwidth,
        encoding.count_features(dimensions),
        tuned.held_out_psnr_db,
        scores.train_psnr_db,
        scores.low_db,
        scores.high_db,
    )


def _choice(details: FitDetails, candidates: list[Candidate]) -> Choice | Missing:
    if not candidates:
        if details.resumed_from:
            return Missing("other encodings were forecast when the run began, not when it was taken up again.")
        return Missing(f"no others were forecast: {_fixed(details.plan.choice.reason)}.")
    chosen = _candidate(details.plan.choice.candidates[0], details.problem.domain.dimensions)
    return Choice(candidates, candidates.index(chosen))


def _fixed(reason: str) -> str:
    return "it is the one that was asked for" if "asked" in reason else reason


def _recipe(outcome: FitOutcome, details: FitDetails, command: str | None) -> Recipe:
    record = outcome.field.record
    training, network = record["training"], record["network"]
    return Recipe(
        command or _call(details),
        __version__,
        record["settings"]["seed"],
        training["precision"],
        training["device"],
        torch.get_num_threads(),
        {
            "steps": f"{record['steps']:,} of {training['batch_size']:,} samples",
            "learning rate": f"{training['learning_rate']:g} at most",
            "network": f"depth {network['depth']}, width {network['width']}",
            "hold-out": record["settings"]["hold_out"],
            "encoding": training["chosen_by"],
        },
    )


def _call(details: FitDetails) -> str:
    """How it is done from Python: the settings that are not the default."""
    settings = details.settings
    chosen = [
        f"{field.name}={str(value) if isinstance(value, Path) else value!r}"
        for field in fields(FitSettings)
        if (value := getattr(settings, field.name)) != field.default
    ]
    return f"fourierfield.fit({', '.join([shlex.quote(details.signal.name), *chosen])})"


def _notes(outcome: FitOutcome, details: FitDetails) -> list[str]:
    foreseen, recorder = details.foreseen, details.recorder
    notes = [f"By frequency: {note}." for note in recorder.window.notes] if recorder is not None else []
    if foreseen.on != HELD_OUT and foreseen.scores.held_out_psnr_db is not None:
        scores = foreseen.scores
        notes.append(
            f"Forecast on {foreseen.on}: {scores.held_out_psnr_db:.1f} dB ({scores.low_db:.1f} to "
            f"{scores.high_db:.1f} in nine cases of ten)."
        )
    if outcome.already_finished:
        notes.append("Finished before this page was asked for: the error by frequency is the forecast's alone.")
    elif details.resumed_from:
        notes.append(f"Taken up again at step {details.resumed_from:,}: the error by frequency is measured from there.")
    return notes

"""Make the content of a page from the outcome of a fit."""

from __future__ import annotations

import shlex
from dataclasses import fields
from pathlib import Path

import torch

from ..._version import __version__
from ...tasks._forecast import HELD_OUT
from ...tasks._reporting import FitDetails
from ...tasks._run import FitOutcome
from ...tasks._settings import FitSettings
from .._candidates import Candidate
from .._diagnosis import diagnose
from .._evidence import Curve
from .._style import three_digits
from ._content import Choice, Forecast, Learning, Missing, PageContent, Recipe, Scores, SignalFacts
from ._evidence import band_errors, evidence_of_fit, impulse_response, shown_values, theory_curve


def page_of_fit(outcome: FitOutcome, command: str | None = None) -> PageContent:
    """Make the content of a page from the outcome of a fit with ``settings.report``.

    ``command`` is the call of the fit. This takes some seconds: the field is evaluated at the signal's samples, and the
    error by band is forecast. Raises ``ValueError`` if the outcome has no details.
    """
    details = outcome.details
    if details is None:
        raise ValueError("this outcome has no details to draw a page from")
    facts = _facts(outcome, details)
    candidates = _candidates(details)
    values, shown = shown_values(details.signal, outcome.field, details.problem.value_range)
    return PageContent(
        title=f"Fit of {facts.name}",
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
    """Return the forecast, with its held-out score only if that is of the samples that were held out."""
    scores = details.forecast.scores
    if details.forecast.on != HELD_OUT:
        return Forecast(scores.train_psnr_db)
    return Forecast(scores.train_psnr_db, scores.held_out_psnr_db, scores.low_db, scores.high_db)


def _learning(outcome: FitOutcome, details: FitDetails) -> Learning:
    theory = theory_curve(details)
    if details.forecast.on != HELD_OUT:
        theory = Curve(theory.steps, theory.train_psnr_db)
    return Learning(Curve.of_record(outcome.field.record["curve"]), theory)


def _candidates(details: FitDetails) -> list[Candidate]:
    """Return the candidates of the choice, best first."""
    dimensions = details.problem.domain.dimensions
    found = [Candidate.of(tuned, dimensions) for tuned in details.plan.choice.candidates]
    return sorted(found, key=lambda candidate: -candidate.held_out_psnr_db)


def _choice(details: FitDetails, candidates: list[Candidate]) -> Choice | Missing:
    if not candidates:
        if details.resumed_from:
            return Missing("other encodings were forecast when the run began, not when it was resumed.")
        return Missing(f"no other encodings were forecast: {_fixed(details.plan.choice.reason)}.")
    chosen = Candidate.of(details.plan.choice.candidates[0], details.problem.domain.dimensions)
    return Choice(candidates, candidates.index(chosen))


def _fixed(reason: str) -> str:
    return "this one was asked for" if "asked" in reason else reason


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
            "steps": f"{record['steps']:,} with {training['batch_size']:,} samples each",
            "learning rate": f"{training['learning_rate']:g} at most",
            "network": f"depth {network['depth']}, width {network['width']}",
            "hold-out": record["settings"]["hold_out"],
            "encoding": training["chosen_by"],
        },
    )


def _call(details: FitDetails) -> str:
    """Return the call from Python, with the settings that differ from their defaults."""
    settings = details.settings
    chosen = [
        f"{field.name}={str(value) if isinstance(value, Path) else value!r}"
        for field in fields(FitSettings)
        if (value := getattr(settings, field.name)) != field.default
    ]
    return f"fourierfield.fit({', '.join([shlex.quote(details.signal.name), *chosen])})"


def _notes(outcome: FitOutcome, details: FitDetails) -> list[str]:
    forecast, recorder = details.forecast, details.recorder
    notes = [f"Error by frequency: {note}." for note in recorder.window.notes]
    if forecast.on != HELD_OUT and forecast.scores.held_out_psnr_db is not None:
        scores = forecast.scores
        notes.append(
            f"Forecast on {forecast.on}: {scores.held_out_psnr_db:.1f} dB ({scores.low_db:.1f} to "
            f"{scores.high_db:.1f} in nine cases of ten)."
        )
    if outcome.already_finished:
        notes.append("The fit was finished before this page was asked for, so the error by frequency is only forecast.")
    elif details.resumed_from:
        notes.append(f"Resumed at step {details.resumed_from:,}: the error by frequency is measured from there on.")
    return notes

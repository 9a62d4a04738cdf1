"""``fourierfield fit``."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import SettingsError
from .progress import ProgressDisplay, say
from .stop import StopSignals
from .words import KINDS, READABLE

if TYPE_CHECKING:
    from ..fitting import FitOutcome

__all__ = ["command"]

_RELIABLE = 40.0  # dB
_MOMENT = 0.5  # seconds
_FAMILIES = "auto, none, basic, positional, nerf, power-law, gaussian, laplace, uniform or log-uniform"


def command(
    signal: Annotated[str, typer.Argument(help=f"The file to fit: {READABLE}.")],
    kind: Annotated[
        str | None,
        typer.Option("--as", help=f"What the file holds, instead of telling by its content: {KINDS}."),
    ] = None,
    method: Annotated[str, typer.Option(help="network.")] = "network",
    encoding: Annotated[str, typer.Option(help=f"{_FAMILIES}. auto forecasts some fifty and takes the best.")] = "auto",
    bandwidth: Annotated[
        str | None, typer.Option(help="Cycles per unit (the longest side), or with a unit: 0.02/px, 440Hz.")
    ] = None,
    features: Annotated[int | None, typer.Option(help="Number of frequencies.", show_default="256")] = None,
    depth: Annotated[int | None, typer.Option(help="Linear layers.", show_default="4")] = None,
    width: Annotated[int | None, typer.Option(help="Units per hidden layer.", show_default="256")] = None,
    steps: Annotated[int | None, typer.Option(help="Optimiser steps.", show_default="by the number of samples")] = None,
    time: Annotated[float | None, typer.Option(help="Seconds to spend, instead of --steps.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate.", show_default="0.01")] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Samples per step.", show_default="1024 to 4096; paper: all")
    ] = None,
    hold_out: Annotated[str, typer.Option(help="none, grid (every second sample) or random:FRACTION.")] = "none",
    preset: Annotated[str, typer.Option(help="default, or paper (Tancik et al. 2020).")] = "default",
    seed: Annotated[int, typer.Option(help="Seed of frequencies, weights, batches and hold-out.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = "auto",
    out: Annotated[
        str | None, typer.Option(help="The field to write.", show_default="SIGNAL's name with .safetensors, here")
    ] = None,
    report: Annotated[
        str | None, typer.Option(help="A page to write too, PAGE.html: forecast beside measured, and what to change.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint of an interrupted fit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Choose an encoding, fit the signal, and save the field."""
    choices = dict(locals())
    for name in ("signal", "kind", "as_json"):
        choices.pop(name)
    outcome = _fit(signal, kind, choices)
    if as_json:
        typer.echo(json.dumps(outcome.to_json(), allow_nan=False))
    else:
        _print_summary(outcome)


def _fit(signal: str, kind: str | None, choices: dict[str, Any]) -> FitOutcome:
    with StopSignals() as stop:
        from ..fitting import FitEvents, FitSettings
        from ..report import fit_and_report
        from ..signals import read_signal
        from ..training import keep_freed_memory

        choices["out"] = choices["out"] or f"{Path(signal).stem}.safetensors"
        settings = FitSettings(**choices)
        keep_freed_memory()
        source = read_signal(signal, kind)
        for option in ("out", "report"):
            if choices[option] and Path(choices[option]).resolve() == Path(signal).resolve():
                raise SettingsError(f"--{option} {choices[option]} would overwrite the signal; choose another name")
        with ProgressDisplay() as display:
            events = FitEvents(say, display, stop.number, display.tuning)
            return fit_and_report(source, settings, events, shlex.join(["fourierfield", *sys.argv[1:]]))


def _print_summary(outcome: FitOutcome) -> None:
    result = outcome.to_json()
    for line in _summary_lines(result):
        typer.echo(line)


def _summary_lines(result: dict[str, Any]) -> list[str]:
    signal, encoding, metrics, training = (result[key] for key in ("signal", "encoding", "metrics", "training"))
    size = "×".join(str(n) for n in signal["shape"])
    scale = ""
    if isinstance(encoding["bandwidth"], float):
        per_sample, hertz = encoding["bandwidth_per_sample"], encoding.get("bandwidth_hz")
        physical = f"{per_sample:.3g} per sample" if hertz is None else f"{hertz:.4g} Hz"
        scale = f", bandwidth {encoding['bandwidth']:.4g} cycles per unit ({physical})"
    lines = [
        f"signal    {signal['name']}: {signal['kind']}, {size}, {signal['channels']} channels"
        + (f", {signal['rate']:,} per second ({signal['duration']:.4g} s)" if "rate" in signal else "")
        + (f", {signal['missing']:,} samples missing" if signal["missing"] else ""),
        f"encoding  {encoding['family']}{scale}, {encoding['features']} frequencies; {training['chosen_by']}",
        f"training  {_decibels(metrics, 'train')} on {training['samples']:,} samples, {result['steps']:,} steps",
    ]
    if metrics["held_out_psnr_db"] is not None:
        cubic = result["baselines"].get("cubic_psnr_db")
        rival = "" if cubic is None else f"; cubic interpolation {cubic:.2f} dB"
        lines.append(f"held out  {_decibels(metrics, 'held_out')} on {training['held_out_samples']:,} samples{rival}")
    if result["forecast"] is not None:
        lines.append(f"forecast  {_forecast_words(result['forecast'])}")
    lines.extend(f"note      {note}" for note in result["notes"][1:])
    if metrics["ssim"] is not None:
        lines.append(f"SSIM      {metrics['ssim']:.4f} (all samples)")
    lines.append(_time_line(result["seconds"]))
    lines.append(_field_line(result))
    if result["report"] is not None:
        lines.append(f"report    {result['report']}")
    return lines


def _forecast_words(forecast: dict[str, Any]) -> str:
    """Both forecasts; that of the training samples is not to be trusted beyond 40 dB."""
    train = forecast["train_psnr_db"]
    words = f"{train:.2f} dB in training" if train < _RELIABLE else f"above {_RELIABLE:.0f} dB in training"
    if forecast["held_out_psnr_db"] is None:
        return words
    low, high = forecast["held_out_low_db"], forecast["held_out_high_db"]
    return f"{forecast['held_out_psnr_db']:.2f} dB ({low:.1f} to {high:.1f}) on {forecast['held_out_samples']}; {words}"


def _decibels(metrics: dict[str, Any], samples: str) -> str:
    """PSNR, and SNR of sound."""
    snr = metrics.get(f"{samples}_snr_db")
    return f"{metrics[f'{samples}_psnr_db']:.2f} dB" + ("" if snr is None else f" (SNR {snr:.2f} dB)")


def _time_line(seconds: dict[str, float]) -> str:
    page = seconds.get("report", 0.0)
    report = f"{page:.1f} s for the report, " if page >= _MOMENT else ""
    return f"time      {seconds['fit']:.1f} s to fit, {report}{seconds['total']:.1f} s in all"


def _field_line(result: dict[str, Any]) -> str:
    size = Path(result["field"]).stat().st_size / 1e6
    file_size = f"; the signal's file has {result['signal']['bytes'] / 1e6:.2f} MB" if result["signal"]["bytes"] else ""
    state = "already finished" if result["already_finished"] else "saved"
    return f"field     {result['field']} {state}, {size:.2f} MB{file_size}"

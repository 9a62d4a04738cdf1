"""The closing lines of ``fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..kinds._registry import KINDS
from ._words import RELIABLE_DB, joined

_MOMENT = 0.5  # seconds: shorter times for the report are not printed; any value below a second would do


def summary_lines(result: dict[str, Any]) -> list[str]:
    """Return the lines that summarise a fit, from the object that ``--json`` prints."""
    kind = KINDS[result["signal"]["kind"]]
    return [
        kind.signal_line(result["signal"]),
        _encoding_line(result),
        *([kind.kernel_line(result)] if "kernel" in result else []),
        *kind.score_lines(result),
        *_forecast_lines(result),
        *_closing_lines(result),
    ]


def _encoding_line(result: dict[str, Any]) -> str:
    encoding = result["encoding"]
    scale = "" if encoding["bandwidth"] is None else f", bandwidth {_bandwidth_words(encoding)}"
    count = "infinitely many" if encoding["features"] is None else str(encoding["features"])
    return f"encoding  {encoding['family']}{scale}, {count} frequencies; {result['training']['chosen_by']}"


def _bandwidth_words(encoding: dict[str, Any]) -> str:
    """Return the bandwidth in cycles per unit and in the physical unit, if there is one, or per sample."""
    names = [name for name in encoding if name.startswith("bandwidth_") and name != "bandwidth_per_sample"]
    physical = names[0] if names else "bandwidth_per_sample"
    unit = {"hz": "Hz", "per_sample": "per sample"}.get(physical.removeprefix("bandwidth_"), "")
    unit = unit or "per " + physical.removeprefix("bandwidth_per_")
    return f"{joined(encoding['bandwidth'], 4)} cycles per unit ({joined(encoding[physical], 4)} {unit})"


def _forecast_lines(result: dict[str, Any]) -> list[str]:
    """Return the lines of the forecasts, the notes and the structural similarity."""
    forecast = result["forecast"]
    lines = [] if forecast is None else [f"forecast  {_forecast_words(forecast)}"]
    lines.extend(f"note      {note}" for note in result["notes"][1:])
    ssim = result["metrics"]["ssim"]
    return lines + ([] if ssim is None else [f"SSIM      {ssim:.4f} ({_samples_of_ssim(result)})"])


def _samples_of_ssim(result: dict[str, Any]) -> str:
    if "views" not in result["training"]:
        return "all samples"
    return "training views" if result["metrics"]["held_out_psnr_db"] is None else "held-out views"


def _forecast_words(forecast: dict[str, Any]) -> str:
    train = forecast["train_psnr_db"]
    words = "" if train is None else _in_training(train)
    held_out, low, high = (forecast[f"held_out_{name}"] for name in ("psnr_db", "low_db", "high_db"))
    if held_out is None:
        return words
    interval = "" if low is None else f" ({low:.1f} to {high:.1f})"
    return "; ".join(filter(None, [f"{held_out:.2f} dB{interval} on {forecast['held_out_samples']}", words]))


def _in_training(train: float) -> str:
    return f"{train:.2f} dB in training" if train < RELIABLE_DB else f"above {RELIABLE_DB:.0f} dB in training"


def _closing_lines(result: dict[str, Any]) -> list[str]:
    lines = [_time_line(result["seconds"]), _field_line(result)]
    return lines + ([] if result["report"] is None else [f"report    {result['report']}"])


def _time_line(seconds: dict[str, float]) -> str:
    page = seconds.get("report", 0.0)
    report = f"{page:.1f} s for the report, " if page >= _MOMENT else ""
    return f"time      {seconds['fit']:.1f} s to fit, {report}{seconds['total']:.1f} s in all"


def _field_line(result: dict[str, Any]) -> str:
    size = Path(result["field"]).stat().st_size / 1e6
    file_size = f"; the signal's file has {result['signal']['bytes'] / 1e6:.2f} MB" if result["signal"]["bytes"] else ""
    state = "already finished" if result["already_finished"] else "saved"
    return f"field     {result['field']} {state}, {size:.2f} MB{file_size}"

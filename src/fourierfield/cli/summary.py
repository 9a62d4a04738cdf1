"""What ``fit`` prints at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .scan_lines import scan_kernel_line, scan_score_lines, scan_signal_line

__all__ = ["summary_lines"]

_RELIABLE = 40.0  # dB
_MOMENT = 0.5  # seconds


def summary_lines(result: dict[str, Any]) -> list[str]:
    """Lines for people, of the object that ``--json`` prints."""
    parts = (_signal_lines, _encoding_lines, _score_lines, _forecast_lines, _closing_lines)
    return [line for part in parts for line in part(result)]


def _signal_lines(result: dict[str, Any]) -> list[str]:
    signal = result["signal"]
    if signal["kind"] == "table":
        inputs, outputs = (", ".join(signal[key]) for key in ("inputs", "outputs"))
        return [f"signal    {signal['name']}: table of {signal['shape'][0]:,} points; {outputs} over {inputs}"]
    if signal["kind"] == "views":
        height, width = signal["size"]
        alpha = " with opacities" if signal["channels"] == 4 else ""
        return [f"signal    {signal['name']}: {signal['views']} views of {height}×{width}{alpha}"]
    if signal["kind"] == "mesh":
        return [_mesh_line(signal)]
    if signal["kind"] in ("ct", "mri"):
        return [scan_signal_line(signal)]
    size = "×".join(str(n) for n in signal["shape"])
    rate = f", {signal['rate']:,} per second ({signal['duration']:.4g} s)" if "rate" in signal else ""
    missing = f", {signal['missing']:,} samples missing" if signal["missing"] else ""
    return [f"signal    {signal['name']}: {signal['kind']}, {size}, {signal['channels']} channels{rate}{missing}"]


def _mesh_line(signal: dict[str, Any]) -> str:
    extents = " × ".join(f"{length:.4g}" for length in signal["extents"])
    state = "watertight" if signal["watertight"] else "not watertight"
    return (
        f"signal    {signal['name']}: mesh, {signal['vertices']:,} vertices, {signal['faces']:,} triangles, {state}, "
        f"{extents}"
    )


def _encoding_lines(result: dict[str, Any]) -> list[str]:
    encoding, kernel = result["encoding"], result.get("kernel")
    scale = "" if encoding["bandwidth"] is None else f", bandwidth {_bandwidth_words(encoding)}"
    count = "infinitely many" if encoding["features"] is None else str(encoding["features"])
    lines = [f"encoding  {encoding['family']}{scale}, {count} frequencies; {result['training']['chosen_by']}"]
    if kernel and "amplitude" in kernel:
        lines.append(scan_kernel_line(result))
    elif kernel:
        name = {"all": "NTK", "last": "NNGP (only the last layer learns)"}[kernel["trained"]]
        depth, ridge = result["network"]["depth"], kernel["ridge"]
        lines.append(f"kernel    {name} of depth {depth}, infinitely wide; ridge {ridge:.2g} of k(0)")
    return lines


def _bandwidth_words(encoding: dict[str, Any]) -> str:
    """In cycles per unit, and per Hz, mm or sample."""

    def words(value: Any) -> str:
        return "×".join(f"{v:.4g}" for v in (value if isinstance(value, list) else [value]))

    names = [name for name in encoding if name.startswith("bandwidth_") and name != "bandwidth_per_sample"]
    physical = names[0] if names else "bandwidth_per_sample"
    unit = {"hz": "Hz", "per_sample": "per sample"}.get(physical.removeprefix("bandwidth_"), "")
    unit = unit or "per " + physical.removeprefix("bandwidth_per_")
    return f"{words(encoding['bandwidth'])} cycles per unit ({words(encoding[physical])} {unit})"


def _score_lines(result: dict[str, Any]) -> list[str]:
    metrics, training, kernel = result["metrics"], result["training"], result.get("kernel")
    if "views" in training:
        return _view_lines(result)
    if result["signal"]["kind"] in ("ct", "mri"):
        return scan_score_lines(result)
    effort = f"{kernel['iterations']} iterations" if kernel else f"{result['steps']:,} steps"
    lines = [f"training  {_scores(metrics, 'train')} on {training['samples']:,} samples, {effort}"]
    lines += _shape_lines(metrics)
    if metrics["held_out_psnr_db"] is not None:
        cubic = result["baselines"].get("cubic_psnr_db")
        rival = "" if cubic is None else f"; cubic interpolation {cubic:.2f} dB"
        lines.append(f"held out  {_scores(metrics, 'held_out')} on {training['held_out_samples']:,} samples{rival}")
    if metrics.get("held_out_within_90") is not None:
        lines.append(
            f"intervals {metrics['held_out_within_90']:.1%} of the held-out values lie in their 90 % intervals"
        )
    return lines


def _view_lines(result: dict[str, Any]) -> list[str]:
    """Scores of posed pictures."""
    metrics, training, mean = result["metrics"], result["training"], result["baselines"].get("mean_image_psnr_db")
    lines = [f"training  {_scores(metrics, 'train')} on {training['views']} views, {result['steps']:,} steps"]
    if metrics["held_out_psnr_db"] is not None:
        rival = "" if mean is None else f"; the mean picture {mean:.2f} dB"
        lines.append(f"held out  {_scores(metrics, 'held_out')} on {training['held_out_views']} views{rival}")
    return lines


def _shape_lines(metrics: dict[str, Any]) -> list[str]:
    """How near a field's shape is to its mesh."""
    if "iou_uniform" not in metrics:
        return []
    line = f"shape     IoU {metrics['iou_uniform']:.4f} in the box, {metrics['iou_boundary']:.4f} at the surface"
    if metrics["chamfer"] is None:
        return [f"{line}; the field has no surface"]
    return [
        f"{line}; Chamfer distance {metrics['chamfer']:.4g}, normal consistency {metrics['normal_consistency']:.4f}"
    ]


def _scores(metrics: dict[str, Any], samples: str) -> str:
    """PSNR; SNR of sound; R² and error of tables."""
    snr, r2, rmse = (metrics.get(f"{samples}_{name}") for name in ("snr_db", "r2", "rmse"))
    words = f"{metrics[f'{samples}_psnr_db']:.2f} dB" + ("" if snr is None else f" (SNR {snr:.2f} dB)")
    words += "" if r2 is None else f", R² {r2:.4f}"
    return words + ("" if rmse is None else f", error {rmse:.4g} (RMS)")


def _forecast_lines(result: dict[str, Any]) -> list[str]:
    """Both forecasts; a network's of the training samples is not to be trusted beyond 40 dB."""
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
    return f"{train:.2f} dB in training" if train < _RELIABLE else f"above {_RELIABLE:.0f} dB in training"


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

"""Lines that ``fit`` prints of scans, from the object that ``--json`` prints."""

from __future__ import annotations

from typing import Any

_NAMES = {
    "fbp": "back-projection",
    "sart": "SART",
    "tv": "total variation",
    "zero_filled": "zero-filled",
    "sense": "SENSE",
}


def scan_kernel_line(result: dict[str, Any]) -> str:
    """Return the kernel and its ridge."""
    kernel, ntk = result["kernel"], f"NTK of depth {result['network']['depth']}"
    if kernel["amplitude"] != "local":
        return f"kernel    {ntk}, the same everywhere; ridge {kernel['ridge']:.2g}"
    sparser = ", for few details" if kernel["sparsity"] < 1.0 else ""
    return (
        f"kernel    amplitude learnt from place to place{sparser}, ridge {kernel['ridge']:.2g}; {ntk} between samples"
    )


def scan_score_lines(result: dict[str, Any]) -> list[str]:
    """Return the errors of measurements and of the truth, each beside those of classical methods."""
    metrics, training, kernel = result["metrics"], result["training"], result.get("kernel")
    effort = f"{kernel['iterations']} iterations" if kernel else f"{result['steps']:,} steps"
    lines = [f"training  {_measured(metrics, 'train')} on {training['samples']:,} measurements, {effort}"]
    if metrics["held_out_psnr_db"] is not None:
        rivals = _rivals(result["baselines"], "held_out_error", "{:.2%}")
        lines.append(
            f"held out  {_measured(metrics, 'held_out')} on {training['held_out_samples']:,} measurements{rivals}"
        )
    if metrics["truth_psnr_db"] is not None:
        lines.append(f"truth     {metrics['truth_psnr_db']:.2f} dB{_rivals(result['baselines'], 'psnr_db', '{:.2f}')}")
    return lines


def _measured(metrics: dict[str, Any], name: str) -> str:
    return f"error {metrics[f'{name}_error']:.2%} ({metrics[f'{name}_psnr_db']:.2f} dB)"


def _rivals(baselines: dict[str, float], key: str, form: str) -> str:
    found = [
        f"{_NAMES[name]} {form.format(baselines[f'{name}_{key}'])}" for name in _NAMES if f"{name}_{key}" in baselines
    ]
    return f"; {', '.join(found)}" if found else ""

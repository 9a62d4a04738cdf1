"""Lines that ``fit`` prints of fits of samples, from the object that ``--json`` prints."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def sampled_score_lines(result: Json) -> list[str]:
    """Return the scores on training and held-out samples, beside cubic interpolation."""
    metrics, training = result["metrics"], result["training"]
    lines = [f"training  {scores_in_words(metrics, 'train')} on {training['samples']:,} samples, {effort(result)}"]
    if metrics["held_out_psnr_db"] is not None:
        cubic = result["baselines"].get("cubic_psnr_db")
        rival = "" if cubic is None else f"; cubic interpolation {cubic:.2f} dB"
        held_out = scores_in_words(metrics, "held_out")
        lines.append(f"held out  {held_out} on {training['held_out_samples']:,} samples{rival}")
    if metrics.get("held_out_within_90") is not None:
        share = metrics["held_out_within_90"]
        lines.append(f"intervals {share:.1%} of the held-out values lie in their 90 % intervals")
    return lines


def effort(result: Json) -> str:
    """Return the steps of training, or the iterations of the solver."""
    kernel = result.get("kernel")
    return f"{kernel['iterations']} iterations" if kernel else f"{result['steps']:,} steps"


def scores_in_words(metrics: Json, samples: str) -> str:
    """Return the PSNR of "train" or "held_out" samples, with the SNR of sound and the R² and error of tables."""
    snr, r2, rmse = (metrics.get(f"{samples}_{name}") for name in ("snr_db", "r2", "rmse"))
    words = f"{metrics[f'{samples}_psnr_db']:.2f} dB" + ("" if snr is None else f" (SNR {snr:.2f} dB)")
    words += "" if r2 is None else f", R² {r2:.4f}"
    return words + ("" if rmse is None else f", error {rmse:.4g} (RMS)")


def sampled_kernel_line(result: Json) -> str:
    """Return the kernel, its depth and its ridge."""
    kernel, depth = result["kernel"], result["network"]["depth"]
    name = {"all": "NTK", "last": "NNGP (only the last layer learns)"}[kernel["trained"]]
    return f"kernel    {name} of depth {depth}, infinitely wide; ridge {kernel['ridge']:.2g} of k(0)"

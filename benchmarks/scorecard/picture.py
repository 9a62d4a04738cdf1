"""The scorecard in one picture: forecasts over trained scores, and what each rule's choices lose."""

from __future__ import annotations

import io

import numpy as np

from .score import Scored, SweepScore

__all__ = ["scorecard_picture"]

LABELS = {"smooth": "mapped, smooth signal"}


def scorecard_picture(scored: list[Scored], scores: list[SweepScore]) -> bytes:
    """A PNG: each network's forecast against its trained held-out PSNR, and the regrets of each rule, sorted."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for kind, marker in (("mapped", "o"), ("basic", "s"), ("none", "^"), ("smooth", "v")):
        chosen = [one for one in scored if one.kind == kind]
        trained = np.array([float(one.row["held_out_psnr_db"]) for one in chosen])
        forecast = np.array([one.expected.held_out for one in chosen])
        left.plot(trained, forecast, marker, ms=3, alpha=0.6, mew=0, label=f"{LABELS.get(kind, kind)} ({len(chosen)})")
    low, high = left.get_xlim()
    left.plot([low, high], [low, high], "k-", lw=0.7)
    left.set(xlabel="trained, held-out PSNR (dB)", ylabel="forecast (dB)", title=f"{len(scored)} networks")
    left.legend(frameon=False)
    for rule in scores[0].regrets:
        lost = sorted(score.regrets[rule] for score in scores if rule in score.regrets)
        right.plot(np.linspace(0, 100, len(lost)), lost, lw=2.2 if rule == "tuner" else 1.1, label=rule)
    right.set(xlabel="share of the sweeps (%)", ylabel="PSNR lost against the best of the sweep (dB)", ylim=(0, 6))
    right.set_title("What a choice before training costs")
    right.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()

"""Classical rivals are compared without a hold-out too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from fourierfield.kinds._registry import KINDS
from fourierfield.kinds.scans import _record as record


@pytest.mark.parametrize("held_out", [None, "some"])
def test_rivals_are_scored_on_training_where_nothing_is_held_out(
    held_out: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"truth_psnr_db": None, "held_out_psnr_db": None, "held_out_error": None, "train_error": 0.25}
    monkeypatch.setattr(record, "rivals_of", lambda problem: {"fbp": torch.zeros(4)})
    monkeypatch.setattr(record, "scan_metrics", lambda image, problem: found)
    problem = cast("Any", SimpleNamespace(unknowns=4, held_out=held_out))
    assert record.rival_scores(problem) == ({"fbp_train_error": 0.25} if held_out is None else {})


def test_the_comparison_is_printed_without_a_hold_out() -> None:
    metrics = {"train_error": 0.125, "train_psnr_db": 30.0, "held_out_psnr_db": None, "truth_psnr_db": None}
    result = {"metrics": metrics, "training": {"samples": 40}, "steps": 5, "baselines": {"fbp_train_error": 0.25}}
    (line,) = KINDS["ct"].score_lines(result)
    assert line.endswith("5 steps; back-projection 25.00%")

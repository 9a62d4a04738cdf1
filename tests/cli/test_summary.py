"""The closing lines of a fit, from the object that --json prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fourierfield.cli._summary import _bandwidth_words, _field_line, _forecast_words, _time_line


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ({"bandwidth": 10.0, "bandwidth_per_sample": 0.02}, "10 cycles per unit (0.02 per sample)"),
        (
            {"bandwidth": 4400.0, "bandwidth_per_sample": 0.055, "bandwidth_hz": 440.0},
            "4400 cycles per unit (440 Hz)",
        ),
        (
            {"bandwidth": [20.0, 10.0], "bandwidth_per_sample": [0.2, 0.1], "bandwidth_per_mm": [0.5, 0.25]},
            "20×10 cycles per unit (0.5×0.25 per mm)",
        ),
    ],
)
def test_bandwidths_are_in_cycles_per_unit_and_in_the_signal_s_own_unit(encoding: dict[str, Any], words: str) -> None:
    assert _bandwidth_words(encoding) == words


@pytest.mark.parametrize(
    ("held_out", "train", "words"),
    [
        (25.0, 30.0, "25.00 dB (24.0 to 26.0) on held-out samples; 30.00 dB in training"),
        (25.0, 55.0, "25.00 dB (24.0 to 26.0) on held-out samples; above 40 dB in training"),
        (None, 30.0, "30.00 dB in training"),
    ],
)
def test_forecasts_of_training_beyond_40_db_are_not_given_in_digits(
    held_out: float | None, train: float, words: str
) -> None:
    forecast = {
        "train_psnr_db": train,
        "held_out_psnr_db": held_out,
        "held_out_low_db": 24.0,
        "held_out_high_db": 26.0,
        "held_out_samples": "held-out samples",
    }
    assert _forecast_words(forecast) == words


def test_the_time_of_the_page_is_named_where_it_counts() -> None:
    assert _time_line({"fit": 3.0, "total": 4.25}) == "time      3.0 s to fit, 4.2 s in all"
    assert "2.0 s for the report" in _time_line({"fit": 3.0, "report": 2.0, "total": 5.0})
    assert "report" not in _time_line({"fit": 3.0, "report": 0.1, "total": 3.1})


def test_the_lines_name_the_file_and_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"\0" * 1_230_000)
    result = {"field": str(path), "signal": {"bytes": 2_500_000}, "already_finished": False}
    assert _field_line(result) == f"field     {path} saved, 1.23 MB; the signal's file has 2.50 MB"

"""What a user says of a scan is checked before any file is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourierfield.errors import SettingsError
from fourierfield.tasks._scan_options import ScanOptions, Simulation


@pytest.mark.parametrize(
    ("text", "simulation"),
    [
        ("ct:20", Simulation("ct", 20)),
        ("mri:1", Simulation("mri", 1)),
        ("mri:.125:1e-2", Simulation("mri", 0.125, 0.01)),
    ],
)
def test_simulations_are_taken_apart(text: str, simulation: Simulation) -> None:
    assert ScanOptions(simulate=text).simulation == simulation


@pytest.mark.parametrize(
    "text",
    [
        "ct",
        "ct:",
        "ct:0",
        "ct:2.5",
        "ct:20:0.1:3",
        "ct:20:-1",
        "mri:0",
        "mri:1.5",
        "pet:3",
        "mri:x",
        "ct:nan",
        "ct:9e9",
    ],
)
def test_other_simulations_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=f"--simulate {text}") as caught:
        ScanOptions(simulate=text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("angles", "180"),
        ("angles", "0:0"),
        ("angles", "absent.txt"),
        ("centre", -1.0),
        ("centre", float("nan")),
        ("fan", "500"),
        ("fan", "500,-3"),
        ("fan", "a,b"),
        ("spacing", 0.0),
        ("slice", -1),
        ("mask", "absent.npy"),
        ("maps", "absent.npy"),
        ("trajectory", "absent.npy"),
    ],
)
def test_bad_words_are_refused_by_the_option_that_they_came_with(option: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"^--{option} "):
        ScanOptions(**{option: value})


def test_angles_are_a_range_or_a_file(tmp_path: Path) -> None:
    assert ScanOptions(angles="-90:90").angle_range == (-90.0, 90.0, None)
    angles = tmp_path / "a.txt"
    angles.write_text("0 1 2")
    assert ScanOptions(angles=str(angles)).angle_range is None

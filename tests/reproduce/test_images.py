"""The table goes on where it stopped, and stands beside the paper's."""

from __future__ import annotations

from pathlib import Path

from fourierfield.reproduce._images import IMAGE_MAPPINGS, reproduce_images, table_of
from fourierfield.tasks._settings import FitSettings


def test_runs_once_and_resumes(tmp_path: Path, photo_file: Path) -> None:
    results, said = tmp_path / "rows.csv", []
    settings = FitSettings(steps=3)
    rows = reproduce_images([photo_file], results, settings, side=16, say=said.append)
    assert [row.values["mapping"] for row in rows] == list(IMAGE_MAPPINGS)
    assert len(said) == 4
    again = reproduce_images([photo_file], results, settings, side=16, say=said.append)
    assert again == rows
    assert len(said) == 4
    lines = table_of(rows).splitlines()
    assert len(lines) == 5
    assert "25.57 ± 4.19" in lines[-1]

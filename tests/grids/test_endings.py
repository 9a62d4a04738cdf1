"""Endings of file names: one list for help texts, refusals and writers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fourierfield.grids import _endings
from fourierfield.grids._endings import IMAGE_ENDINGS, ending_of
from fourierfield.grids._pictures import write_image
from fourierfield.grids._sample_format import SampleFormat


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.PNG", ".png"),
        ("a.nii.gz", ".nii.gz"),
        ("A.NII.GZ", ".nii.gz"),
        ("a.csv.gz", ".gz"),
        ("a.b/c", ""),
        ("c", ""),
    ],
)
def test_endings_are_told_from_names(name: str, ending: str) -> None:
    assert ending_of(name) == ending_of(Path(name)) == ending


def test_lists_hold_what_names_are_found_to_end_with() -> None:
    lists = {name: held for name, held in vars(_endings).items() if name.endswith("_ENDINGS")}
    assert len(lists) > 5
    for held in lists.values():
        assert len(set(held)) == len(held)
        assert [ending_of(f"a{ending}") for ending in held] == list(held)


@pytest.mark.parametrize("ending", IMAGE_ENDINGS)
def test_pictures_are_written_by_every_ending_that_is_listed(tmp_path: Path, ending: str) -> None:
    write_image(tmp_path / f"a{ending}", np.zeros((8, 9, 3), np.float32), SampleFormat("uint8"))
    assert (tmp_path / f"a{ending}").stat().st_size > 0


def test_help_texts_are_made_from_it_without_numpy() -> None:
    code = "import sys, fourierfield.grids._endings; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""What a file is, in words."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from fourierfield.signals import described_file
from fourierfield.signals.described import _FORMATS, _KINDS
from fourierfield.signals.recognise import KIND_OF

from .scans.ismrmrd_files import PLAIN, random, rows_of, save


def test_known_files_have_words(tmp_path: Path) -> None:
    Image.new("L", (3, 3)).save(tmp_path / "a.jpeg")
    np.save(tmp_path / "a.npy", np.zeros(3))
    savemat(tmp_path / "a.mat", {"m": np.eye(3)})
    (tmp_path / "frames").mkdir()
    for i in range(2):
        Image.new("L", (3, 3)).save(tmp_path / "frames" / f"{i}.png")
    save(tmp_path / "a.h5", PLAIN, rows_of(random(1, 12, 16), range(12)))
    expected = {
        "a.jpeg": "a picture (JPEG)",
        "a.npy": "a NumPy array",
        "a.mat": "a MATLAB file",
        "frames": "a film (a folder of frames)",
        "a.h5": "an MRI scan (ISMRMRD)",
    }
    assert {name: described_file(tmp_path / name) for name in expected} == expected


def test_every_kind_has_words() -> None:
    assert set(KIND_OF.values()) - {"scan"} == set(_KINDS)
    assert set(_FORMATS) <= set(KIND_OF)


@pytest.mark.parametrize("content", [b"", b"y,x\n1,2\n", b"x" * 100])
def test_of_others_nothing_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert described_file(tmp_path / "a") is None
    assert described_file(tmp_path / "absent") is None
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["numbers"] = np.zeros(3)
    assert described_file(tmp_path / "other.h5") is None

"""Poses in files that are given to render."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.kinds.views._render import _matrix

POSE = np.eye(4)[[1, 2, 0, 3]]


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


GOOD = {
    "rows.json": json.dumps(POSE.tolist()).encode(),
    "frame.json": json.dumps({"transform_matrix": POSE.tolist()}).encode(),
    "three.json": json.dumps(POSE[:3].tolist()).encode(),
    "pose.npy": npy(POSE),
}


@pytest.mark.parametrize("name", GOOD)
def test_poses_in_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(GOOD[name])
    assert np.array_equal(_matrix(tmp_path / name), POSE)


BAD = {
    "huge.json": b"[" + b"1" * 400 + b"]",
    "deep.json": b"[" * 100_000,
    "words.json": b'{"transform_matrix": "up"}',
    "ragged.json": b"[[1, 2], [3]]",
    "many.npy": npy(np.zeros((400, 4))),
    "cut.npy": npy(POSE)[:-9],
    "objects.npy": npy(np.array([{}], dtype=object)),
    "bytes.json": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_hold_no_pose(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BAD[name])
    with pytest.raises(SettingsError, match=r"--pose .*4×4 matrix") as caught:
        _matrix(tmp_path / name)
    assert "\n" not in str(caught.value)

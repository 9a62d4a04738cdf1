"""What a file holds is told by its first bytes, whatever it is called."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest
import trimesh
from PIL import Image

from fourierfield.errors import SignalError
from fourierfield.kinds._registry import kind_held, recognise


def container(path: Path) -> str | None:
    """The short name of a file's format."""
    found = recognise(path)
    return None if found is None else found.container


def nifti(version: type) -> bytes:
    return version(np.zeros((4, 5, 6), np.float32), np.eye(4)).to_bytes()


def poses() -> bytes:
    return json.dumps({"camera_angle_x": 0.7, "frames": []}).encode()


def archive() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, images=np.zeros(3), poses=np.zeros(3))
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame({"x": [0.0, 1.0], "t": [2.0, 3.0]}).to_parquet(buffer)
    return buffer.getvalue()


def mesh(container: str) -> bytes:
    content = trimesh.creation.box().export(file_type=container)
    return content.encode() if isinstance(content, str) else content


FILES = {
    "nifti": nifti(nibabel.Nifti1Image),
    "nifti packed": gzip.compress(nifti(nibabel.Nifti1Image)),
    "nifti 2": nifti(nibabel.Nifti2Image),
    "obj": mesh("obj"),
    "obj with blank lines": b"# made by hand\n\n\nv 0 0 0\n",
    "off": mesh("off"),
    "off with normals": b"NOFF\n3 1 0\n",
    "ply": mesh("ply"),
    "stl": mesh("stl"),
    "stl ascii": mesh("stl_ascii"),
    "glb": mesh("glb"),
    "dicom": b"\0" * 128 + b"DICM" + b"\0" * 8,
    "mp4": b"\0\0\0\x20ftypisom" + b"\0" * 32,
    "matroska": b"\x1a\x45\xdf\xa3" + b"\0" * 32,
    "avi": b"RIFF\0\0\0\0AVI LIST",
    "npz": archive(),
    "transforms": poses(),
}


@pytest.mark.parametrize("name", FILES)
def test_files_are_told_by_their_content(tmp_path: Path, name: str) -> None:
    path = tmp_path / "anything.bin"
    path.write_bytes(FILES[name])
    assert container(path) == name.split()[0]


@pytest.mark.parametrize("text", ["x,y,z\n1,2,3\n", "v,w\n1,2\n", "solid,liquid\n1,2\n", "1 2 3\n4 5 6\n"])
def test_tables_in_text_are_tables_whatever_their_columns_are_called(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.obj"
    path.write_text(text)
    assert container(path) == "text"


def test_parquet_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(parquet())
    found = recognise(path)
    assert found is not None
    assert (found.container, kind_held(path, found)) == ("parquet", "table")


@pytest.mark.parametrize("text", ['{"a": 1}', "Call me Ishmael. Some years ago, never mind how long.\n", "x"])
def test_other_text_is_of_no_known_format(tmp_path: Path, text: str) -> None:
    path = tmp_path / "text.obj"
    path.write_text(text)
    assert recognise(path) is None


@pytest.mark.parametrize("name", ["dicom", "matroska", "ply", "npz", "mp4", "nifti packed"])
def test_the_head_of_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = tmp_path / "anything.bin"
    path.write_bytes(FILES[name])
    opened: list[object] = []

    def counting(file: object, *args: object, **words: object) -> object:
        opened.append(file)
        return io.open(file, *args, **words)  # type: ignore[call-overload]  # noqa: UP020 - the one that is not patched

    monkeypatch.setattr("builtins.open", counting)
    assert container(path) == name.split()[0]
    assert opened == [path]


def test_folders_are_told_by_what_is_in_them(tmp_path: Path) -> None:
    with pytest.raises(SignalError, match="is a folder without"):
        recognise(tmp_path)
    for index in range(2):
        Image.new("L", (4, 4)).save(tmp_path / f"{index}.dat", "PNG")
    (tmp_path / "notes.txt").write_text("frames of a film")
    assert container(tmp_path) == "frames"
    (tmp_path / "scan.dcm").write_bytes(FILES["dicom"])
    assert container(tmp_path) == "dicom"
    (tmp_path / "transforms_train.json").write_bytes(poses())
    assert container(tmp_path) == "transforms"

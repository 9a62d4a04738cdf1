"""Which bytes are a NIfTI, packed or not."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel
import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read
from fourierfield.kinds._registry import KINDS
from fourierfield.kinds.volumes._kind import _is_nifti


def header(size: int, order: str, magic: bytes) -> bytes:
    held = bytearray(size)
    held[:4] = size.to_bytes(4, order)  # type: ignore[arg-type]
    place = 344 if size == 348 else 4
    held[place : place + len(magic)] = magic
    return bytes(held)


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize(
    ("size", "magic", "expected"),
    [(348, b"n+1\0", True), (348, b"ni1\0", True), (540, b"n+2\0", True), (348, b"\0\0\0\0", False)],
)
def test_nifti_is_told_in_either_byte_order_and_packed(size: int, order: str, magic: bytes, expected: bool) -> None:
    head = header(size, order, magic)
    assert _is_nifti(head, Path("a")) is expected
    assert _is_nifti(gzip.compress(head), Path("a")) is expected


def test_other_packed_or_broken_bytes_are_not() -> None:
    assert not _is_nifti(gzip.compress(b"a letter"), Path("a.nii.gz"))
    assert not _is_nifti(b"\x1f\x8b\x08\xff\xff\xff", Path("a.nii.gz"))
    assert not _is_nifti(b"", Path("a.nii"))


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"\0\0\0\x20ftypisom", "mp4"),
        (b"\0\0\0\x18ftypavis\0\0\0\0avifavis", "mp4"),
        (b"\x1a\x45\xdf\xa3\x01", "matroska"),
        (b"RIFF\0\0\0\0AVI ", "avi"),
    ],
)
def test_films_are_told_by_their_container(head: bytes, container: str) -> None:
    found = [f.container for f in KINDS["video"].formats if f.recognises and f.recognises(head, Path("a"))]
    assert found == [container]


@pytest.mark.parametrize("brand", [b"avif", b"heic", b"heix", b"mif1"])
def test_single_pictures_in_the_container_of_films_are_no_films(brand: bytes) -> None:
    head = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1miaf"
    assert not any(found.recognises and found.recognises(head, Path("a")) for found in KINDS["video"].formats)


def test_either_file_of_a_nifti_pair_names_both(tmp_path: Path) -> None:
    samples = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    nibabel.save(nibabel.Nifti1Pair(samples, np.diag([2.0, 2, 3, 1])), tmp_path / "a.img")
    for name in ("a.img", "a.hdr"):
        np.testing.assert_array_equal(read(tmp_path / name).values[..., 0], samples)
    (tmp_path / "a.hdr").unlink()
    with pytest.raises(SignalError, match="not a file of a known kind"):
        read(tmp_path / "a.img")

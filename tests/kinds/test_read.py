"""Files that cannot be fitted get one line that names the file and the reason."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from fourierfield.errors import FourierFieldError, SignalError, TooLargeError
from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._read import read


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size and whose body is a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def save_png(path: Path) -> bytes:
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(path, "PNG")
    return path.read_bytes()


def npy(path: Path, array: np.ndarray) -> None:
    with open(path, "wb") as file:
        np.save(file, array, allow_pickle=True)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda p: p.write_bytes(b""), "is empty"),
    "text": (lambda p: p.write_text("hello world, this is no image"), "known kind"),
    "one byte": (lambda p: p.write_bytes(b"x"), "known kind"),
    "cut off": (lambda p: p.write_bytes(save_png(p)[:400]), "damaged or cut off"),
    "header only": (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n"), "damaged or cut off"),
    "broken jpeg": (lambda p: p.write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 50), "damaged or cut off"),
    "broken tiff": (lambda p: p.write_bytes(b"II*\0" + b"\xff" * 50), "damaged or cut off"),
    "cut npy": (lambda p: (npy(p, np.zeros((9, 9))), p.write_bytes(p.read_bytes()[:200])), "damaged or cut off"),
    "objects": (lambda p: npy(p, np.array([{"a": 1}], dtype=object)), "Python objects"),
    "complex": (lambda p: npy(p, np.zeros((4, 4), dtype=complex)), "no measured k-space samples"),
    "words": (lambda p: npy(p, np.array([["a", "b"]])), "integers or floats"),
    "zero-sized": (lambda p: npy(p, np.zeros((0, 5))), "no samples"),
    "six axes": (lambda p: npy(p, np.zeros((2,) * 6)), "two to four axes"),
    "all missing": (lambda p: npy(p, np.full((4, 4), np.nan)), "missing"),
    "infinite": (lambda p: npy(p, np.array([[1.0, np.inf]])), "infinite"),
    "scalar": (lambda p: npy(p, np.array(3.0)), "shape"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_refused_in_one_line(tmp_path: Path, case: str) -> None:
    make, reason = BROKEN[case]
    path = tmp_path / "file.bin"
    make(path)
    with pytest.raises(SignalError, match=reason) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_claiming(200_000, 200_000))
    with pytest.raises(TooLargeError, match="200000×200000"):
        read(path)


def test_missing_files_folders_and_unknown_kinds(tmp_path: Path, photo_file: Path) -> None:
    for path, kind in ((tmp_path / "absent.png", None), (tmp_path, None), (photo_file, "smell")):
        with pytest.raises(FourierFieldError):
            read(path, kind)


def test_the_name_of_a_file_does_not_matter(tmp_path: Path, photo_file: Path) -> None:
    renamed = photo_file.rename(tmp_path / "photo.txt")
    assert read(renamed).shape == (24, 32)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.int32, np.float16, np.float64])
def test_arrays_of_every_number_type(dtype: type) -> None:
    signal = as_signal(np.eye(5).astype(dtype))
    assert signal.values.dtype == np.float32
    assert signal.values.shape == (5, 5, 1)


def test_arrays_of_one_axis_are_series(tmp_path: Path) -> None:
    npy(tmp_path / "a.npy", np.arange(5.0))
    signal = read(tmp_path / "a.npy")
    assert (signal.kind, signal.shape, signal.channels, signal.domain.units) == ("series", (5,), 1, ("sample",))
    npy(tmp_path / "b.npy", np.zeros((7, 6)))
    assert read(tmp_path / "b.npy").kind == "image"
    columns = read(tmp_path / "b.npy", "series")
    assert (columns.kind, columns.shape, columns.channels) == ("series", (7,), 6)
    with pytest.raises(SignalError, match="an image is"):
        as_signal(np.zeros(5), kind="image")
    with pytest.raises(SignalError, match="a series is"):
        as_signal(np.zeros((2, 2, 2)), kind="series")


def test_the_kind_that_is_asked_for_has_to_be_that_of_the_file(tmp_path: Path, photo_file: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(9), 8000)
    soundfile.write(tmp_path / "a.aiff", np.zeros(9), 8000)
    npy(tmp_path / "a.npy", np.zeros(9))
    assert read(tmp_path / "a.wav", "audio").kind == "audio"
    assert read(tmp_path / "a.aiff", "audio").kind == "audio"  # not recognised, yet read
    assert read(photo_file, "image").kind == "image"
    for name, kind, reason in [
        ("a.wav", "image", r"is a recording \(WAV\), not a picture"),
        ("a.wav", "series", r"is a recording \(WAV\), not a series"),
        ("a.aiff", None, "known kind"),
        ("a.npy", "audio", "no sampling rate"),
        ("photo.png", "audio", r"is a picture \(PNG\), not a recording"),
        ("photo.png", "series", r"is a picture \(PNG\), not a series; leave --as series out, or give \.npy"),
    ]:
        with pytest.raises(SignalError, match=reason):
            read(tmp_path / name, kind)


def test_complex_numbers_are_a_scan_and_nothing_else(tmp_path: Path) -> None:
    npy(tmp_path / "a.npy", np.eye(4, dtype=complex))
    assert read(tmp_path / "a.npy").kind == "mri"
    with pytest.raises(SignalError, match="integers or floats"):
        read(tmp_path / "a.npy", "image")

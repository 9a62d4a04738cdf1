"""Compressed text is told by content, and damage is said in one line."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds.tables._container import head_of, open_text, unpacked_bytes

TEXT = b"x,y\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(20_000))


def zipped(content: bytes, *names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("a.csv",):
            archive.writestr(name, content)
    return buffer.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "xz": lambda content: lzma.compress(content, preset=0),
    "bz2": bz2.compress,
    "zip": zipped,
    "zip of a Mac": lambda content: zipped(content, "a.csv", "__MACOSX/._a.csv"),
}


@pytest.mark.parametrize("kind", PACK)
def test_content_comes_back_under_any_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(PACK[kind](TEXT))
    with open_text(path) as stream:
        assert stream.read() == TEXT
    assert head_of(path, 10) == (TEXT[:10], False)
    assert head_of(path, len(TEXT)) == (TEXT, True)
    assert unpacked_bytes(path) == len(TEXT)


@pytest.mark.parametrize("kind", ["gz", "xz", "bz2"])
def test_the_size_of_large_files_is_estimated_from_their_beginning(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fourierfield.kinds.tables._container._PROBE", 1 << 20)
    path = tmp_path / "table"
    content = b"".join(b"%d,%.17g\n" % (n, np.sin(n * n)) for n in range(100_000))
    path.write_bytes(PACK[kind](content))
    assert unpacked_bytes(path) == pytest.approx(len(content), rel=0.5)


@pytest.mark.parametrize("kind", ["gz", "xz", "bz2", "zip"])
@pytest.mark.parametrize("part", [0.5, 0.99])
def test_files_that_are_cut_off(tmp_path: Path, kind: str, part: float) -> None:
    path = tmp_path / "table"
    content = PACK[kind](TEXT)
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(SignalError, match="damaged, cut off") as caught, open_text(path) as stream:
        stream.read()
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_beginning_of_a_file_that_is_cut_off_can_still_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(gzip.compress(TEXT)[:-20])
    assert TEXT.startswith(head_of(path, 1 << 20)[0])
    path.write_bytes(gzip.compress(TEXT)[:9])
    with pytest.raises(SignalError, match="cut off"):
        head_of(path, 100)


def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.zip"
    path.write_bytes(zipped(TEXT, "a.csv", "b.csv"))
    with pytest.raises(SignalError, match="archive of 2 files"), open_text(path):
        pass


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "absent.csv", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(SignalError, match=reason), open_text(path):
            pass

"""The registry of kinds and formats, and what it says of a file in words."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
import soundfile
from PIL import Image
from scipy.io import savemat

from fourierfield.errors import SignalError
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._kind import Format, starts
from fourierfield.kinds._read import read
from fourierfield.kinds._registry import KINDS, described_file, either, formats, kind_held, readable, recognise
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.tasks._settings import ReadOptions

from .scans.ismrmrd_files import PLAIN, random, rows_of, save

AIFF = Format("aiff", "AIFF", lambda head, path: head[:4] == b"FORM" and head[8:12] == b"AIFF", (".aiff",))


def test_formats_are_unique() -> None:
    for names in ([found.container for found in formats()], [found.title for found in formats()]):
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_formats_recognise_files_or_folders_and_are_asked_by_rank() -> None:
    assert all(found.recognises is not None or found.of_folder is not None for found in formats())
    ranks = [found.rank for found in formats()]
    assert ranks == sorted(ranks)


def test_kinds_read_their_own_formats_and_known_ones_of_others() -> None:
    known = {found.container for found in formats()}
    for kind in KINDS.values():
        assert {found.container for found in kind.formats} <= set(kind.containers) <= known
    assert known <= {container for kind in KINDS.values() for container in kind.containers}


def test_a_new_format_is_an_entry_of_its_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sound.png"
    soundfile.write(path, np.zeros(9), 8000, format="AIFF")
    with pytest.raises(SignalError, match="not a file of a known kind"):
        read(path)
    audio = KINDS["audio"]
    monkeypatch.setattr(audio, "formats", (*audio.formats, AIFF))
    assert recognise(path) is AIFF
    assert kind_held(path, AIFF) == "audio"
    assert (read(path).kind, read(path, "audio").shape) == ("audio", (9,))
    assert "sound (WAV, FLAC, Ogg, MP3, AIFF)" in readable()
    assert described_file(path) == "a recording (AIFF)"
    with pytest.raises(SignalError, match=r"is a recording \(AIFF\), not a mesh; leave --as mesh out"):
        read(path, "mesh")
    (tmp_path / "text").write_text("no signal at all")
    with pytest.raises(SignalError, match="AIFF"):
        read(tmp_path / "text")


def test_a_format_may_bring_its_own_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"TONES of a made-up format")
    audio, asked = KINDS["audio"], []

    def read_tones(path: Path, options: ReadOptions) -> GridSignal:
        asked.append((path, options))
        return as_audio(np.zeros(9), 8000)

    monkeypatch.setitem(sys.modules, "fourierfield.kinds.audio._tones", SimpleNamespace(read_tones=read_tones))
    tones = Format("tones", "Tones", starts(b"TONES"), reader="_tones:read_tones")
    monkeypatch.setattr(audio, "formats", (*audio.formats, tones))
    options = ReadOptions(seed=3)
    assert read(path, options=options).shape == (9,)
    assert asked == [(path, options)]


def test_known_files_have_words(tmp_path: Path) -> None:
    Image.new("L", (3, 3)).save(tmp_path / "a.jpeg")
    Image.new("L", (3, 3)).save(tmp_path / "a.gif", save_all=True, append_images=[Image.new("L", (3, 3), 255)])
    np.save(tmp_path / "a.npy", np.zeros(3))
    savemat(tmp_path / "a.mat", {"m": np.eye(3)})
    (tmp_path / "frames").mkdir()
    for i in range(2):
        Image.new("L", (3, 3)).save(tmp_path / "frames" / f"{i}.png")
    save(tmp_path / "a.h5", PLAIN, rows_of(random(1, 12, 16), range(12)))
    (tmp_path / "a.csv").write_text("y,x\n1,2\n")
    expected = {
        "a.jpeg": "a picture (JPEG)",
        "a.gif": "a film (GIF)",
        "a.npy": "a NumPy array",
        "a.mat": "a MATLAB file",
        "frames": "a film (a folder of frames)",
        "a.h5": "an MRI scan (ISMRMRD)",
        "a.csv": "a table of points (CSV, TSV)",
    }
    assert {name: described_file(tmp_path / name) for name in expected} == expected


@pytest.mark.parametrize("content", [b"", b"x" * 100])
def test_other_files_have_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert described_file(tmp_path / "a") is None
    assert described_file(tmp_path / "absent") is None
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["numbers"] = np.zeros(3)
    assert described_file(tmp_path / "other.h5") is None


def test_lists_for_people_name_every_kind_and_format() -> None:
    assert either(KINDS) == f"{', '.join(list(KINDS)[:-1])} or {list(KINDS)[-1]}"
    listed = readable()
    assert all(found.title in listed for found in formats() if found.container != "mat")

"""Which bytes are sound, and why an array is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.kinds._registry import KINDS
from fourierfield.tasks._settings import ReadOptions


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"RF64\xff\xff\xff\xffWAVE", "wav"),
        (b"RIFF\0\0\0\0AVI LIST", None),
        (b"RIFF\0\0\0\0WEBPVP8 ", None),
        (b"fLaC\0\0", "flac"),
        (b"OggS\0\2", "ogg"),
    ],
)
def test_sound_is_told_from_what_shares_its_container(head: bytes, container: str | None) -> None:
    found = [f.container for f in KINDS["audio"].formats if f.recognises and f.recognises(head, Path("a"))]
    assert found == ([container] if container else [])


def test_an_array_has_no_rate() -> None:
    with pytest.raises(SettingsError, match="sampling rate"):
        KINDS["audio"].of_array(np.zeros(9), ReadOptions())
    assert KINDS["series"].of_array(np.zeros((9, 2)), ReadOptions()).shape == (9,)

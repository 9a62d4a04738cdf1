"""Lists of names of nerfstudio: who is trained on, who is held out, who is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fourierfield.kinds.views._signal import ViewsSignal

from .conftest import NAMES, pictures

CASES: dict[str, tuple[dict[str, Any], list[int], list[int], str]] = {
    # lists, right pictures that are read, those of them that are held out, words of a note
    "train alone": ({"train_filenames": NAMES[:4]}, [0, 1, 2, 3], [], "2 frames in none of its lists"),
    "nerfstudio's own": (
        {"train_filenames": NAMES[:4], "val_filenames": NAMES[4:], "test_filenames": NAMES[4:]},
        [0, 1, 2, 3, 4, 5],
        [4, 5],
        "",
    ),
    "train and validation": (
        {"train_filenames": NAMES[:3], "val_filenames": NAMES[4:5]},
        [0, 1, 2, 4],
        [4],
        "2 frames in none of its lists of names left out",
    ),
    "all three": (
        {"train_filenames": NAMES[:2], "val_filenames": NAMES[2:3], "test_filenames": NAMES[3:]},
        [0, 1, 3, 4, 5],
        [3, 4, 5],
        "1 frame for validation left out",
    ),
    "test alone": ({"test_filenames": NAMES[4:]}, [0, 1, 2, 3, 4, 5], [4, 5], ""),
    "empty lists": ({"train_filenames": NAMES[:5], "test_filenames": []}, [0, 1, 2, 3, 4], [], "1 frame in none"),
    "other spellings": (
        {"test_filenames": ["./images/f4.png", "images\\f5", "images//f3.png"]},
        [0, 1, 2, 3, 4, 5],
        [3, 4, 5],
        "",
    ),
    "in two lists": (
        {"train_filenames": NAMES[:5], "test_filenames": NAMES[4:]},
        [0, 1, 2, 3, 4, 5],
        [4, 5],
        "1 frame both to train on and held out: held out",
    ),
    "names of no frame": (
        {"test_filenames": [NAMES[5], "images/f77.png"]},
        [0, 1, 2, 3, 4, 5],
        [5],
        "1 of test_filenames not among the frames (images/f77.png first)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_lists_of_names_are_followed(scene: Callable[..., ViewsSignal], case: str) -> None:
    lists, read, held_out, words = CASES[case]
    signal = scene(lambda folder, index, frame: {"file_path": "./" + frame["file_path"]}, **lists)
    assert np.array_equal(signal.images, pictures()[read])
    assert [read[view] for view in signal.scene.held_out] == held_out
    assert [note for note in signal.notes if words and words in note] or not words
    assert len(signal.notes) == (2 if words else 1)  # the first is on the depths

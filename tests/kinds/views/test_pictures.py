"""Pictures that a file names: found beside it, never outside of its folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fourierfield.errors import SignalError
from fourierfield.kinds.views._pictures import find, read_masks, shown


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "scene" / "images").mkdir(parents=True)
    Image.new("RGB", (4, 3)).save(tmp_path / "scene" / "images" / "a.png")
    Image.new("RGB", (4, 3)).save(tmp_path / "outside.png")
    return tmp_path / "scene" / "transforms.json"


@pytest.mark.parametrize("name", ["images/a.png", "images/a", "./images/a", "images\\a.png", "images/../images/a.png"])
def test_names_are_found_however_they_are_spelt(file: Path, name: str) -> None:
    assert find(file, name) == file.parent / "images" / "a.png"


@pytest.mark.parametrize("name", ["images/b.png", "images", "", "a\0b", "a" * 5000, "C:\\images\\a.png"])
def test_names_that_are_not_there(file: Path, name: str) -> None:
    assert find(file, name) is None


@pytest.mark.parametrize(
    "name", ["../outside.png", "..\\outside", "/etc/hostname", "images/../../outside.png", "link.png"]
)
def test_names_that_lead_out(file: Path, name: str) -> None:
    (file.parent / "link.png").symlink_to(file.parent.parent / "outside.png")
    with pytest.raises(SignalError, match="lies outside of its folder"):
        find(file, name)


def test_names_are_shown_without_control_characters() -> None:
    assert shown("a\x1b[31m\nb") == "a\\x1b[31m\\nb"
    assert len(shown("a" * 5000)) == 80


def test_masks_of_half_the_size(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 1], [255, 0]], dtype=np.uint8)).save(tmp_path / "m.png")
    masks = read_masks([None, tmp_path / "m.png"], (4, 4))
    assert masks is not None
    assert masks[0].all()
    assert masks[1].astype(int).tolist() == [[0, 0, 1, 1]] * 2 + [[1, 1, 0, 0]] * 2
    with pytest.raises(SignalError, match="2×2 pixels, its picture 8×4"):
        read_masks([tmp_path / "m.png"], (4, 8))

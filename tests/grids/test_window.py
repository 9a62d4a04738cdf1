"""Windows in coordinates, lengths and samples name the same part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SettingsError
from fourierfield.grids._domain import Domain
from fourierfield.grids._window import parse_window

SOUND = Domain((2.0,), ("s",))
FILM = Domain((5.0, 48.0, 64.0), ("s", "px", "px"))
SCAN = Domain((80.0, 160.0, 120.0), ("mm",) * 3)


@pytest.mark.parametrize("text", ["0.25:0.5", "0.5:1s", "500:1000ms", "4000:8000sample", " 0.5 : 1 s "])
def test_a_part_of_a_sound(text: str) -> None:
    window = parse_window(text, SOUND, (16000,))
    assert window.slices(SOUND, (16000,)) == (slice(4000, 8000),)
    assert window.single == (False,)


@pytest.mark.parametrize(
    ("text", "slices"),
    [
        (":,:,:", (slice(0, 50), slice(0, 48), slice(0, 64))),
        ("1:2s,:,:", (slice(10, 20), slice(0, 48), slice(0, 64))),
        ("10frame,8:16px,:32px", (slice(10, 11), slice(8, 16), slice(0, 32))),
        ("40:,0.5,:", (slice(50, 50), slice(32, 33), slice(0, 64))),
        ("0.8:,0.25:0.5,0.5:1", (slice(40, 50), slice(16, 32), slice(32, 64))),
    ],
)
def test_each_axis_of_a_film_has_its_units(text: str, slices: tuple[slice, ...]) -> None:
    if text.startswith("40:"):
        with pytest.raises(SettingsError, match="below its END"):
            parse_window(text, FILM, (50, 48, 64))
        return
    assert parse_window(text, FILM, (50, 48, 64)).slices(FILM, (50, 48, 64)) == slices


@given(st.integers(0, 39))
def test_a_slice_is_one_sample_thick(index: int) -> None:
    window = parse_window(f":,:,{index}voxel", SCAN, (40, 80, 40))
    assert window.slices(SCAN, (40, 80, 40))[2] == slice(index, index + 1)
    assert window.single == (False, False, True)
    same = parse_window(f":,:,{3 * index + 1.5}mm", SCAN, (40, 80, 40))
    assert same.lower == pytest.approx(window.lower)


@pytest.mark.parametrize(
    "text", ["", "1:2", "a:b,:,:", ":,:,:,:", ":,:,", "1:2:3,:,:", "1:2px,:,:", ":,:,1:2s", "nan,:,:"]
)
def test_what_cannot_be_read_names_the_option(text: str) -> None:
    with pytest.raises(SettingsError, match="--missing") as caught:
        parse_window(text, FILM, (50, 48, 64), "--missing")
    assert "\n" not in str(caught.value)

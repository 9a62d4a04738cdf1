"""Posed pictures in .npz: lenses, masks, what is not honoured, and headers that claim too much."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourierfield.errors import FourierFieldError, SignalError
from fourierfield.kinds._read import read
from fourierfield.kinds.views._signal import ViewsSignal

from .conftest import FOCAL, HEIGHT, VIEWS, WIDTH, pictures, poses


@pytest.fixture
def npz(tmp_path: Path) -> Callable[..., ViewsSignal]:
    """The signal of an .npz with some arrays besides, or other ones; None takes one out."""

    def signal(**arrays: Any) -> ViewsSignal:
        content = {"images": pictures(), "poses": poses(), "focal": FOCAL, **arrays}
        np.savez(tmp_path / "views.npz", **{name: array for name, array in content.items() if array is not None})
        return read(tmp_path / "views.npz")

    return signal


def test_lenses_are_those_of_camera_files(npz: Callable[..., ViewsSignal]) -> None:
    each = np.arange(VIEWS) + FOCAL
    cameras = npz(focal=None, fl_x=each, fl_y=21.0, cx=7.5, cy=np.full(VIEWS, 6.5), k1=0.1, p2=0.02).scene.cameras
    assert np.allclose(cameras.focal, np.c_[each, np.full(VIEWS, 21.0)])
    assert np.allclose(cameras.centre, (7.5, 6.5))
    assert np.allclose(cameras.distortion, (0.1, 0, 0, 0.02, 0))


def test_distortion_in_one_array(npz: Callable[..., ViewsSignal]) -> None:
    lens = np.array([0.1, 0.01, 0.002, 0.003, 0.05])
    assert np.allclose(npz(distortion=lens).scene.cameras.distortion, lens)
    assert np.allclose(npz(distortion=np.tile(lens[:4], (VIEWS, 1))).scene.cameras.distortion, (*lens[:4], 0))


def test_an_angle_and_a_larger_size(npz: Callable[..., ViewsSignal]) -> None:
    angle = 2 * np.arctan(WIDTH / 2 / 30)
    assert np.allclose(npz(focal=None, camera_angle_x=angle).scene.cameras.focal, 30)
    assert np.allclose(npz(w=2 * WIDTH, h=2 * HEIGHT).scene.cameras.focal, FOCAL / 2)
    assert np.allclose(npz(focal=np.full(VIEWS, 25.0)).scene.cameras.focal, 25)


def test_poses_of_three_rows_and_masks(npz: Callable[..., ViewsSignal]) -> None:
    masks = np.ones((VIEWS, HEIGHT, WIDTH), dtype=np.uint8)
    masks[:, :3] = 0
    signal = npz(poses=poses()[:, :3], masks=masks, split=np.array(["val", *["train"] * (VIEWS - 1)]))
    assert np.array_equal(signal.poses, poses()[1:])
    assert np.array_equal(signal.masks, masks[1:] > 0)
    assert any("masks hide 25.0%" in note for note in signal.notes)


def test_arrays_that_are_not_honoured_are_named(npz: Callable[..., ViewsSignal]) -> None:
    assert "views.npz: not honoured: bounds, depths" in npz(depths=np.zeros(3), bounds=np.zeros(2)).notes


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a lens that is NaN": ({"k1": np.nan}, "k1 must be one finite number"),
    "too many focal lengths": ({"focal": np.ones(VIEWS + 1)}, "one finite number, or one for each view"),
    "words for numbers": ({"cx": np.array("seven")}, "cx must be numbers"),
    "complex poses": ({"poses": poses() * 1j}, "poses must be numbers"),
    "numbers for words": ({"split": np.zeros(VIEWS)}, "split must be words"),
    "objects": ({"near": np.array([{}], dtype=object)}, "cannot be decoded|Object arrays"),
    "a mask of another size": ({"masks": np.ones((VIEWS, 3, 3))}, "masks must be"),
    "lenses of two numbers": ({"distortion": np.zeros(2)}, "distortion must be k1, k2, p1, p2, k3"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arrays_are_refused_in_a_line(npz: Callable[..., ViewsSignal], case: str) -> None:
    arrays, words = WRONG[case]
    with pytest.raises(SignalError, match=words) as caught:
        npz(**arrays)
    assert "\n" not in str(caught.value)


def claimed(name: str, shape: tuple[int, ...], kind: str) -> dict[str, bytes]:
    """The members of an .npz of which one claims a shape that it does not hold."""
    members = {}
    for member, array in {"images": pictures(), "poses": poses(), "focal": np.array(FOCAL)}.items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        members[f"{member}.npy"] = buffer.getvalue()
    header = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
    members[f"{name}.npy"] = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    return members


@pytest.mark.parametrize(
    ("name", "shape", "kind", "words"),
    [
        ("poses", (1 << 26, 4, 4), "<f8", "one pose each"),
        ("images", (VIEWS, 1 << 20, 1 << 20, 3), "|u1", "GB"),
        ("masks", (VIEWS, 1 << 20, 1 << 20), "|u1", "masks must be"),
        ("focal", (1 << 40,), "<f8", "focal must be one finite number"),
        ("near", (1 << 40,), "<f8", "near must be one finite number"),
        ("split", (VIEWS,), "<U500000000", "GB"),
    ],
)
def test_claims_are_refused_before_anything_is_read(
    tmp_path: Path, name: str, shape: tuple[int, ...], kind: str, words: str
) -> None:
    with zipfile.ZipFile(tmp_path / "claims.npz", "w") as archive:
        for member, content in claimed(name, shape, kind).items():
            archive.writestr(member, content)
    with pytest.raises(FourierFieldError, match=words):
        read(tmp_path / "claims.npz")

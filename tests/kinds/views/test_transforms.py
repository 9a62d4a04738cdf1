"""Camera files: pixels as stored, masks, lenses of frames, names of every spelling, what is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fourierfield.errors import SignalError
from fourierfield.kinds.views._signal import ViewsSignal

from .conftest import FOCAL, HEIGHT, NAMES, VIEWS, WIDTH, pictures, poses, write_scene

Scene = Callable[..., ViewsSignal]


@pytest.mark.parametrize("ending", [".png", ".tif"])
@pytest.mark.parametrize("orientation", [1, 2, 3, 6, 8])
def test_pictures_are_taken_as_they_are_stored(scene: Scene, ending: str, orientation: int) -> None:
    def tagged(image: Image.Image, path: Path) -> None:
        exif = Image.Exif()
        exif[274] = orientation
        image.save(path.with_suffix(ending), exif=exif)

    def renamed(folder: Path, index: int, frame: dict[str, Any]) -> dict[str, Any]:
        return {"file_path": f"images/f{index}{ending}"}

    assert np.array_equal(scene(renamed, tagged).images, pictures())


def masked(folder: Path, index: int, frame: dict[str, Any]) -> dict[str, Any]:
    """A mask of each frame but the first, black in the left half."""
    mask = np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)
    mask[:, : WIDTH // 2] = 0
    Image.fromarray(mask).save(folder / f"m{index}.png")
    return {"mask_path": f"m{index}.png"} if index else {}


def test_masks_are_where_pixels_count(scene: Scene) -> None:
    signal = scene(masked)
    assert signal.masks is not None
    assert signal.masks[0].all()
    assert not signal.masks[1:, :, : WIDTH // 2].any()
    assert signal.masks[1:, :, WIDTH // 2 :].all()
    assert any("masks hide 41.7% of the pixels" in note for note in signal.notes)


def test_masks_of_another_size_and_colours(scene: Scene) -> None:
    def coloured(folder: Path, index: int, frame: dict[str, Any]) -> dict[str, Any]:
        mask = np.zeros((2 * HEIGHT, 2 * WIDTH, 3), dtype=np.uint8)
        mask[:, WIDTH:, 2] = 1
        Image.fromarray(mask).save(folder / "m.png")
        return {"mask_path": ".\\m.png"}

    masks = scene(coloured).masks
    assert masks is not None
    assert (masks == (np.arange(WIDTH) >= WIDTH // 2)).all()


def test_keys_that_are_not_honoured_are_named(scene: Scene) -> None:
    def deep(folder: Path, index: int, frame: dict[str, Any]) -> dict[str, Any]:
        return {"depth_file_path": "depth.png", "colmap_im_id": index, "sharpness": 3.0}

    applied = np.eye(4)[:3].tolist()
    notes = scene(deep, applied_transform=applied, ply_file_path="a.ply", **{"un\nknown": 1}, aabb_scale=16).notes
    assert "transforms.json: not honoured: depth_file_path, ply_file_path, un\\nknown" in notes
    assert any("aabb_scale 16" in note for note in notes)


def test_the_applied_transform_is_not_applied_again(scene: Scene) -> None:
    turned = [[0, 1, 0, 3], [1, 0, 0, 4], [0, 0, -1, 5]]
    assert np.allclose(scene(applied_transform=turned).poses, poses())


def test_masks_of_instant_ngp_are_named(tmp_path: Path, scene: Scene) -> None:
    def beside(folder: Path, index: int, frame: dict[str, Any]) -> dict[str, Any]:
        Image.new("L", (WIDTH, HEIGHT)).save(folder / "images" / f"dynamic_mask_f{index}.png")
        return {}

    assert any("dynamic_mask_" in note for note in scene(beside).notes)


def test_missing_pictures_are_left_out_and_counted(scene: Scene) -> None:
    def save(image: Image.Image, path: Path) -> None:
        if path.name != "f3.png":
            image.save(path)

    signal = scene(lambda *_: {}, save)
    assert np.array_equal(signal.images, np.delete(pictures(), 3, axis=0))
    assert np.allclose(signal.poses, np.delete(poses(), 3, axis=0))
    assert "WARNING: transforms.json: 1 of 6 pictures missing, left out (images/f3.png first)" in signal.notes


SPELLINGS: dict[str, Callable[[Path, str], str]] = {
    "dot and slash": lambda folder, name: "./" + name,
    "backslashes": lambda folder, name: name.replace("/", "\\"),
    "no ending": lambda folder, name: name.removesuffix(".png"),
    "a way about": lambda folder, name: "images/../" + name,
    "a whole path": lambda folder, name: str(folder / name),
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_names_of_every_spelling(scene: Scene, case: str) -> None:
    signal = scene(lambda folder, index, frame: {"file_path": SPELLINGS[case](folder, NAMES[index])})
    assert np.array_equal(signal.images, pictures())


def test_poses_of_three_rows(scene: Scene) -> None:
    signal = scene(lambda folder, index, frame: {"transform_matrix": frame["transform_matrix"][:3]})
    assert np.array_equal(signal.poses, poses())


LENSES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[float, float]]] = {
    # numbers of a frame, of the file, right focal lengths
    "its own focal length": ({"fl_x": 30.0, "fl_y": 31.0}, {}, (30, 31)),
    "its own angle": ({"camera_angle_x": 2 * np.arctan(WIDTH / 2 / 30)}, {}, (30, 30)),
    "its own size": ({"w": 2 * WIDTH, "h": 2 * HEIGHT, "cx": WIDTH, "cy": HEIGHT}, {}, (FOCAL / 2, FOCAL / 2)),
    "one focal length": ({}, {"fl_x": None}, (FOCAL, FOCAL)),
    "an angle": ({}, {"fl_x": None, "fl_y": None, "camera_angle_x": 2 * np.arctan(WIDTH / 2 / 30)}, (30, 30)),
    "null": ({"fl_x": None}, {"fl_y": 25.0}, (25, 25)),
}


@pytest.mark.parametrize("case", LENSES)
def test_lenses_of_frames(scene: Scene, case: str) -> None:
    own, top, right = LENSES[case]
    focal = scene(lambda *_: own, **top).scene.cameras.focal
    assert np.allclose(focal, right)


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a mask that is not there": ({"mask_path": "nowhere.png"}, {}, "names the mask nowhere.png, which does not exist"),
    "a mask of a number": ({"mask_path": 3}, {}, "names the mask 3, which"),
    "an absolute path": ({"file_path": "/etc/hostname"}, {}, "/etc/hostname, which lies outside of its folder"),
    "a way out": ({"file_path": "../other/f0.png"}, {}, "lies outside of its folder"),
    "a mask outside": ({"mask_path": "/etc/hostname"}, {}, "lies outside of its folder"),
    "a list that leads out": ({}, {"test_filenames": ["../f0.png"]}, "lies outside of its folder"),
    "a zero byte": ({"file_path": "a\0b"}, {}, "does not exist"),
    "a name too long": ({"file_path": "a" * 5000}, {}, "does not exist"),
    "a fisheye frame": ({"camera_model": "OPENCV_FISHEYE"}, {}, "OPENCV_FISHEYE is not supported"),
    "a rational lens": ({"k4": 0.1}, {}, "OPENCV is not supported"),
    "a lens of other kind": ({}, {"camera_model": ["x"]}, "is not supported"),
    "a huge number": ({}, {"fl_x": 10**400}, "fl_x of f0.png is too large"),
    "a huge pose": ({"transform_matrix": [[10**400] * 4] * 4}, {}, "no transform_matrix of numbers"),
    "a ragged pose": ({"transform_matrix": [[1, 2], [3]]}, {}, "no transform_matrix of numbers"),
    "a pose that is none": ({"transform_matrix": [[float("nan")] * 4] * 4}, {}, "view 0 holds NaN"),
    "a scaled pose": ({"transform_matrix": (2 * np.eye(4)).tolist()}, {}, "not a rigid motion"),
    "a point outside": ({}, {"cx": 2.0 * WIDTH, "w": None, "h": None}, "principal point"),
    "names that are none": ({}, {"train_filenames": [5]}, "must be a list of names"),
    "names in no list": ({}, {"train_filenames": "images/f0.png"}, "must be a list of names"),
    "nothing to train on": ({}, {"train_filenames": ["other.png"]}, "no frames that are used"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_in_a_line(scene: Scene, case: str) -> None:
    own, top, words = REFUSED[case]
    with pytest.raises(SignalError, match=words) as caught:
        scene(lambda *_: own, **top)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_links_that_lead_out_are_refused(tmp_path: Path) -> None:
    from fourierfield.kinds._read import read

    write_scene(tmp_path / "other")
    path = write_scene(tmp_path / "scene")
    (tmp_path / "scene" / NAMES[2]).unlink()
    (tmp_path / "scene" / NAMES[2]).symlink_to(tmp_path / "other" / NAMES[2])
    with pytest.raises(SignalError, match="lies outside of its folder"):
        read(path)
    linked = tmp_path / "linked"
    linked.symlink_to(tmp_path / "other")
    assert len(read(linked / "transforms.json").images) == VIEWS


def test_a_mask_that_hides_a_whole_picture_is_refused(scene: Scene) -> None:
    def black(folder: Path, index: int, frame: dict[str, Any]) -> dict[str, Any]:
        Image.new("L", (WIDTH, HEIGHT)).save(folder / "m.png")
        return {"mask_path": "m.png"} if index == 2 else {}

    with pytest.raises(SignalError, match="the mask of view 2 hides all of it"):
        scene(black)

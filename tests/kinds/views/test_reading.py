"""Posed pictures from .npz and transforms.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fourierfield.errors import SettingsError, SignalError
from fourierfield.grids._splits import GridHoldOut, NoHoldOut, RandomHoldOut
from fourierfield.kinds._read import read as read_file
from fourierfield.kinds.views._signal import ViewsSignal, spectral_scale


def read(path: Path) -> ViewsSignal:
    signal = read_file(path)
    assert isinstance(signal, ViewsSignal)
    return signal


def blender(folder: Path, arrays: dict[str, np.ndarray], parts: tuple[str, ...] = ("train", "test")) -> Path:
    """The scene as Blender's exporter for NeRF lays it out."""
    angle = 2 * np.arctan(arrays["images"].shape[2] / 2 / float(arrays["focal"]))
    for part in parts:
        (folder / part).mkdir(parents=True)
        frames = []
        for index in np.flatnonzero(arrays["split"] == part):
            Image.fromarray(arrays["images"][index]).save(folder / part / f"r_{index}.png")
            pose = arrays["poses"][index].tolist()
            frames.append({"file_path": f"./{part}/r_{index}", "rotation": 0.01, "transform_matrix": pose})
        text = json.dumps({"camera_angle_x": float(angle), "frames": frames})
        (folder / f"transforms_{part}.json").write_text(text)
    return folder


def studio(folder: Path, arrays: dict[str, np.ndarray], **changes: Any) -> Path:
    """The scene as nerfstudio and instant-ngp have it, in one file."""
    folder.mkdir()
    frames = []
    for index, (image, pose) in enumerate(zip(arrays["images"], arrays["poses"], strict=True)):
        Image.fromarray(image[..., :3]).save(folder / f"{index}.png")
        frames.append({"file_path": f"{index}.png", "transform_matrix": pose.tolist()})
    height, width = arrays["images"].shape[1:3]
    focal = float(arrays["focal"])
    shared = {"fl_x": focal, "fl_y": focal, "cx": width / 2, "cy": height / 2, "w": width, "h": height}
    content = {**shared, "aabb_scale": 1, "applied_transform": np.eye(4)[:3].tolist(), "frames": frames, **changes}
    path = folder / "transforms.json"
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return path


def test_npz(sphere_file: Path, sphere_arrays: dict[str, np.ndarray]) -> None:
    signal = read(sphere_file)
    assert signal.shape == (10, 20, 20)
    assert signal.description.kind == "views"
    assert signal.scene.held_out == (8, 9)
    assert signal.scene.side == 3.0
    straight = sphere_arrays["images"][3] / 255
    assert np.allclose(signal.view(3), straight[..., :3] * straight[..., 3:], atol=1e-6)


def test_a_blender_folder_is_the_same_signal(tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> None:
    signal = read(blender(tmp_path / "scene", sphere_arrays))
    assert np.array_equal(signal.images, sphere_arrays["images"])
    assert signal.scene.held_out == (8, 9)
    assert np.allclose(signal.scene.cameras.focal, 32.0)
    assert (signal.scene.near, signal.scene.far, signal.scene.side) == (2.0, 6.0, 3.0)


def test_one_file_of_a_blender_folder(tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> None:
    signal = read(blender(tmp_path / "scene", sphere_arrays) / "transforms_train.json")
    assert signal.shape[0] == 8
    assert signal.scene.held_out == ()


def test_one_file_for_all(tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> None:
    signal = read(studio(tmp_path / "scene", sphere_arrays))
    assert not signal.has_alpha
    assert np.allclose(signal.scene.middle, 0, atol=0.05)
    assert "box of side" in signal.notes[0]


def test_lens_numbers_per_frame_go_before_those_of_the_file(
    tmp_path: Path, sphere_arrays: dict[str, np.ndarray]
) -> None:
    path = studio(tmp_path / "scene", sphere_arrays, k1=0.1, p2=0.02)
    content = json.loads(path.read_text())
    content["frames"][2] |= {"fl_x": 40.0, "k1": 0.3}
    path.write_text(json.dumps(content))
    cameras = read(path).scene.cameras
    assert cameras.focal[2].tolist() == [40.0, 32.0]
    assert cameras.distortion[[0, 2]].tolist() == [[0.1, 0, 0, 0.02, 0], [0.3, 0, 0, 0.02, 0]]


def test_intrinsics_of_larger_pictures_are_scaled(tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> None:
    path = studio(tmp_path / "scene", sphere_arrays, w=40, h=40, cx=22.0, cy=20.0, fl_x=64.0, fl_y=64.0)
    cameras = read(path).scene.cameras
    assert cameras.focal[0].tolist() == [32.0, 32.0]
    assert cameras.centre[0].tolist() == [11.0, 10.0]


def test_named_test_views_are_held_out_and_those_for_validation_left_out(
    tmp_path: Path, sphere_arrays: dict[str, np.ndarray]
) -> None:
    names = {"test_filenames": ["1.png"], "val_filenames": ["0.png", "4.png"]}
    signal = read(studio(tmp_path / "scene", sphere_arrays, **names))
    assert signal.shape[0] == 8
    assert signal.scene.held_out == (0,)


def test_hold_out(sphere_file: Path) -> None:
    signal = read(sphere_file)
    assert signal.split(NoHoldOut())[1].tolist() == [8, 9]
    assert signal.split(GridHoldOut())[1].tolist() == [0, 8]
    training, held_out = signal.split(RandomHoldOut(0.3))
    assert len(held_out) == 3
    assert sorted([*training, *held_out]) == list(range(10))


def test_spectral_scale_is_that_of_a_wave(sphere_arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * 0.1 * np.arange(20))
    images = np.broadcast_to(wave[None, None, :, None], (10, 20, 20, 3)).astype(np.float32)
    np.savez(tmp_path / "wave.npz", **{**sphere_arrays, "images": images})
    found = spectral_scale(read(tmp_path / "wave.npz"), np.arange(10))
    assert abs(found - 0.1) < 0.01


BAD: list[tuple[dict[str, Any], str]] = [
    ({"poses": None}, "no poses"),
    ({"images": None}, "no images"),
    ({"poses": np.zeros((10, 3, 3))}, "4, 4"),
    ({"poses": np.zeros((7, 4, 4))}, "one pose each"),
    ({"focal": np.array(0.0)}, "focal length"),
    ({"focal": np.array([1.0, 2.0])}, "one finite number"),
    ({"near": np.array(7.0)}, "below far"),
    ({"images": np.zeros((10, 20, 20), dtype=np.uint8)}, "3 or 4"),
    ({"split": np.array(["test"] * 10)}, "none is left to train on"),
    ({"images": np.full((10, 20, 20, 3), np.nan, dtype=np.float32)}, "missing colours"),
]


@pytest.mark.parametrize(("change", "words"), BAD)
def test_bad_npz_files_are_refused_in_a_line(
    tmp_path: Path, sphere_arrays: dict[str, np.ndarray], change: dict[str, Any], words: str
) -> None:
    arrays = {**sphere_arrays, **change}
    path = tmp_path / "bad.npz"
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(SignalError, match=words) as problem:
        read(path)
    assert "\n" not in str(problem.value)
    assert str(problem.value).startswith(str(path))


def test_poses_of_numbers_that_are_none(tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> None:
    poses = sphere_arrays["poses"].copy()
    poses[4, 0, 0] = np.nan
    np.savez(tmp_path / "bad.npz", **{**sphere_arrays, "poses": poses})
    with pytest.raises(SignalError, match="view 4 holds NaN"):
        read(tmp_path / "bad.npz")


def test_a_file_cut_off(sphere_file: Path) -> None:
    sphere_file.write_bytes(sphere_file.read_bytes()[:4000])
    with pytest.raises(SignalError, match="damaged or cut off"):
        read(sphere_file)


BAD_TRANSFORMS: list[tuple[dict[str, Any], str]] = [
    ({"frames": []}, "no frames"),
    ({"frames": 3}, "no list of frames"),
    ({"frames": [{"file_path": "nowhere", "transform_matrix": np.eye(4).tolist()}]}, "nowhere, which does not exist"),
    ({"frames": [{"file_path": "0.png"}]}, "no transform_matrix"),
    ({"frames": [{"file_path": "0.png", "transform_matrix": [[1, 2], [3, 4]]}]}, "not 4×4"),
    ({"frames": [{"transform_matrix": np.eye(4).tolist()}]}, "names no picture"),
    ({"fl_x": None, "fl_y": None}, "no focal length"),
    ({"fl_x": -5}, "focal length"),
    ({"fl_x": "long"}, "finite number"),
    ({"w": 99}, "99×20"),
    ({"camera_model": "OPENCV_FISHEYE"}, "OPENCV_FISHEYE is not supported"),
]


@pytest.mark.parametrize(("change", "words"), BAD_TRANSFORMS)
def test_bad_camera_files_are_refused_in_a_line(
    tmp_path: Path, sphere_arrays: dict[str, np.ndarray], change: dict[str, Any], words: str
) -> None:
    path = studio(tmp_path / "scene", sphere_arrays)
    content = {**json.loads(path.read_text()), **change}
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    with pytest.raises(SignalError, match=words) as problem:
        read(path)
    assert "\n" not in str(problem.value)


def test_pictures_of_unequal_size(tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> None:
    path = studio(tmp_path / "scene", sphere_arrays)
    Image.new("RGB", (21, 20)).save(path.parent / "5.png")
    with pytest.raises(SignalError, match=r"5\.png has 21×20 pixels"):
        read(path)


def test_a_picture_that_is_none(tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> None:
    path = studio(tmp_path / "scene", sphere_arrays)
    (path.parent / "5.png").write_bytes(b"not a picture at all")
    with pytest.raises(SignalError, match=r"5\.png is not a picture"):
        read(path)


def test_another_kind_asked_for(sphere_file: Path, photo_file: Path) -> None:
    with pytest.raises(SignalError, match=r"is a picture \(PNG\), not a set of posed pictures; .*transforms\.json"):
        read_file(photo_file, "views")
    with pytest.raises(SignalError, match=r"is a set of posed pictures .*, not a picture"):
        read_file(sphere_file, "image")


def test_all_views_held_out(sphere_file: Path) -> None:
    class All:
        def split(self, present):  # type: ignore[no-untyped-def]
            from fourierfield.grids._splits import Split

            return Split(np.empty(0, dtype=np.int64), np.flatnonzero(present))

    with pytest.raises(SettingsError, match="no views to train on"):
        read(sphere_file).split(All())

"""Mutated camera files and .npz: read, or refused in one line, whatever their bytes are."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourierfield.errors import FourierFieldError
from fourierfield.kinds.views._npz import read_npz
from fourierfield.kinds.views._transforms import read_transforms

from .conftest import FOCAL, pictures, poses, write_scene

BOUNDED = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ODD: list[Any] = [
    *(None, True, -1, 0, 1e308, 10**400, float("nan"), float("inf"), "", "images", "..", "\0", "a" * 300, "\ud800"),
    *([], {}, [[]], [[1, 2, 3, 4]] * 4, ["images/f0.png"], {"frames": []}, "images/f1.png", -1e-300),
]
KEYS = [
    *("fl_x", "fl_y", "cx", "cy", "w", "h", "k1", "k4", "camera_angle_x", "camera_model", "is_fisheye", "aabb_scale"),
    *(
        "file_path",
        "transform_matrix",
        "mask_path",
        "train_filenames",
        "val_filenames",
        "test_filenames",
        "frames",
        "x",
    ),
]


def outcome(read: Any, path: Path) -> str:
    """Read a file and return what was said; a refusal has one line."""
    try:
        return " ".join(read(path).notes)
    except FourierFieldError as problem:
        return str(problem)


def bytes_changed(draw: Any, content: bytes) -> bytes:
    made = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        made[at : at + draw(st.integers(0, 5))] = draw(st.binary(max_size=4))
    return bytes(made[: draw(st.one_of(st.just(len(made)), st.integers(0, len(made))))])


@pytest.fixture(scope="module")
def camera_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("views") / "scene")


@BOUNDED
@given(data=st.data())
def test_values_of_camera_files(camera_file: Path, data: st.DataObject) -> None:
    path = camera_file.with_name("values.json")
    content = json.loads(camera_file.read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        where = data.draw(st.sampled_from([content, *(f for f in content.get("frames") or () if isinstance(f, dict))]))
        where[data.draw(st.sampled_from(KEYS))] = data.draw(st.sampled_from(ODD))
        if not isinstance(content.get("frames"), list):
            break
    path.write_text(json.dumps(content))
    assert "\n" not in outcome(read_transforms, path)


@BOUNDED
@given(data=st.data())
def test_bytes_of_camera_files(camera_file: Path, data: st.DataObject) -> None:
    path = camera_file.with_name("bytes.json")
    path.write_bytes(bytes_changed(data.draw, camera_file.read_bytes()))
    assert "\n" not in outcome(read_transforms, path)


def packed(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{"images": pictures(), "poses": poses(), "focal": FOCAL, **arrays})
    return buffer.getvalue()


@BOUNDED
@given(data=st.data())
def test_bytes_of_npz(tmp_path: Path, data: st.DataObject) -> None:
    (tmp_path / "views.npz").write_bytes(bytes_changed(data.draw, packed()))
    assert "\n" not in outcome(read_npz, tmp_path / "views.npz")


ARRAYS = st.one_of(
    st.sampled_from(
        [np.zeros(0), np.array(None), np.array("x"), np.array([b"a"]), np.zeros((6, 4, 4)), np.array(1e308)]
    ),
    st.builds(
        np.full, st.sampled_from([(), (6,), (6, 5), (6, 12, 16)]), st.sampled_from([np.nan, -1, 1e-300, 3, True])
    ),
)


@BOUNDED
@given(
    changes=st.dictionaries(
        st.sampled_from(
            [
                "images",
                "poses",
                "focal",
                "fl_x",
                "cx",
                "k1",
                "distortion",
                "masks",
                "near",
                "far",
                "split",
                "w",
                "other",
            ]
        ),
        ARRAYS,
        min_size=1,
        max_size=3,
    )
)
def test_arrays_of_npz(tmp_path: Path, changes: dict[str, np.ndarray]) -> None:
    (tmp_path / "views.npz").write_bytes(packed(**changes))
    assert "\n" not in outcome(read_npz, tmp_path / "views.npz")

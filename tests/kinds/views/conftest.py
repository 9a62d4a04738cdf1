"""Scenes as camera files hold them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fourierfield.kinds._read import read
from fourierfield.kinds.views._cameras import look_at
from fourierfield.kinds.views._signal import ViewsSignal

HEIGHT, WIDTH, FOCAL, VIEWS = 12, 16, 20.0, 6
NAMES = [f"images/f{index}.png" for index in range(VIEWS)]
Change = Callable[[Path, int, dict[str, Any]], dict[str, Any]]


def pictures() -> np.ndarray:
    """Pictures whose pixels all differ, (N, H, W, 3) 8-bit."""
    return np.random.default_rng(0).integers(0, 256, (VIEWS, HEIGHT, WIDTH, 3), dtype=np.uint8)


def poses() -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, VIEWS, endpoint=False)
    return np.stack([look_at((4 * np.cos(a), 4 * np.sin(a), 1.5), (0.0, 0.0, 0.0)) for a in angles])


def write_scene(
    folder: Path, change: Change = lambda *_: {}, save: Callable[..., Any] | None = None, **top: Any
) -> Path:
    """A transforms.json with ``top`` over its numbers, and ``change`` over those of each frame; None takes one out."""
    (folder / "images").mkdir(parents=True)
    frames = []
    for index, (picture, pose) in enumerate(zip(pictures(), poses(), strict=True)):
        (save or (lambda image, path: image.save(path)))(Image.fromarray(picture), folder / NAMES[index])
        frame = {"file_path": NAMES[index], "transform_matrix": pose.tolist()}
        frames.append(frame | change(folder, index, frame))
    numbers = {"fl_x": FOCAL, "fl_y": FOCAL, "cx": WIDTH / 2, "cy": HEIGHT / 2, "w": WIDTH, "h": HEIGHT}
    content = {"camera_model": "OPENCV", **numbers, "frames": frames, **top}
    path = folder / "transforms.json"
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return path


@pytest.fixture
def scene(tmp_path: Path) -> Callable[..., ViewsSignal]:
    """The signal of a camera file that is written with some changes."""

    def signal(*changes: Any, **top: Any) -> ViewsSignal:
        return read(write_scene(tmp_path / "scene", *changes, **top))

    return signal

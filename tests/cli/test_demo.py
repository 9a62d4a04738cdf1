from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from fourierfield.cli import _demo
from fourierfield.grids._arrays import as_signal


def test_the_demo_writes_its_picture_and_ranks_the_three(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _demo._photograph()
    half = as_signal(np.round(255 * whole.values[::2, ::2]).astype(np.uint8), name=whole.name)
    monkeypatch.setattr(_demo, "_photograph", lambda: half)
    ended = run("demo", "--steps", 40, "--json")
    assert ended.status == 0, ended.err
    result = json.loads(ended.out)
    scores = result["held_out_psnr_db"]
    assert scores["Fourier features"] > scores["no mapping"]
    assert scores["bicubic"] > 20
    with Image.open(result["picture"]) as picture:
        assert picture.size[0] > 1000

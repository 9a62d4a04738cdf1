from __future__ import annotations

import json
from collections.abc import Callable

from PIL import Image


def test_the_demo_writes_its_picture_and_ranks_the_three(run: Callable) -> None:
    ended = run("demo", "--steps", 120, "--json")
    assert ended.status == 0, ended.err
    result = json.loads(ended.out)
    scores = result["held_out_psnr_db"]
    assert scores["Fourier features"] > scores["no mapping"]
    assert scores["bicubic"] > 20
    with Image.open(result["picture"]) as picture:
        assert picture.size[0] > 1000

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from fourierfield.report._comparison import Panel, comparison_picture


def test_the_picture_holds_every_panel() -> None:
    red, grey = np.zeros((20, 30, 3)), np.full((20, 30, 1), 0.5)
    red[..., 0] = 1
    content = comparison_picture([Panel("red", red), Panel("grey", grey)], (slice(5, 10), slice(5, 10)), "title")
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    flat = picture.reshape(-1, 3)
    assert (flat == (255, 0, 0)).all(axis=1).sum() > 1000
    assert (np.abs(flat.astype(int) - 128) <= 1).all(axis=1).sum() > 1000

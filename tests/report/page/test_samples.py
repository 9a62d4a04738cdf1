from __future__ import annotations

import io

import numpy as np
from PIL import Image

from fourierfield.report.page._samples import MOST_PIXELS, as_picture, error_picture


def pixels(content: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(content))
    return np.asarray(image.convert("RGB") if image.mode == "P" else image)


def test_channels_become_colours() -> None:
    grey = pixels(as_picture(np.full((2, 3, 1), 0.5), (0.0, 1.0)))
    assert grey.shape == (2, 3, 3)
    assert (grey == 128).all()
    opaque_red, hidden = [1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]
    drawn = pixels(as_picture(np.array([[opaque_red, hidden]]), (0.0, 1.0)))
    assert drawn.tolist() == [[[255, 0, 0], [255, 255, 255]]]


def test_missing_samples_are_transparent() -> None:
    values = np.ones((1, 2, 1))
    values[0, 1] = np.nan
    assert pixels(as_picture(values, (0.0, 1.0)))[..., 3].tolist() == [[255, 0]]


def test_large_images_are_brought_down_and_keep_their_shape() -> None:
    assert pixels(as_picture(np.zeros((2000, 1000, 3)), (0.0, 1.0))).shape == (MOST_PIXELS, MOST_PIXELS // 2, 3)
    assert pixels(as_picture(np.zeros((5000, 1, 1)), (0.0, 1.0))).shape == (MOST_PIXELS, 1, 3)


def test_the_error_scale_ends_at_a_percentile() -> None:
    error = np.full((100, 100), 0.01)
    error[0, 0] = 1.0
    picture, top = error_picture(error)
    assert top == 0.01
    assert (pixels(picture) == pixels(picture)[0, 0]).all()


def test_missing_errors_are_transparent() -> None:
    """Dark would say that there is none."""
    error = np.ones((2, 2))
    error[0, 0] = np.nan
    drawn = np.asarray(Image.open(io.BytesIO(error_picture(error)[0])).convert("RGBA"))
    assert drawn[..., 3].tolist() == [[0, 255], [255, 255]]
    assert drawn[1, 1, :3].max() > 200


def test_no_error_at_all_is_dark() -> None:
    picture, _ = error_picture(np.zeros((4, 4)))
    assert pixels(picture).max() < 10

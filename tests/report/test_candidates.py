from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fourierfield.report._candidates import Candidate, by_family, candidates_picture

CANDIDATES = [
    Candidate("gaussian", 4.0, 256, 27.0, 30.0, 26.0, 28.0),
    Candidate("laplace", 2.0, 256, 26.5),
    Candidate("gaussian", 2.0, 256, 26.0),
    Candidate("basic", None, 2, 20.0),
]


def test_families_keep_their_order_and_sort_their_bandwidths() -> None:
    families = by_family(CANDIDATES)
    assert list(families) == ["gaussian", "laplace", "basic"]
    assert [found.bandwidth for found in families["gaussian"]] == [2.0, 4.0]


def test_names() -> None:
    assert Candidate("gaussian", 1532.4, 256, 20.0).name == "gaussian 1530"
    assert Candidate("gaussian", (1.0, 4.0), 256, 20.0).name == "gaussian 1×4"
    assert Candidate("basic", None, 2, 20.0).name == "basic"


def test_the_picture_is_drawn_and_the_same_every_time() -> None:
    content = candidates_picture(CANDIDATES, title="photo.png")
    assert content == candidates_picture(CANDIDATES, title="photo.png")
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
    assert picture.shape[1] > 600
    assert (picture < 128).sum() > 1000


def test_without_bandwidths_or_a_choice_there_is_a_picture_too() -> None:
    assert candidates_picture([CANDIDATES[-1]], None)
    assert candidates_picture([CANDIDATES[-1]])


def test_no_candidates_are_refused() -> None:
    with pytest.raises(ValueError, match="no candidates"):
        candidates_picture([])

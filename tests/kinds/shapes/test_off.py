"""OFF files: polygons, variants of the keyword, comments, and counts that do not hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read

OUTLINE = np.array([(0, 0), (4, 0), (4, 1), (1, 1), (1, 4), (0, 4)], dtype=float)
CORNERS = np.concatenate([np.c_[OUTLINE, np.zeros(6)], np.c_[OUTLINE, np.full(6, 2.0)]])
FACES = [[5, 4, 3, 2, 1, 0], [6, 7, 8, 9, 10, 11], *([i, (i + 1) % 6, (i + 1) % 6 + 6, i + 6] for i in range(6))]
POINTS = "".join(f"{x:g} {y:g} {z:g}\n" for x, y, z in CORNERS)
SIDES = "".join(f"{len(face)} " + " ".join(map(str, face)) + "\n" for face in FACES)

VARIANTS = {
    "plain": "OFF\n12 8 18\n" + POINTS + SIDES,
    "counts beside the keyword": "OFF 12 8 18\n" + POINTS + SIDES,
    "comments first": "# drawn\n\n# by hand\nOFF # keyword\n12 8 0\n" + POINTS + SIDES,
    "two kilobytes of comments": "# drawn by hand\n" * 130 + "OFF\n12 8 0\n# points\n" + POINTS + SIDES,
    "a byte order mark": "\ufeffOFF\n12 8 0\n" + POINTS + SIDES,
    "other line ends": ("OFF\n12 8 0\n" + POINTS + SIDES).replace("\n", "\r\n"),
    "colours": "COFF\n12 8 0\n" + POINTS.replace("\n", " 255 0 0 255\n") + SIDES.replace("\n", " 0.5 0.5 0.5\n"),
    "textures": "STOFF\n12 8 0\n" + POINTS.replace("\n", " 0.5 1\n") + SIDES,
    "normals": "NOFF\n12 8 0\n" + POINTS.replace("\n", " 0 0 1\n") + SIDES,
    "all": "STCNOFF\n12 8 0\n" + POINTS.replace("\n", " 0 0 1 1 0 0 1 0.5 0.5\n") + SIDES,
    "one line": ("OFF\n12 8 0\n" + POINTS + SIDES).replace("\n", " "),
}


@pytest.mark.parametrize("case", VARIANTS)
def test_variants_hold_the_same_solid(save: Callable, case: str) -> None:
    mesh = read(save(VARIANTS[case].encode()))
    a, b, c = np.moveaxis(mesh.corners, 1, 0)
    assert mesh.watertight
    assert mesh.volume == pytest.approx(14)
    assert np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2 == pytest.approx(46)


BROKEN = {
    "a face too few": ("OFF\n12 8 0\n" + POINTS + SIDES[: SIDES.rindex("4 ")], "it holds 12 and 7"),
    "cut in a face": ("OFF\n12 8 0\n" + POINTS + SIDES[:-4], "it holds 12 and 7"),
    "cut in the points": ("OFF\n12 8 0\n" + POINTS[:30], "damaged or cut off: its header counts"),
    "an index too large": ("OFF\n12 8 0\n" + POINTS + SIDES.replace("11\n", "12\n"), "does not hold"),
    "a negative index": ("OFF\n12 8 0\n" + POINTS + SIDES.replace(" 11\n", " -1\n"), "does not hold"),
    "four dimensions": ("4OFF\n12 8 0\n" + POINTS.replace("\n", " 1\n") + SIDES, "other than three dimensions"),
    "n dimensions": ("nOFF\n4\n12 8 0\n" + POINTS.replace("\n", " 1\n") + SIDES, "other than three dimensions"),
    "binary": ("OFF BINARY\n" + POINTS, "binary OFF"),
    "negative counts": ("OFF\n-12 -8 0\n" + POINTS + SIDES, "damaged: its header counts -12"),
    "a face of less than none": ("# long\n" * 3000 + "OFF 3 90000000000 0\n" + "0 1 2 " * 3 + "-1 " * 9, "cut off"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_cut_off_or_wrong_is_refused(save: Callable, case: str) -> None:
    content, words = BROKEN[case]
    with pytest.raises(SignalError, match=words) as caught:
        read(save(content))
    assert "\n" not in str(caught.value)

"""What may be asked of a field by its kind, and what then lies in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fourierfield
from fourierfield.errors import SettingsError
from fourierfield.kinds._registry import KINDS
from fourierfield.kinds._render import refuse_foreign, render_field
from fourierfield.kinds._render_options import RenderOptions
from fourierfield.networks._field import NetworkField

GIVEN = {
    "size": "4x4",
    "scale": 2.0,
    "window": "0:0.5,:",
    "fill": "a.png",
    "uncertainty": True,
    "pose": "0,0",
    "depth": True,
    "frames": 3,
}


@pytest.mark.parametrize("name", GIVEN)
def test_each_option_is_taken_or_refused_by_name(name: str) -> None:
    options = RenderOptions(**{name: GIVEN[name]})
    for kind in KINDS.values():
        if name in kind.render_options:
            refuse_foreign(options, kind)
            continue
        with pytest.raises(SettingsError, match=rf"^--{name}\b.*; leave it out$") as caught:
            refuse_foreign(options, kind)
        assert kind.why_not.get(name, f"not for fields of {kind.name}") in str(caught.value)


def test_a_name_whose_ending_is_of_no_format_is_refused_with_those_that_are(
    tmp_path: Path, small_field: NetworkField
) -> None:
    for name in ("a.wav", "a"):
        with pytest.raises(SettingsError, match=r"names no format of image.*\.png, \.jpg") as caught:
            render_field(small_field, str(tmp_path / name), RenderOptions())
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_standard_deviations_are_drawn_of_kernels_alone(tmp_path: Path, small_field: NetworkField) -> None:
    out = str(tmp_path / "a.npy")
    with pytest.raises(SettingsError):
        render_field(small_field, out, RenderOptions(uncertainty=True))
    field = fourierfield.fit(np.eye(8, dtype=np.float32), method="kernel")
    render_field(field, out, RenderOptions(uncertainty=True))
    grid = field.domain.grid((8, 8))
    deviations = field.deviation(grid.coordinates(np.arange(64)))
    np.testing.assert_allclose(np.load(out).ravel(), np.ravel(deviations), rtol=1e-6)
    assert np.load(out).min() > 0

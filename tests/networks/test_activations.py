"""Activations: the gain of each, and what radiance returns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.networks._activations import ACTIVATIONS, OUTPUTS


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "sine"])
def test_gains_keep_the_second_moment(name: str) -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    activated = ACTIVATIONS[name].function(torch.from_numpy(nodes)).numpy()
    second_moment = (weights * activated**2).sum() / weights.sum()
    assert ACTIVATIONS[name].gain == pytest.approx(1 / second_moment, rel=2e-4)


def test_radiance_is_three_shares_and_a_density_that_is_never_negative() -> None:
    raw = torch.linspace(-40, 40, 4 * 9).reshape(9, 4)
    for density in ("radiance", "radiance-relu"):
        found = OUTPUTS[density](raw)
        assert ((found[:, :3] >= 0) & (found[:, :3] <= 1)).all()
        assert (found[:, 3] >= 0).all()
        assert found.isfinite().all()
    torch.testing.assert_close(OUTPUTS["radiance"](raw)[:, 3], raw[:, 3].clamp(max=15).exp())

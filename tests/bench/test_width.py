"""A finite network follows the prediction, the closer the wider it is."""

from __future__ import annotations

import pytest

from fourierfield.bench._width import WidthSetting, check_width


def test_wider_networks_follow_more_closely() -> None:
    narrow, wide = (check_width(WidthSetting(width, moments=(10, 50, 200))) for width in (64, 1024))
    assert wide.train_error < narrow.train_error / 2
    assert wide.test_error < narrow.test_error / 2
    assert wide.train_error < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_a_network_of_width_4096_stays_within_five_percent(power: float) -> None:
    check = check_width(WidthSetting(4096, power))
    assert check.train_error < 0.05
    assert check.test_error < 0.05

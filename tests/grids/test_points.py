"""Placements lead to coordinates and back, across the date line too; signals of points check what they are given."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SignalError
from fourierfield.grids._domain import Domain
from fourierfield.grids._points import Placement, PointSignal

PLAIN = Placement(("x", "y"), (10.0, -3.0), (0.5, 0.25))
PACIFIC = Placement(("lon", "lat"), (170.0, -10.0), (0.05, 0.05), geographic=True)


def point_signal(**changes: object) -> PointSignal:
    given = {
        "points": np.array([[0.0, 0.0], [1.0, 0.5]]),
        "values": np.array([[1.0], [2.0]]),
        "domain": Domain((2.0, 1.0), ("m", "m")),
        "placement": PLAIN,
        "outputs": ("t",),
        "name": "table.csv",
    }
    return PointSignal(**{**given, **changes})  # type: ignore[arg-type]


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2), min_size=1, max_size=5))
def test_columns_and_coordinates_are_inverse(rows: list[tuple[float, float]]) -> None:
    columns = np.array(rows)
    np.testing.assert_allclose(PLAIN.to_columns(PLAIN.to_coordinates(columns)), columns, rtol=1e-12, atol=1e-9)


@given(longitude=st.floats(-360, 360), latitude=st.floats(-90, 90))
def test_longitudes_are_the_same_after_a_turn(longitude: float, latitude: float) -> None:
    place = PACIFIC.to_coordinates(np.array([[longitude, latitude]]))
    turned = PACIFIC.to_coordinates(np.array([[longitude - 360, latitude]]))
    assert np.abs(place - turned)[0, 0] % (360 * 0.05) == pytest.approx(0, abs=1e-9)
    assert np.abs(PACIFIC.to_columns(place)[0, 0] - longitude) % 360 == pytest.approx(0, abs=1e-9) or np.isclose(
        np.abs(PACIFIC.to_columns(place)[0, 0] - longitude) % 360, 360
    )


def test_longitudes_go_to_the_side_of_the_points() -> None:
    columns = np.array([[169.0, 0.0], [-175.0, 0.0], [185.0, 0.0], [-169.0, 0.0]])
    expected = (np.array([169.0, 185.0, 185.0, 191.0]) - 170) * 0.05
    np.testing.assert_allclose(PACIFIC.to_coordinates(columns)[:, 0], expected)


def test_a_whole_globe_keeps_both_its_edges() -> None:
    globe = Placement(("lat", "lon"), (-90.0, -180.0), (1 / 360, 1 / 360), geographic=True)
    edges = globe.to_coordinates(np.array([[0.0, -180.0], [0.0, 180.0]]))
    np.testing.assert_allclose(edges[:, 1], [0, 1])


def test_a_plain_column_called_nothing_special_is_never_turned() -> None:
    assert PLAIN.to_coordinates(np.array([[1e5, 0.0]]))[0, 0] == (1e5 - 10) * 0.5


@pytest.mark.parametrize("placement", [PLAIN, PACIFIC])
def test_a_placement_survives_json(placement: Placement) -> None:
    assert Placement.from_json(json.loads(json.dumps(placement.to_json()))) == placement


@pytest.mark.parametrize(
    ("names", "origin", "factor", "geographic", "reason"),
    [
        (("x",), (0.0, 1.0), (1.0,), False, "one name"),
        (("x",), (0.0,), (0.0,), False, "positive"),
        (("x",), (0.0,), (np.inf,), False, "positive"),
        (("x", "y"), (0.0, 0.0), (1.0, 1.0), True, "longitude and latitude"),
    ],
)
def test_placements_that_cannot_be(
    names: tuple[str, ...], origin: tuple[float, ...], factor: tuple[float, ...], geographic: bool, reason: str
) -> None:
    with pytest.raises(SignalError, match=reason):
        Placement(names, origin, factor, geographic)


def test_a_signal_describes_itself() -> None:
    signal = point_signal()
    assert (signal.kind, signal.shape, signal.channels) == ("table", (2,), 1)
    description = signal.description
    assert (description.kind, description.shape, description.channels) == ("table", (2,), 1)
    assert description.sample_format.dtype == "float64"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"points": np.zeros((2, 3))}, "dimensions"),
        ({"points": np.zeros(2)}, "dimensions"),
        ({"values": np.zeros((3, 1))}, "values of shape"),
        ({"values": np.zeros((2, 2))}, "values of shape"),
        ({"values": np.zeros((2, 0)), "outputs": ()}, "values of shape"),
        ({"values": np.array([[np.nan], [1.0]])}, "missing"),
        ({"points": np.array([[0.0, np.inf], [1.0, 0.0]])}, "infinite"),
    ],
)
def test_signals_that_do_not_fit_together(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(SignalError, match=reason):
        point_signal(**changes)

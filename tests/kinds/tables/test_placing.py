"""The box of the points starts at 0 and its longest side is 1, whatever the columns mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fourierfield.errors import SignalError
from fourierfield.kinds.tables._placing import KM_PER_DEGREE, place

NAMES = [["x", "y"], ["age", "income"], ["a (m)", "b (m)"], ["lon", "lat"]]


def rows(count: int = 30) -> st.SearchStrategy[list[tuple[float, float]]]:
    return st.lists(st.tuples(st.floats(-180, 180), st.floats(-80, 80)), min_size=2, max_size=count)


@pytest.mark.parametrize("names", NAMES, ids=" ".join)
@given(table=rows())
def test_the_box_is_a_unit_box_in_proportion_to_the_domain(names: list[str], table: list[tuple[float, float]]) -> None:
    columns = np.round(np.array(table), 6)
    assume((np.ptp(columns % 360, axis=0) > 0).all())
    placement, domain, _ = place(columns, names, "table")
    points = placement.to_coordinates(columns)
    np.testing.assert_allclose(points.min(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(points.max(axis=0), domain.sides, rtol=1e-6)
    assert points.max() == pytest.approx(1)
    assert placement.names == tuple(names)
    back = np.abs(placement.to_columns(points) - columns)
    turns = back[:, 0] % 360 if names[0] == "lon" else back[:, 0]
    np.testing.assert_allclose(np.minimum(turns, np.abs(360 - turns)), 0, atol=1e-9)
    np.testing.assert_allclose(back[:, 1], 0, atol=1e-9)


def test_columns_of_one_unit_keep_their_proportions_and_their_unit() -> None:
    placement, domain, notes = place(np.array([[0.0, 5.0], [4.0, 6.0]]), ["a (mm)", "b (mm)"], "t")
    assert (domain.extent, domain.units, notes) == ((4.0, 1.0), ("mm", "mm"), ())
    assert placement.factor == (0.25, 0.25)
    assert not placement.geographic


def test_columns_without_a_common_unit_get_sides_of_one_length_and_a_note() -> None:
    placement, domain, notes = place(np.array([[0.0, 1e3], [80.0, 5e4]]), ["age", "income"], "t")
    assert (domain.extent, domain.units) == ((1.0, 1.0), ("", ""))
    np.testing.assert_allclose(placement.to_coordinates(np.array([[80.0, 5e4]])), 1)
    assert notes == ("age and income have no unit in common: each is scaled to the same length",)


def test_one_column_keeps_its_unit() -> None:
    _, domain, notes = place(np.array([[1.0], [3.0]]), ["time (s)"], "t")
    assert (domain.extent, domain.units, notes) == ((2.0,), ("s",), ())


def test_maps_are_in_kilometres_at_the_middle_latitude() -> None:
    placement, domain, notes = place(np.array([[50.0, 10.0], [70.0, 12.0]]), ["lat", "lon"], "t")
    assert domain.units == ("km", "km")
    np.testing.assert_allclose(domain.extent, (20 * KM_PER_DEGREE, 2 * KM_PER_DEGREE * np.cos(np.pi / 3)))
    assert placement.geographic
    assert notes == ()


def test_a_degree_is_that_of_a_sphere() -> None:
    assert pytest.approx(2 * np.pi * 6371.0 / 360, abs=1e-3) == KM_PER_DEGREE


def test_what_comes_beside_a_map_is_scaled_to_it_unless_it_is_in_kilometres() -> None:
    columns = np.array([[0.0, 0.0, 5.0], [1.0, 2.0, 105.0]])
    _, domain, notes = place(columns, ["lon", "lat", "day"], "t")
    assert domain.units == ("km", "km", "")
    assert domain.sides[1:] == (1.0, 1.0)
    assert notes == ("day is scaled to the length of the map's longest side",)
    _, domain, notes = place(columns, ["lon", "lat", "height (km)"], "t")
    assert (domain.extent[2], domain.units[2], notes) == (100.0, "km", ())


@pytest.mark.parametrize(
    ("longitudes", "origin", "degrees"),
    [
        ([179.0, -179.0, 178.0], 178.0, 3.0),  # across the date line
        ([-10.0, 10.0, 350.0, 5.0], -10.0, 20.0),  # both ways of counting in one table
        ([181.0, 190.0], 181.0, 9.0),  # as they are
        ([-180.0, -90.0, 0.0, 90.0, 180.0], -180.0, 360.0),  # all the way round
        ([-170.0, -100.0, 0.0, 100.0, 170.0], -170.0, 340.0),  # gaps elsewhere are not worth an unusual map
        ([120.0, 150.0, -170.0, -80.0], 120.0, 160.0),
        ([-360.0, -355.0], -360.0, 5.0),
    ],
)
def test_where_longitudes_are_cut(longitudes: list[float], origin: float, degrees: float) -> None:
    columns = np.column_stack([longitudes, np.linspace(-1, 1, len(longitudes))])
    placement, domain, notes = place(columns, ["lon", "lat"], "t")
    assert placement.origin[0] == pytest.approx(origin)
    assert domain.extent[0] == pytest.approx(degrees * KM_PER_DEGREE)
    assert any("counted through" in note for note in notes) == (degrees < np.ptp(longitudes) - 1e-9)
    points = placement.to_coordinates(columns)
    assert points[:, 0].min() == 0
    assert points[:, 0].max() == pytest.approx(domain.sides[0])


@given(
    centre=st.floats(-180, 180),
    offsets=st.lists(st.floats(-20, 20), min_size=2, max_size=9),
    turns=st.lists(st.sampled_from([-360, 0, 360]), min_size=9, max_size=9),
)
def test_distances_do_not_depend_on_how_longitudes_are_counted(
    centre: float, offsets: list[float], turns: list[int]
) -> None:
    offset = np.round(np.array(offsets), 6)
    assume(np.ptp(offset) > 0)
    longitudes = centre + offset + np.array(turns[: len(offsets)])
    assume((np.abs(longitudes) <= 360).all())
    columns = np.column_stack([longitudes, np.linspace(0, 1, len(offsets))])
    placement, domain, _ = place(columns, ["lon", "lat"], "t")
    east = placement.to_coordinates(columns)[:, 0] * domain.scale / KM_PER_DEGREE / np.cos(np.radians(0.5))
    np.testing.assert_allclose(east - east[0], offset - offset[0], atol=1e-8)


def test_a_wide_range_of_latitudes_is_noted() -> None:
    _, _, notes = place(np.array([[0.0, -20.0], [1.0, 45.0]]), ["lon", "lat"], "t")
    assert notes == ("latitudes span 65 degrees: distances are right at the middle latitude (12.5 degrees) only",)


@pytest.mark.parametrize(
    ("columns", "names", "reason"),
    [
        ([[1.0, 2.0]], ["x", "y"], "single point"),
        ([[1.0, 2.0], [1.0, 2.0]], ["x", "y"], "all 2 points are the same"),
        ([[1.0, 2.0], [1.0, 3.0]], ["x", "y"], "x is 1 at every point.*leave it out"),
        ([[10.0, 2.0], [-350.0, 3.0]], ["lon", "lat"], "lon is 10 at every point|lon is -350 at every point"),
        ([[10.0, 95.0], [12.0, 3.0]], ["lon", "lat"], "lat is 95 .*±90 degrees; swap"),
        ([[-400.0, 5.0], [12.0, 3.0]], ["lon", "lat"], "lon is -400 .*±360 degrees"),
        ([[-1e308], [1e308]], ["x"], "another unit"),
        ([[0.0], [1e-300]], ["x"], "another unit"),
    ],
)
def test_points_that_have_no_box(columns: list[list[float]], names: list[str], reason: str) -> None:
    with pytest.raises(SignalError, match=reason) as caught:
        place(np.array(columns), names, "table.csv")
    assert str(caught.value).startswith("table.csv")
    assert "\n" not in str(caught.value)

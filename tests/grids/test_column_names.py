"""Units, longitude and latitude, and shared units are told by the names of columns."""

from __future__ import annotations

import pytest

from fourierfield.grids._column_names import (
    bare_name,
    geographic_axes,
    map_axes,
    name_list,
    share_a_unit,
    unit_in_brackets,
)


@pytest.mark.parametrize(
    ("name", "bare", "unit"),
    [
        ("depth (m)", "depth", "m"),
        ("Speed[m/s] ", "speed", "m/s"),
        ("t_s", "t_s", ""),
        ("f(x) (Hz)", "f(x)", "Hz"),
        ("(m)", "", "m"),
        ("half (open", "half (open", ""),
    ],
)
def test_units_in_brackets(name: str, bare: str, unit: str) -> None:
    assert (bare_name(name), unit_in_brackets(name)) == (bare, unit)


@pytest.mark.parametrize("longitude", ["lon", "LONG", "Longitude (deg)", "lng"])
@pytest.mark.parametrize("latitude", ["lat", "LATITUDE"])
def test_longitude_and_latitude_are_recognised(longitude: str, latitude: str) -> None:
    assert geographic_axes([latitude, "time", longitude]) == (2, 0)


@pytest.mark.parametrize("names", [["lon", "y"], ["lat"], ["lon", "longitude", "lat"], ["x", "y"], ["flat", "colon"]])
def test_half_a_pair_or_two_are_no_map(names: list[str]) -> None:
    assert geographic_axes(names) is None


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (["age"], True),
        (["x", "y"], True),
        (["X", "Y", "Z"], True),
        (["pos_x_um", "pos_y_um"], True),
        (["x (m)", "y (m)"], True),
        (["x (m)", "y (km)"], False),
        (["a (s)", "b (s)"], True),
        (["a (s)", "b"], False),
        (["Easting", "Northing"], True),
        (["age", "income"], False),
        (["x", "age"], False),
        (["x", "x"], False),
    ],
)
def test_which_columns_share_a_unit(names: list[str], shared: bool) -> None:
    assert share_a_unit(names) is shared


def test_maps_are_drawn_with_longitude_and_x_across() -> None:
    assert map_axes(["latitude", "longitude"]) == (1, 0)
    assert map_axes(["y (m)", "x (m)"]) == (1, 0)
    assert map_axes(["northing", "easting"]) == (1, 0)
    assert map_axes(["column 1", "column 2"]) == (0, 1)


def test_long_lists_are_cut_in_the_middle() -> None:
    assert name_list(["a", "b"]) == "a, b"
    assert name_list([str(n) for n in range(61)], most=3) == "0, 1, … 60 (61 in all)"

"""Interpret the names of a table's columns: units in brackets, longitude and latitude, the axes of a map."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGITUDE = ("lon", "long", "longitude", "lng")
_LATITUDE = ("lat", "latitude")
_UNIT = re.compile(r"^(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]*)[)\]]\s*$")
_ACROSS, _UP = ("x", "easting", "east"), ("y", "northing", "north")


def unit_in_brackets(name: str) -> str:
    """Return the unit in brackets at the end of a column's name, or "" if it has none.

    >>> unit_in_brackets("depth (m)"), unit_in_brackets("speed [m/s]"), unit_in_brackets("age")
    ('m', 'm/s', '')
    """
    found = _UNIT.match(name)
    return found["unit"].strip() if found else ""


def bare_name(name: str) -> str:
    """Return a column's name without its unit, in lower case.

    >>> bare_name("Longitude (degrees)")
    'longitude'
    """
    found = _UNIT.match(name)
    return (found["name"] if found else name).strip().lower()


def geographic_axes(names: Sequence[str]) -> tuple[int, int] | None:
    """Return the indices of the longitude and the latitude in ``names``, or None unless there is exactly one of each.

    >>> geographic_axes(["station", "Lat", "lon (deg)"])
    (2, 1)
    """
    bare = [bare_name(name) for name in names]
    found = [[axis for axis, name in enumerate(bare) if name in known] for known in (_LONGITUDE, _LATITUDE)]
    return (found[0][0], found[1][0]) if all(len(axes) == 1 for axes in found) else None


def share_a_unit(names: Sequence[str]) -> bool:
    """Return whether all columns measure the same length: one unit in brackets for all, or names like x, y, z.

    >>> share_a_unit(["depth (m)", "offset (m)"]), share_a_unit(["pos_x", "pos_y"]), share_a_unit(["age", "income"])
    (True, True, False)
    """
    if len(names) == 1:
        return True
    units = {unit_in_brackets(name) for name in names}
    return len(units) == 1 and (units != {""} or _differ_in_xyz(names) or _easting_and_northing(names))


def _differ_in_xyz(names: Sequence[str]) -> bool:
    """Return whether the names are the same but for one letter, which is x in one and y or z in another."""
    frames = set.intersection(*(_around_xyz(name.lower()) for name in names))
    return bool(frames) and len({name.lower() for name in names}) == len(names)


def _around_xyz(name: str) -> set[tuple[str, str]]:
    return {(name[:place], name[place + 1 :]) for place, letter in enumerate(name) if letter in "xyz"}


def _easting_and_northing(names: Sequence[str]) -> bool:
    return {"easting", "northing"} == {bare_name(name) for name in names}


def map_axes(names: Sequence[str]) -> tuple[int, int]:
    """Return which of the columns a map draws across and which upwards.

    These are longitude and latitude, x and y (or easting and northing), or otherwise the first two.

    >>> map_axes(["y", "x"]), map_axes(["age", "income"]), map_axes(["time", "lat", "lon"])
    ((1, 0), (0, 1), (2, 1))
    """
    geographic = geographic_axes(names)
    if geographic:
        return geographic
    bare = [bare_name(name) for name in names]
    across = [axis for axis, name in enumerate(bare) if name in _ACROSS]
    up = [axis for axis, name in enumerate(bare) if name in _UP]
    return (across[0], up[0]) if across and up else (0, 1)


def name_list(names: Sequence[str], most: int = 12) -> str:
    """Join names for a message, leaving out the middle of a long list.

    >>> name_list(["a", "b", "c", "d"], most=3)
    'a, b, … d (4 in all)'
    """
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])}, … {names[-1]} ({len(names)} in all)"

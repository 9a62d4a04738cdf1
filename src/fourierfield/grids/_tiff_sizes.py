"""The sizes that ImageJ and OME write into a TIFF: steps along its axes, in units by any spelling."""

from __future__ import annotations

import re
from typing import Any

_LENGTHS = {
    **{unit: unit for unit in ("um", "mm", "cm", "nm", "inch", "m")},
    **dict.fromkeys(("micron", "microns", "micrometer", "micrometre", "micrometers", "µm", "μm", "\\u00b5m"), "um"),
    **dict.fromkeys(("millimeter", "millimetre", "millimeters"), "mm"),
    **dict.fromkeys(("centimeter", "centimetre", "centimeters"), "cm"),
    **dict.fromkeys(("nanometer", "nanometre", "nanometers"), "nm"),
    **dict.fromkeys(("inches", "in", '"'), "inch"),
}
_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("µs", "μs", "us", "usec", "\\u00b5s", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("ps", "psec", "picosecond", "picoseconds"), 1e-12),
    **dict.fromkeys(("cs", "centisecond", "centiseconds"), 1e-2),
    **dict.fromkeys(("ds", "decisecond", "deciseconds"), 1e-1),
    **dict.fromkeys(("ks", "kilosecond", "kiloseconds"), 1e3),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
}


def length_unit(text: str) -> str | None:
    """Return a unit of length by one spelling, None for what is not a length.

    >>> length_unit("Microns"), length_unit("pixel")
    ('um', None)
    """
    return _LENGTHS.get(text.strip()) or _LENGTHS.get(text.strip().lower())


def seconds_in(text: str) -> float | None:
    """Return the length of a unit of time in seconds by one spelling, None for what is not a time.

    >>> seconds_in("msec"), seconds_in("hr"), seconds_in("frame")
    (0.001, 3600.0, None)
    """
    return _SECONDS.get(text.strip()) or _SECONDS.get(text.strip().lower())


def tiff_sizes(file: Any) -> dict[str, tuple[float, str]]:
    """Return the step and the unit of the axes whose sizes are known."""
    if file.ome_metadata:
        return _ome_sizes(file.ome_metadata)
    metadata = file.imagej_metadata or {}
    unit = length_unit(str(metadata.get("unit", "")))
    sizes: dict[str, tuple[float, str]] = {}
    if unit:
        for axis, tag in (("X", "XResolution"), ("Y", "YResolution")):
            steps = _resolution(file.pages[0], tag)
            sizes |= {axis: (steps, unit)} if steps else {}
        sizes |= {"Z": (float(metadata["spacing"]), unit)} if float(metadata.get("spacing") or 0) > 0 else {}
    return sizes | _interval(float(metadata.get("finterval") or 0), str(metadata.get("tunit") or "s"))


def _interval(step: float, unit: str) -> dict[str, tuple[float, str]]:
    """Return the step in time in seconds, or in a unit that is not known as one of time."""
    seconds = seconds_in(unit)
    if not step > 0:
        return {}
    return {"T": (step, unit)} if seconds is None else {"T": (step * seconds, "s")}


def _resolution(page: Any, tag: str) -> float | None:
    """Return the length of a pixel in ImageJ's unit, from the samples per unit."""
    if tag not in page.tags:
        return None
    count, per = page.tags[tag].value
    return per / count if count > 0 and per > 0 else None


def _ome_sizes(text: str) -> dict[str, tuple[float, str]]:
    found = {}
    for axis in "XYZ":
        size = re.search(rf'PhysicalSize{axis}="([0-9.eE+-]+)"', text)
        unit = re.search(rf'PhysicalSize{axis}Unit="([^"]+)"', text)
        if size and float(size[1]) > 0:
            found[axis] = (float(size[1]), (length_unit(unit[1]) or unit[1]) if unit else "um")
    step = re.search(r'TimeIncrement="([0-9.eE+-]+)"', text)
    unit = re.search(r'TimeIncrementUnit="([^"]+)"', text)
    return found | _interval(float(step[1]) if step else 0.0, unit[1] if unit else "s")

"""``fourierfield render``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import SettingsError
from .progress import say

if TYPE_CHECKING:
    from ..networks import NetworkField
    from ..signals import Domain, Grid

__all__ = ["command"]


def command(
    field: Annotated[str, typer.Argument(help="A field that fit wrote.")],
    out: Annotated[
        str,
        typer.Argument(
            help="The file to write; its ending names the format (.png .jpg .tif .webp .npy; .csv with --at)."
        ),
    ],
    size: Annotated[str | None, typer.Option(help="Samples to make, HxW.")] = None,
    scale: Annotated[
        float | None, typer.Option(help="Resolution, as a multiple of the signal's own.", show_default="1")
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(help="Part to draw, Y0:Y1,X0:X1, in coordinates (longest side 0 to 1) or pixels (…px)."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="A CSV of coordinates (a column per axis): write the values there to OUT.csv.")
    ] = None,
    gradient: Annotated[bool, typer.Option("--gradient", help="With --at: derivatives along each axis, too.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Evaluate a field at any resolution, in a window, or at points."""
    from ..networks import load_field
    from ..training import choose_device

    if at is None:
        _check_picture_options(size, scale, gradient, out)
    elif size or scale or window:
        raise SettingsError("--at takes its points from the file; leave --size, --scale and --window out")
    loaded = load_field(field).to(choose_device(device))
    if at is not None:
        _write_points(loaded, Path(at), Path(out), gradient)
        return
    grid = _grid(loaded, size, scale or 1.0, window)
    _write_picture(loaded, grid, out)
    say(f"{out}: {'×'.join(str(n) for n in grid.shape)}")


def _check_picture_options(size: str | None, scale: float | None, gradient: bool, out: str) -> None:
    from ..signals.image import check_image_ending

    if gradient:
        raise SettingsError("--gradient needs --at points.csv")
    if size is not None and scale is not None:
        raise SettingsError("--size and --scale exclude each other; give one of them")
    if scale is not None and not 0 < scale < float("inf"):
        raise SettingsError(f"--scale {scale:g}: has to be a positive number")
    check_image_ending(out)


def _grid(field: NetworkField, size: str | None, scale: float, window: str | None) -> Grid:
    """The samples to draw: the whole domain or a window of it, at the wanted density."""
    from ..signals import Grid

    lower, upper = (
        _parse_window(window, field.domain) if window else ((0.0,) * field.domain.dimensions, field.domain.sides)
    )
    if size is not None:
        return Grid(lower, upper, _parse_size(size, field.domain.dimensions))
    density = [n / side * scale for n, side in zip(field.source.shape, field.domain.sides, strict=True)]
    shape = tuple(max(1, round((high - low) * d)) for low, high, d in zip(lower, upper, density, strict=True))
    return Grid(lower, upper, shape)


def _parse_size(text: str, dimensions: int) -> tuple[int, ...]:
    parts = text.lower().split("x")
    if len(parts) != dimensions or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise SettingsError(f"--size {text}: give {dimensions} positive whole numbers joined by x, for example 512x768")
    return tuple(int(part) for part in parts)


def _parse_window(text: str, domain: Domain) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Lower and upper corner, in coordinates, of ``Y0:Y1,X0:X1`` with or without the domain's unit."""
    unit = domain.units[0]
    match = re.fullmatch(rf"(.+?)\s*({re.escape(unit)})?", text)
    assert match is not None
    per_unit = domain.scale if match[2] else 1.0
    try:
        ranges = [tuple(float(end) / per_unit for end in part.split(":")) for part in match[1].split(",")]
    except ValueError:
        ranges = []
    if len(ranges) != domain.dimensions or any(len(pair) != 2 for pair in ranges):
        raise SettingsError(
            f"--window {text}: give one START:END per axis, for example 0.2:0.4,0.1:0.3 or 100:200,50:150{unit}"
        )
    if not all(low < high for low, high in ranges):
        raise SettingsError(f"--window {text}: each START has to be below its END")
    return tuple(low for low, _ in ranges), tuple(high for _, high in ranges)


def _write_picture(field: NetworkField, grid: Grid, out: str) -> None:
    import psutil

    from ..errors import TooLargeError
    from ..signals.files import check_writable
    from ..signals.image import write_image

    check_writable(out)
    needed, free = grid.size * field.source.channels * 20, psutil.virtual_memory().available
    if needed > 0.8 * free:
        raise TooLargeError(
            f"{out} would take {needed / 1e9:.1f} GB to draw and {free / 1e9:.1f} GB are free; lower --size or --scale"
        )
    values = field.sample(grid)
    if field.source.sample_format.peak is None and Path(out).suffix.lower() not in (".tif", ".tiff", ".npy"):
        _say_mapping(field, Path(out).suffix)
        values = field.value_range.normalise(values)
    write_image(out, values, field.source.sample_format)


def _say_mapping(field: NetworkField, ending: str) -> None:
    low, peak = field.value_range.offset, field.value_range.peak
    if (low, peak) != (0.0, 1.0):
        say(f"{ending} holds [0, 1]: values {low:g} to {low + peak:g} map there; .tif and .npy keep them")


def _write_points(field: NetworkField, points_file: Path, out: Path, gradient: bool) -> None:
    import numpy as np

    from ..signals.files import atomic_write, check_writable

    if out.suffix.lower() != ".csv":
        raise SettingsError(f"{out}: values at points are written as .csv")
    check_writable(out)
    names, points = _read_points(points_file, field.domain.dimensions)
    columns = [points, field(points)]
    header = names + [f"value{c}" for c in range(field.source.channels)]
    if gradient:
        columns.append(field.gradient(points).reshape(len(points), -1))
        header += [f"dvalue{c}/d{name}" for c in range(field.source.channels) for name in names]
    rows = np.concatenate(columns, axis=1)
    lines = [",".join(header), *(",".join(f"{number:.9g}" for number in row) for row in rows)]
    atomic_write(out, ("\n".join(lines) + "\n").encode())
    say(f"{out}: {len(points):,} points")


def _read_points(path: Path, dimensions: int):  # type: ignore[no-untyped-def]
    """Column names and coordinates (N, d) of a CSV with or without a header line."""
    import csv

    import numpy as np

    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(
            f"--at {path} cannot be read: {getattr(problem, 'strerror', None) or 'it is not text'}"
        ) from problem
    names = [f"v{axis}" for axis in range(dimensions)]
    try:
        if rows and not _is_number(rows[0][0]):
            names, rows = [name.strip() for name in rows[0]], rows[1:]
        points = np.array([[float(cell) for cell in row] for row in rows], dtype=np.float64)
    except ValueError as problem:
        raise SettingsError(f"--at {path}: every cell has to be a number ({problem})") from problem
    if points.ndim != 2 or points.shape[1] != dimensions or len(names) != dimensions or not np.isfinite(points).all():
        raise SettingsError(
            f"--at {path}: give at least one row of {dimensions} finite coordinates (a column per axis)"
        )
    return names, points


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

"""``fourierfield spectrum``."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import SettingsError
from . import scan_options
from .progress import say
from .words import KINDS_OR_SCANS, READABLE, SCANS

if TYPE_CHECKING:
    from torch import Tensor

    from ..fitting import EncodingSpectrum, FitSettings, SignalSpectrum
    from ..signals import GridSignal

__all__ = ["command"]

_RELIABLE = 40.0
_RELATIVE = (0.5, 1.0, 2.0)  # without --encoding: the bandwidth that fit would take, half and twice of it


def command(
    signal: Annotated[str, typer.Argument(help=f"The file to look at: {READABLE}; {SCANS}.")],
    kind: Annotated[
        str | None,
        typer.Option("--as", help=f"What the file holds, instead of telling by its content: {KINDS_OR_SCANS}."),
    ] = None,
    encoding: Annotated[
        list[str] | None,
        typer.Option(
            help="FAMILY or FAMILY:BANDWIDTH, as in gaussian:12 or positional:0.1/px; give it again for more.",
            show_default="what fit would take, half and twice its bandwidth, and basic",
        ),
    ] = None,
    features: Annotated[int | None, typer.Option(help="Number of frequencies.", show_default="256")] = None,
    depth: Annotated[int | None, typer.Option(help="Linear layers.", show_default="4")] = None,
    width: Annotated[int | None, typer.Option(help="Units per hidden layer.", show_default="256")] = None,
    steps: Annotated[int | None, typer.Option(help="The budget of steps.", show_default="as fit")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate.", show_default="0.01")] = None,
    preset: Annotated[str, typer.Option(help="default, or paper (Tancik et al. 2020).")] = "default",
    seed: Annotated[int, typer.Option(help="Seed of the frequencies.")] = 0,
    simulate: scan_options.Simulate = None,
    angles: scan_options.Angles = None,
    centre: scan_options.Centre = None,
    fan: scan_options.Fan = None,
    spacing: scan_options.Spacing = None,
    slice_: scan_options.Slice = None,
    mask: scan_options.Mask = None,
    maps: scan_options.Maps = None,
    trajectory: scan_options.Trajectory = None,
    out: Annotated[
        str | None, typer.Option(help="The picture to write.", show_default="SIGNAL's name with -spectrum.png, here")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Draw a signal's spectrum beside the kernels', and say which bands a budget of steps will reach."""
    choices = scan_options.by_name(locals(), leave_out=("signal", "kind", "encoding", "out", "as_json"))
    from ..fitting import FitSettings, analyse_spectrum
    from ..report import spectrum_picture
    from ..signals import atomic_write
    from ..signals.files import check_writable

    target = out or f"{Path(signal).stem}-spectrum.png"
    if Path(target).suffix.lower() != ".png":
        raise SettingsError(f"--out {target}: the picture is a PNG; end its name in .png")
    path = check_writable(target)
    if path.resolve() == Path(signal).resolve():
        raise SettingsError(f"--out {target} would overwrite the signal; choose another name")
    source, common = _to_analyse(signal, kind, FitSettings().changed(**choices))
    say(f"forecasting {source.name} …")
    analysis = analyse_spectrum(source, _candidates(encoding, common, source))
    atomic_write(path, spectrum_picture(analysis))
    if as_json:
        typer.echo(json.dumps({**_to_json(analysis), "picture": str(path)}, allow_nan=False))
    else:
        for line in (*_lines(analysis), f"picture   {path}"):
            typer.echo(line)


def _to_analyse(signal: str, kind: str | None, settings: FitSettings) -> tuple[GridSignal, FitSettings]:
    """The signal, or of a scan the image that a kernel finds."""
    from ..fitting import image_to_analyse
    from ..signals import GridSignal, read_grid_or_scan

    source = read_grid_or_scan(signal, kind, settings.scan)
    if isinstance(source, GridSignal):
        return source, settings
    say(f"{source.name}: a scan, of which the image that a kernel finds is looked at")
    return image_to_analyse(source, settings)


def _candidates(encodings: list[str] | None, common: FitSettings, source: Any) -> list[FitSettings]:
    from dataclasses import replace

    from ..fitting.presets import plan_fit
    from ..problems import grid_problem

    if encodings:
        parts = [text.partition(":") for text in encodings]
        return [_candidate(replace(common, encoding=family, bandwidth=scale or None)) for family, _, scale in parts]
    ruled = plan_fit(grid_problem(source), common).choice.encoding.bandwidth
    assert isinstance(ruled, float)
    scaled = [replace(common, encoding="gaussian", bandwidth=factor * ruled) for factor in _RELATIVE]
    return [*scaled, _candidate(replace(common, encoding="basic"))]


def _candidate(settings: FitSettings) -> FitSettings:
    """Families that count their own frequencies take no --features; a list of several may hold them all the same."""
    from dataclasses import replace

    if settings.encoding in ("none", "basic", "nerf"):
        return replace(settings, features=None)
    return settings


def _to_json(analysis: SignalSpectrum) -> dict[str, Any]:
    edges = analysis.bands.edges.tolist()
    spacing = max(analysis.signal.grid.spacing)
    bands = [
        {"from": low, "to": high, "to_per_sample": high * spacing, "power": power, "energy_share": share}
        for low, high, power, share in zip(
            edges[:-1], edges[1:], analysis.power.tolist(), analysis.shares.tolist(), strict=True
        )
    ]
    signal = analysis.signal
    return {
        "signal": {
            "name": signal.name,
            "kind": signal.kind,
            "shape": list(signal.shape),
            "channels": signal.channels,
        },
        "steps": analysis.steps,
        "bands": bands,
        "encodings": [_encoding_json(found, analysis) for found in analysis.encodings],
        "notes": analysis.notes,
        "seconds": {"total": analysis.seconds},
    }


def _encoding_json(found: EncodingSpectrum, analysis: SignalSpectrum) -> dict[str, Any]:
    """Numbers that are not finite (never learned, no frequency in the band) become null."""
    spacing, domain = max(analysis.signal.grid.spacing), analysis.signal.domain
    bandwidth = found.encoding.bandwidth
    reaches = float(analysis.bands.edges[found.reach])
    return {
        "family": found.encoding.family,
        "bandwidth": bandwidth,
        "bandwidth_per_sample": bandwidth * spacing if isinstance(bandwidth, float | int) else None,
        "features": found.encoding.features,
        "forecast": {"train_psnr_db": found.train_psnr_db},
        "reaches": reaches,
        "reaches_per_sample": reaches * spacing,
        **({"reaches_hz": domain.physical_frequency(reaches)} if domain.in_time else {}),
        "eigenvalues": _finite(found.eigenvalues),
        "decay_times": _finite(found.decay_times),
        "decay_steps": _finite(found.decay_steps),
        "energy_left": _finite(found.left),
        "notes": found.notes,
    }


def _finite(values: Tensor) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _lines(analysis: SignalSpectrum) -> list[str]:
    from ..report import encoding_name

    signal = analysis.signal
    size = "×".join(str(n) for n in signal.shape)
    lines = [f"signal    {signal.name}: {signal.kind}, {size}, {signal.channels} channels"]
    lines += [f"note      {note}" for note in analysis.notes]
    if float(analysis.shares.sum()) == 0:
        return [*lines, "energy    none: the signal is constant, there is nothing to learn"]
    half = float(analysis.bands.edges[(analysis.shares.cumsum(0) >= 0.99).int().argmax() + 1])
    lines.append(f"energy    99 % lies below {half:.3g} cycles per unit ({_physical(half, signal)})")
    for found in analysis.encodings:
        top = float(analysis.bands.edges[found.reach])
        where = f"up to {top:.3g} cycles per unit ({_physical(top, signal)})" if found.reach else "nothing"
        lines.append(
            f"{encoding_name(found):<20} learns {where} in {analysis.steps:,} steps; "
            f"training PSNR {_decibels(found.train_psnr_db)} forecast" + "".join(f" ({note})" for note in found.notes)
        )
    lines.append(f"time      {analysis.seconds:.1f} s")
    return lines


def _physical(frequency: float, signal: GridSignal) -> str:
    return f"{signal.domain.physical_frequency(frequency):.3g} {signal.domain.frequency_unit}"


def _decibels(forecast: float) -> str:
    """Beyond 40 dB forecasts of training PSNR run high (docs/forecast.md), so no more is said."""
    return f"{forecast:.1f} dB" if forecast < _RELIABLE else f"above {_RELIABLE:.0f} dB"

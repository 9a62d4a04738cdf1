"""The command ``fourierfield spectrum``."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..encodings._registry import FAMILIES
from ..errors import SettingsError
from . import _options as options
from ._progress import Heartbeat, say, show
from ._words import RELIABLE_DB

if TYPE_CHECKING:
    from torch import Tensor

    from ..grids._signal import GridSignal
    from ..tasks._settings import FitSettings
    from ..tasks._spectrum import EncodingSpectrum, SignalSpectrum


_RELATIVE = (0.5, 1.0, 2.0)  # bandwidths that are compared without --encoding, relative to the preset's rule


def command(
    signal: options.SignalToAnalyse,
    kind: options.KindToAnalyse = None,
    encoding: Annotated[
        list[str] | None,
        typer.Option(
            help="An encoding to compare, FAMILY or FAMILY:BANDWIDTH, as in gaussian:12 or positional:0.1/px; may be "
            "repeated.",
            show_default="gaussian by rule of thumb, with half and twice that bandwidth, and basic",
        ),
    ] = None,
    features: Annotated[
        int | None, typer.Option(help="Number of frequencies of the encodings.", show_default="256")
    ] = None,
    depth: options.Depth = None,
    width: options.Width = None,
    steps: options.Steps = None,
    learning_rate: options.LearningRate = None,
    preset: Annotated[
        str, typer.Option(help="default, or paper for the settings of Tancik et al. (2020).")
    ] = "default",
    seed: Annotated[int, typer.Option(help="Seed of the frequencies and simulated noise.")] = 0,
    simulate: options.Simulate = None,
    angles: options.Angles = None,
    transmission: options.Transmission = None,
    centre: options.Centre = None,
    fan: options.Fan = None,
    spacing: options.Spacing = None,
    slice_: options.Slice = None,
    mask: options.Mask = None,
    maps: options.Maps = None,
    trajectory: options.Trajectory = None,
    out: Annotated[
        str | None,
        typer.Option(
            help="The PNG picture to write.", show_default="SIGNAL's name with -spectrum.png, in the current folder"
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Draw a signal's spectrum beside those of encodings, and predict which frequencies each encoding learns.

    Nothing is trained: each prediction is the training of an infinitely wide network.
    """
    choices = options.by_name(locals(), leave_out=("signal", "kind", "encoding", "out", "as_json"))
    from ..grids._files import atomic_write, check_writable, refuse_overwriting
    from ..report._comparison import spectrum_picture
    from ..tasks._settings import FitSettings
    from ..tasks._spectrum import analyse_spectrum

    target = out or f"{Path(signal).stem}-spectrum.png"
    if Path(target).suffix.lower() != ".png":
        raise SettingsError(f"--out {target}: the picture is a PNG; end its name in .png")
    path = check_writable(target)
    settings = FitSettings(kind=kind, **choices)
    refuse_overwriting({"--out": target}, (signal, *settings.side_files))
    with Heartbeat(f"reading {signal}") as heartbeat:
        source, common = _to_analyse(signal, kind, settings)
        heartbeat(f"forecasting {source.name}")
        analysis = analyse_spectrum(source, _candidates(encoding, common, source))
        heartbeat(f"drawing {path}")
        atomic_write(path, spectrum_picture(analysis))
    if as_json:
        show(json.dumps({**_to_json(analysis), "picture": str(path)}, allow_nan=False))
    else:
        for line in (*_lines(analysis), f"picture   {path}"):
            show(line)


def _to_analyse(signal: str, kind: str | None, settings: FitSettings) -> tuple[GridSignal, FitSettings]:
    """Return the signal, or the image that a kernel fit reconstructs from a scan."""
    from ..kinds._read import read_to_analyse
    from ..kinds._registry import KINDS

    source = read_to_analyse(signal, kind, settings)
    if source.kind in ("ct", "mri"):
        say(f"{source.name}: a scan; analysing the image that a kernel finds from it")
    return KINDS[source.kind].to_analyse(source, settings, lambda count: None)


def _candidates(encodings: list[str] | None, common: FitSettings, source: Any) -> list[FitSettings]:
    from ..problems._grid import grid_problem
    from ..tasks._plan import plan_fit

    if encodings:
        parts = [text.partition(":") for text in encodings]
        return [_candidate(replace(common, encoding=family, bandwidth=scale or None)) for family, _, scale in parts]
    ruled = plan_fit(grid_problem(source), common).choice.encoding.bandwidth
    assert isinstance(ruled, float)
    scaled = [replace(common, encoding="gaussian", bandwidth=factor * ruled) for factor in _RELATIVE]
    return [*scaled, _candidate(replace(common, encoding="basic"))]


def _candidate(settings: FitSettings) -> FitSettings:
    """Return the settings without ``features`` if the family sets its own number, as others in the list may not."""
    family = FAMILIES.get(str(settings.encoding))  # None for auto
    if family is not None and family.sets_features:
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
        "signal": {"name": signal.name, "kind": signal.kind, "shape": list(signal.shape), "channels": signal.channels},
        "steps": analysis.steps,
        "bands": bands,
        "encodings": [_encoding_json(found, analysis) for found in analysis.encodings],
        "notes": analysis.notes,
        "seconds": {"total": analysis.seconds},
    }


def _encoding_json(found: EncodingSpectrum, analysis: SignalSpectrum) -> dict[str, Any]:
    """Return an encoding's predictions; numbers that are not finite (no frequency in the band) become null."""
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
    from ..report._comparison import encoding_name

    signal = analysis.signal
    size = "×".join(str(n) for n in signal.shape)
    lines = [f"signal    {signal.name}: {signal.kind}, {size}, {signal.channels} channels"]
    lines += [f"note      {note}" for note in analysis.notes]
    if float(analysis.shares.sum()) == 0:
        return [*lines, "energy    none: the signal is constant, so there is nothing to learn"]
    bound = float(analysis.bands.edges[(analysis.shares.cumsum(0) >= 0.99).int().argmax() + 1])
    lines.append(f"energy    99 % lies below {bound:.3g} cycles per unit ({_physical(bound, signal)})")
    for found in analysis.encodings:
        top = float(analysis.bands.edges[found.reach])
        where = f"up to {top:.3g} cycles per unit ({_physical(top, signal)})" if found.reach else "nothing"
        lines.append(
            f"{encoding_name(found):<20} learns {where} in {analysis.steps:,} steps; "
            f"forecast training PSNR {_decibels(found.train_psnr_db)}" + "".join(f" ({note})" for note in found.notes)
        )
    lines.append(f"time      {analysis.seconds:.1f} s")
    return lines


def _physical(frequency: float, signal: GridSignal) -> str:
    return f"{signal.domain.physical_frequency(frequency):.3g} {signal.domain.frequency_unit}"


def _decibels(forecast: float) -> str:
    """Return a forecast of the training PSNR, or that it exceeds 40 dB: beyond that, forecasts are too high."""
    return f"{forecast:.1f} dB" if forecast < RELIABLE_DB else f"above {RELIABLE_DB:.0f} dB"

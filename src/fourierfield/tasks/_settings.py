"""Settings: what a user may choose, under the same names in Python and on the command line."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypedDict, TypeVar

from ..encodings._registry import FAMILIES
from ..encodings._spec import EncodingSpec
from ..errors import SettingsError
from ..grids._domain import Domain
from ..grids._splits import HoldOut, parse_hold_out
from ._scan_options import ScanOptions

METHODS = ("auto", "network", "kernel")
PRESETS = ("default", "paper")
TARGETS = ("occupancy", "distance")
_MOST = {"features": 10**12, "depth": 100, "width": 10**12, "steps": 10**7, "batch_size": 10**12}
"""What no machine trains; memory is estimated below these, and integers overflow beyond."""
_LONGEST = {"time": 1e7, "learning_rate": 1e3}  # seconds (four months), and what float32 weights bear
HIGHEST = 1e12  # cycles per unit: no grid that fits in memory has a Nyquist frequency near it
_TRAINING = ("steps", "time", "learning_rate", "batch_size", "width")


@dataclass(frozen=True)
class ReadOptions(ScanOptions):
    """How to read a file that does not say everything itself.

    ``inputs`` and ``outputs`` name the columns of a table, joined by commas or one by one; None leaves the choice to
    the table. The other options describe scans (``ScanOptions``).
    """

    inputs: str | tuple[str, ...] | None = None
    outputs: str | tuple[str, ...] | None = None

    @property
    def input_columns(self) -> tuple[str, ...] | None:
        """The names of the columns that are coordinates."""
        return _names(self.inputs)

    @property
    def output_columns(self) -> tuple[str, ...] | None:
        """The names of the columns that are values."""
        return _names(self.outputs)


@dataclass(frozen=True)
class FitSettings(ReadOptions):
    """The settings of a fit; None leaves a choice to the preset or the tuner.

    Each kind of signal accepts a part of these settings and refuses the others before the fit.

    Args:
        kind: what a file or an array holds where its content does not tell ("ct", "mri", "volume", …).
        method: "network", "kernel" (an infinitely wide network, solved), or "auto", which is the kind's usual method.
        encoding: "auto", the name of a family, or an ``EncodingSpec``.
        bandwidth: cycles per unit, or a string with a unit ("12/px", "440Hz").
        features: number of frequencies m of the encoding.
        depth: number of linear layers.
        width: units per hidden layer.
        steps: optimiser steps; excludes ``time``.
        time: seconds that choosing and training may take together.
        learning_rate: peak learning rate.
        batch_size: samples per step.
        hold_out: "none", "grid", "random:FRACTION" or the fraction alone, or a ``HoldOut`` rule.
        preset: "default", or "paper" for the settings of Tancik et al. (2020).
        seed: seed of frequencies, weights, batches, hold-out and simulated noise.
        device: "auto", "cpu" or "cuda".
        precision: "auto", "float32" or "bfloat16".
        out: the field file to write; None writes nothing.
        report: the HTML page to write beside the field.
        missing: windows of a grid whose samples are treated as missing, as ``--window`` writes them.
        target: what is fitted of a mesh: "occupancy" (default by network) or signed "distance" (by kernel).
        coarse_to_fine: share of the steps over which a fit of views admits its frequencies, lowest first.
        uncertainty: whether a kernel fit of a scan computes its standard deviation too.
        resume: whether to continue from the checkpoint of an interrupted fit.
        restart: whether to discard what lies in the checkpoint's place, whatever it is.

    Raises:
        SettingsError: for a value that cannot be used; the message names the option as on the command line.

    >>> FitSettings(steps=0)
    Traceback (most recent call last):
    ...
    fourierfield.errors.SettingsError: --steps 0: must be 1 or more
    """

    kind: str | None = None
    method: str = "auto"
    encoding: str | EncodingSpec = "auto"
    bandwidth: float | str | None = None
    features: int | None = None
    depth: int | None = None
    width: int | None = None
    steps: int | None = None
    time: float | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    hold_out: str | float | HoldOut = "none"
    preset: str = "default"
    device: str = "auto"
    precision: str = "auto"
    out: str | Path | None = None
    report: str | Path | None = None
    missing: tuple[str, ...] = ()
    target: str | None = None
    coarse_to_fine: float | None = None
    uncertainty: bool = False
    resume: bool = False
    restart: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_words()
        self._check_numbers()
        if self.steps is not None and self.time is not None:
            raise SettingsError("--steps and --time exclude each other; give one of them")
        if self.resume and self.out is None:
            raise SettingsError("resuming needs the name of the field (out)")
        if self.resume and self.restart:
            raise SettingsError("--resume and --restart exclude each other; give one of them")
        self._check_report()

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the settings that differ from their defaults."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) != field.default)

    @property
    def trains(self) -> bool:
        """Whether a setting of training was given, which asks for a network."""
        return self.preset == "paper" or any(getattr(self, name) is not None for name in _TRAINING)

    @property
    def hold_out_rule(self) -> HoldOut:
        """The hold-out as an object."""
        rule = self.hold_out
        return rule if not isinstance(rule, str | float | int) else parse_hold_out(str(rule), self.seed)

    def _check_report(self) -> None:
        if self.report is None or self.out is None:
            return
        page, field = (Path(path).resolve() for path in (self.report, self.out))
        if page in (field, field.with_name(field.name + ".checkpoint")):
            raise SettingsError(f"--report {self.report} would overwrite the field; choose another name")

    def _check_words(self) -> None:
        words = {"method": METHODS, "preset": PRESETS, "target": (None, *TARGETS)}
        for name, known in words.items():
            if getattr(self, name) not in known:
                choices = " or ".join(word for word in known if word is not None)
                raise SettingsError(f"--{name} {getattr(self, name)} is not known; use {choices}")
        if isinstance(self.encoding, str) and self.encoding not in ("auto", *FAMILIES):
            raise SettingsError(f"--encoding {self.encoding} is not known; use auto, {', '.join(FAMILIES)}")
        _ = self.hold_out_rule

    def _check_numbers(self) -> None:
        for name, most in _MOST.items():
            self._require(name, lambda n: n >= 1, "must be 1 or more")
            self._require_at_most(name, most)
        for name, highest in _LONGEST.items():
            self._require(name, lambda x: 0 < x < math.inf, "must be a positive number")
            self._require_at_most(name, highest)
        self._require("coarse_to_fine", lambda x: 0 <= x <= 1, "must lie between 0 and 1")
        self._require("seed", lambda n: 0 <= n < 2**63, "must be between 0 and 2^63")
        if isinstance(self.bandwidth, float | int):
            self._require("bandwidth", lambda x: 0 < x < math.inf, "must be a positive number")
            self._require_at_most("bandwidth", HIGHEST)

    def _require_at_most(self, name: str, most: float) -> None:
        self._require(name, lambda x: x <= most, f"must be {most:,.12g} or less")

    def _require(self, name: str, good: Callable[[float], bool], demand: str) -> None:
        value = getattr(self, name)
        if value is not None and not good(value):
            raise SettingsError(f"--{name.replace('_', '-')} {value:g}: {demand}")


Options = TypeVar("Options", bound=ReadOptions)


class UnknownSettingError(SettingsError, TypeError):
    """A keyword that names no setting: Python's own error for that is a ``TypeError``."""


def chosen_settings(settings: Options, choices: Mapping[str, Any]) -> Options:
    """Return settings with others by name. Raises ``SettingsError`` for a name that is none, with the nearest ones.

    >>> chosen_settings(FitSettings(), {"step": 100})
    Traceback (most recent call last):
    ...
    fourierfield.tasks._settings.UnknownSettingError: there is no setting step; did you mean steps?
    """
    known = [field.name for field in fields(settings)]
    for name in choices:
        if name not in known:
            near = get_close_matches(name, known, n=2)
            hint = f"did you mean {' or '.join(near)}?" if near else f"the settings are {', '.join(sorted(known))}"
            raise UnknownSettingError(f"there is no setting {name}; {hint}")
    return replace(settings, **choices)


class ReadChoices(TypedDict, total=False):
    """The fields of ``ReadOptions`` as keyword arguments, for type checkers and editors."""

    simulate: str | None
    angles: str | None
    centre: float | None
    fan: str | None
    spacing: float | None
    slice: int | None
    mask: str | None
    maps: str | None
    trajectory: str | None
    transmission: bool | None
    seed: int
    inputs: str | tuple[str, ...] | None
    outputs: str | tuple[str, ...] | None


class FitChoices(ReadChoices, total=False):
    """The fields of ``FitSettings`` as keyword arguments, for type checkers and editors."""

    kind: str | None
    method: str
    encoding: str | EncodingSpec
    bandwidth: float | str | None
    features: int | None
    depth: int | None
    width: int | None
    steps: int | None
    time: float | None
    learning_rate: float | None
    batch_size: int | None
    hold_out: str | float | HoldOut
    preset: str
    device: str
    precision: str
    out: str | Path | None
    report: str | Path | None
    missing: tuple[str, ...]
    target: str | None
    coarse_to_fine: float | None
    uncertainty: bool
    resume: bool
    restart: bool


def _names(columns: str | tuple[str, ...] | None) -> tuple[str, ...] | None:
    if columns is None:
        return None
    names = columns.split(",") if isinstance(columns, str) else columns
    return tuple(name.strip() for name in names if name.strip()) or None


_PREFIXES = {"Hz": 1.0, "kHz": 1e3}  # cycles per second


def bandwidth_in_cycles_per_unit(text: float | str, domain: Domain) -> float:
    """Convert a bandwidth, which may carry a unit of the domain's axes, to cycles per coordinate unit.

    A plain number is in cycles per unit already; ``x/unit`` is x cycles per that physical unit, and ``xHz`` (kHz) is
    x/s. Raises ``SettingsError`` for a number that is not positive or a unit that the signal does not have.

    >>> bandwidth_in_cycles_per_unit("0.02/px", Domain.of_samples((256, 512)))
    10.24
    """
    match = re.fullmatch(r"\s*([0-9.eE+-]+?)\s*(?:/\s*([A-Za-z]+)|(k?Hz))?\s*", str(text))
    try:
        value = float(match[1]) if match else math.nan
    except ValueError:
        value = math.nan
    if match is None or not 0 < value < math.inf:
        raise SettingsError(
            f"--bandwidth {text}: give a positive number of cycles per unit, or with a unit, as in 0.02/px"
        )
    found = value
    if match[2] is not None or match[3] is not None:
        unit = match[2] or "s"
        if unit not in domain.units:
            raise SettingsError(
                f"--bandwidth {text}: this signal is measured in {'/'.join(sorted(set(domain.units)))}, not {unit}"
            )
        found = value * _PREFIXES.get(match[3], 1.0) * domain.scale
    if found > HIGHEST:
        raise SettingsError(f"--bandwidth {text}: {found:g} cycles per unit is more than {HIGHEST:g}; lower it")
    return found

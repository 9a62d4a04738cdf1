"""What a user may choose, under the same names in Python and on the command line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ..encodings import FAMILIES, EncodingSpec
from ..errors import SettingsError
from ..signals import Columns, HoldOut, ScanOptions, parse_hold_out

__all__ = ["PRESETS", "FitSettings"]

METHODS = ("auto", "network", "kernel")
PRESETS = ("default", "paper")
TARGETS = ("occupancy", "distance")


@dataclass(frozen=True)
class FitSettings:
    """The choices of a fit; None means the preset's own.

    ``kind`` says what a file or an array holds, where its content does not ("ct", "mri", "volume"). ``method`` "auto"
    fits tables and scans by kernel and everything else by network. ``encoding`` is "auto", a family's name, or
    an ``EncodingSpec``; ``bandwidth`` a number of cycles per unit or a string with a unit ("12/px", "440Hz"). ``steps``
    and ``time`` (seconds) exclude each other. ``missing`` are parts of a grid to take for missing, as ``parse_window``
    has them. ``inputs`` and ``outputs`` name the columns of a table, joined by commas or one by one. ``target`` is what
    of a mesh is fitted: "occupancy" (None) or signed "distance" (None by kernel). ``report`` is the page to write
    beside the field. ``coarse_to_fine`` is the share of its steps over which a fit of views lets its frequencies in.
    ``scan`` says how a CT or MRI scan was made, or is to be simulated; ``uncertainty`` asks a kernel fit of one for its
    standard deviation, too.

    >>> FitSettings(steps=0)
    Traceback (most recent call last):
    ...
    fourierfield.errors.SettingsError: --steps 0: has to be 1 or more
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
    hold_out: str | HoldOut = "none"
    preset: str = "default"
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    out: str | Path | None = None
    report: str | Path | None = None
    missing: tuple[str, ...] = ()
    inputs: str | tuple[str, ...] | None = None
    outputs: str | tuple[str, ...] | None = None
    target: str | None = None
    coarse_to_fine: float | None = None
    scan: ScanOptions = field(default_factory=ScanOptions)
    uncertainty: bool = False
    resume: bool = False

    def __post_init__(self) -> None:
        self._check_words()
        self._check_numbers()
        if self.steps is not None and self.time is not None:
            raise SettingsError("--steps and --time exclude each other; give one of them")
        if self.resume and self.out is None:
            raise SettingsError("resuming needs the name of the field (out)")
        self._check_report()

    def changed(self, **choices: Any) -> FitSettings:
        """The same with other choices by name, those of ``ScanOptions`` among them.

        >>> FitSettings().changed(simulate="ct:20", seed=1).scan.simulate
        'ct:20'
        """
        names = {f.name for f in fields(ScanOptions)} - {"seed"}
        scan = {name: choices.pop(name) for name in list(choices) if name in names}
        settings = replace(self, **choices)
        if not scan and settings.seed == self.scan.seed:
            return settings
        return replace(settings, scan=replace(settings.scan, **scan, seed=settings.seed))

    @property
    def columns(self) -> Columns:
        """The columns of a table as an object."""
        return Columns(_names(self.inputs), _names(self.outputs))

    @property
    def hold_out_rule(self) -> HoldOut:
        """The hold-out as an object."""
        return parse_hold_out(self.hold_out, self.seed) if isinstance(self.hold_out, str) else self.hold_out

    def _check_report(self) -> None:
        if self.report is not None and self.method == "kernel":
            raise SettingsError("--report draws what training did step by step; leave it out with --method kernel")
        if self.report is None or self.out is None:
            return
        page, field = (Path(path).resolve() for path in (self.report, self.out))
        if page in (field, field.with_name(field.name + ".checkpoint")):
            raise SettingsError(f"--report {self.report} would overwrite the field; choose another name")

    def _check_words(self) -> None:
        if self.method not in METHODS:
            raise SettingsError(f"--method {self.method} is not known; use {' or '.join(METHODS)}")
        if self.preset not in PRESETS:
            raise SettingsError(f"--preset {self.preset} is not known; use {' or '.join(PRESETS)}")
        if self.target not in (None, *TARGETS):
            raise SettingsError(f"--target {self.target} is not known; use {' or '.join(TARGETS)}")
        if isinstance(self.encoding, str) and self.encoding not in ("auto", *FAMILIES):
            raise SettingsError(f"--encoding {self.encoding} is not known; use auto, {', '.join(FAMILIES)}")
        if isinstance(self.hold_out, str):
            parse_hold_out(self.hold_out, 0)

    def _check_numbers(self) -> None:
        for name in ("features", "depth", "width", "steps", "batch_size"):
            _require(getattr(self, name), name, lambda n: n >= 1, "has to be 1 or more")
        for name in ("time", "learning_rate"):
            _require(getattr(self, name), name, lambda x: 0 < x < math.inf, "has to be a positive number")
        _require(self.coarse_to_fine, "coarse_to_fine", lambda x: 0 <= x <= 1, "has to lie between 0 and 1")
        _require(self.seed, "seed", lambda n: 0 <= n < 2**63, "has to be between 0 and 2^63")
        if isinstance(self.bandwidth, float | int):
            _require(self.bandwidth, "bandwidth", lambda x: 0 < x < math.inf, "has to be a positive number")


def _names(columns: str | tuple[str, ...] | None) -> tuple[str, ...] | None:
    if columns is None:
        return None
    names = columns.split(",") if isinstance(columns, str) else columns
    return tuple(name.strip() for name in names if name.strip()) or None


def _require(value, name: str, good, demand: str) -> None:  # type: ignore[no-untyped-def]
    if value is not None and not good(value):
        raise SettingsError(f"--{name.replace('_', '-')} {value:g}: {demand}")


def setting_names() -> tuple[str, ...]:
    """Names of all settings."""
    return tuple(f.name for f in fields(FitSettings))

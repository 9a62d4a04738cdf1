"""What a user may say of a scan that its file does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SettingsError

__all__ = ["ScanOptions", "Simulation"]

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER}):({_NUMBER})")
_FOR = {
    **dict.fromkeys(("angles", "centre", "fan", "spacing"), "CT scans"),
    **dict.fromkeys(("mask", "maps", "trajectory"), "MRI scans"),
    "slice": "scans",
    "simulate": "images and volumes",
}
_TAKEN = {"ct": ("CT scans", "scans"), "mri": ("MRI scans", "scans"), None: ()}
_OF_SIMULATED = {"ct": ("simulate", "slice", "angles", "centre", "fan"), "mri": ("simulate", "slice")}


@dataclass(frozen=True)
class Simulation:
    """``--simulate`` taken apart: ``kind`` "ct" with ``amount`` angles or "mri" with that fraction of k-space, and the
    standard deviation ``noise`` of Gaussian noise in units of the measurements' root mean square."""

    kind: str
    amount: float
    noise: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Simulation:
        """From "ct:20", "mri:0.125" or "ct:20:0.01". Raises ``SettingsError``.

        >>> Simulation.parse("mri:0.125:0.01")
        Simulation(kind='mri', amount=0.125, noise=0.01)
        """
        kind, _, numbers = text.partition(":")
        words = numbers.split(":")
        if kind not in ("ct", "mri") or len(words) > 2 or not all(re.fullmatch(_NUMBER, word) for word in words):
            raise SettingsError(
                f"--simulate {text} is none of ct:ANGLES, mri:FRACTION or either with :NOISE; write ct:20 or mri:0.125"
            )
        amount, noise = float(words[0]), float(words[1]) if len(words) == 2 else 0.0
        if kind == "ct" and (amount != int(amount) or not 1 <= amount <= 1e6):
            raise SettingsError(f"--simulate {text}: a CT scan has a whole number of angles, 1 or more; write ct:20")
        if kind == "mri" and not 0 < amount <= 1:
            raise SettingsError(f"--simulate {text}: the fraction of k-space is above 0, at most 1; write mri:0.125")
        if not 0 <= noise < np.inf:
            raise SettingsError(
                f"--simulate {text}: noise is relative to the measurements, 0 or more, as in {kind}:…:0.01"
            )
        return cls(kind, amount, noise)


@dataclass(frozen=True)
class ScanOptions:
    """How a scan was made, where its file does not say, or how one is to be simulated.

    ``simulate`` is "ct:ANGLES" or "mri:FRACTION", each with ":NOISE" if wanted. ``angles`` is "START:STOP" in degrees,
    evenly spaced and without the last, or a text or ``.npy`` file of one angle in degrees per projection. ``centre`` is
    the bin that the axis of rotation projects to. ``fan`` is "SOURCE,DETECTOR": distances from source to axis and from
    source to detector, in the unit of ``spacing``, the distance of detector bins (mm if given). ``slice`` counts from
    0. ``mask``, ``maps`` and ``trajectory`` name files of an MRI scan. ``seed`` is that of simulated noise and masks.

    Raises ``SettingsError`` naming the option as on the command line.

    >>> ScanOptions(angles="0:360", fan="500,1000").distances
    (500.0, 1000.0)
    """

    simulate: str | None = None
    angles: str | None = None
    centre: float | None = None
    fan: str | None = None
    spacing: float | None = None
    slice: int | None = None
    mask: str | None = None
    maps: str | None = None
    trajectory: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        _ = self.simulation, self.distances
        if self.angles is not None and self.angle_range is None and not Path(self.angles).is_file():
            raise SettingsError(
                f"--angles {self.angles} is neither a range of degrees nor a file; write 0:180 or a file of angles"
            )
        if self.centre is not None and not 0 <= self.centre < np.inf:
            raise SettingsError(f"--centre {self.centre:g}: the axis projects to a bin, counted from 0")
        if self.spacing is not None and not 0 < self.spacing < np.inf:
            raise SettingsError(f"--spacing {self.spacing:g}: detector bins are a positive distance (mm) apart")
        if self.slice is not None and self.slice < 0:
            raise SettingsError(f"--slice {self.slice}: slices are counted from 0")
        for option in ("mask", "maps", "trajectory"):
            path = getattr(self, option)
            if path is not None and not Path(path).is_file():
                raise SettingsError(f"--{option} {path} is no file; check the name and the folder")

    @property
    def simulation(self) -> Simulation | None:
        """What to simulate."""
        return None if self.simulate is None else Simulation.parse(self.simulate)

    @property
    def angle_range(self) -> tuple[float, float] | None:
        """First and last angle in degrees, where ``angles`` is a range."""
        found = _RANGE.fullmatch(self.angles or "")
        if found is None:
            return None
        start, stop = float(found[1]), float(found[2])
        if start == stop:
            raise SettingsError(f"--angles {self.angles} spans no angle; write 0:180")
        return start, stop

    @property
    def distances(self) -> tuple[float, float] | None:
        """From the source of a fan beam to the axis, and to the detector."""
        if self.fan is None:
            return None
        words = [word.strip() for word in self.fan.split(",")]
        if len(words) != 2 or not all(re.fullmatch(_NUMBER, word) and float(word) > 0 for word in words):
            raise SettingsError(
                f"--fan {self.fan} is not two distances above 0, from source to axis and from source to detector; "
                "write 500,1000"
            )
        return float(words[0]), float(words[1])

    @property
    def given(self) -> tuple[str, ...]:
        """The options that were given, all but the seed: none for a signal that is no scan."""
        return tuple(name for name in _FOR if getattr(self, name) is not None)

    def refuse_others(self, kind: str | None) -> None:
        """Raise ``SettingsError`` for an option that is not for signals of ``kind``: "ct", "mri", None for no scan.

        >>> ScanOptions(angles="0:180").refuse_others("mri")
        Traceback (most recent call last):
        ...
        fourierfield.errors.SettingsError: --angles is for CT scans; leave it out
        """
        for option in self.given:
            if self.simulation is not None and kind is not None:
                if option not in _OF_SIMULATED[kind]:
                    raise SettingsError(f"--{option} is for scans from files, not for simulated ones; leave it out")
            elif _FOR[option] not in _TAKEN[kind]:
                raise SettingsError(f"--{option} is for {_FOR[option]}; leave it out")

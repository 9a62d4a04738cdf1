"""Options of scans: what their files do not state, and what to simulate."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingsError
from ..grids._typed import in_words, mistyped

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER}):({_NUMBER})(?::({_NUMBER}))?")


@dataclass(frozen=True)
class Simulation:
    """The parts of ``--simulate``.

    ``kind`` is "ct", with ``amount`` angles, or "mri", with the fraction ``amount`` of k-space. ``noise`` is the
    standard deviation of Gaussian noise in units of the measurements' root mean square.
    """

    kind: str
    amount: float
    noise: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Simulation:
        """Parse "ct:20", "mri:0.125" or "ct:20:0.01". Raises ``SettingsError`` for other texts.

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
            raise SettingsError(f"--simulate {text}: ANGLES must be a whole number of angles, 1 or more; write ct:20")
        if kind == "mri" and not 0 < amount <= 1:
            raise SettingsError(
                f"--simulate {text}: FRACTION of k-space must be above 0 and at most 1; write mri:0.125"
            )
        if not 0 <= noise < math.inf:
            raise SettingsError(
                f"--simulate {text}: NOISE, relative to the measurements, must be 0 or more, as in {kind}:…:0.01"
            )
        return cls(kind, amount, noise)


@dataclass(frozen=True)
class ScanOptions:
    """A description of how a scan was made, if its file does not state it, or of a scan to simulate.

    Args:
        simulate: "ct:ANGLES" or "mri:FRACTION", each optionally followed by ":NOISE".
        angles: "START:STOP" in degrees, evenly spaced and without STOP; "START:STOP:STEP" with STOP; or the name of a
            text or ``.npy`` file with one angle in degrees for each projection.
        transmission: whether a CT scan without a white field holds transmission or photon counts (True) or line
            integrals (False); None decides by their distribution.
        centre: the detector bin that the axis of rotation projects to, counted from 0.
        fan: "SOURCE,DETECTOR", the distances from the source of a fan beam to the axis and to the detector, in the unit
            of ``spacing``.
        spacing: the distance between detector bins in mm; 1 px if it is not given.
        slice: the slice to use, counted from 0.
        mask: the name of a file with the measured places of an MRI scan.
        maps: the name of a file with the coil sensitivities of an MRI scan.
        trajectory: the name of a file with the k-space positions of the samples of an MRI scan.
        seed: the seed of simulated noise and masks.

    Raises:
        SettingsError: for a value that cannot be used; the message names the option as on the command line.

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
    transmission: bool | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value, hint in mistyped(self):
            raise SettingsError(f"--{name.replace('_', '-')} {str(value)[:40]}: must be {in_words(hint)}")
        _ = self.simulation, self.distances
        if self.angles is not None and self.angle_range is None and not Path(self.angles).is_file():
            raise SettingsError(
                f"--angles {self.angles} is neither a range of degrees nor a file; write 0:180 or the name of a file"
            )
        if self.centre is not None and not 0 <= self.centre < math.inf:
            raise SettingsError(f"--centre {self.centre:g}: must be a detector bin, counted from 0")
        if self.spacing is not None and not 0 < self.spacing < math.inf:
            raise SettingsError(f"--spacing {self.spacing:g}: must be a positive distance in mm")
        if self.slice is not None and self.slice < 0:
            raise SettingsError(f"--slice {self.slice}: must be 0 or more")
        for option in ("mask", "maps", "trajectory"):
            path = getattr(self, option)
            if path is not None and not Path(path).is_file():
                raise SettingsError(f"--{option} {path} is not a file; check the name and the folder")

    @property
    def side_files(self) -> tuple[str | None, ...]:
        """The names of the files that are read beside the scan's own; ``angles`` may be a range instead."""
        return self.angles, self.mask, self.maps, self.trajectory

    @property
    def simulation(self) -> Simulation | None:
        """The scan to simulate; None if the file holds a scan."""
        return None if self.simulate is None else Simulation.parse(self.simulate)

    @property
    def angle_range(self) -> tuple[float, float, float | None] | None:
        """The first and the last angle in degrees, and the step if one is given; None if ``angles`` is no range."""
        found = _RANGE.fullmatch(self.angles or "")
        if found is None:
            return None
        start, stop = float(found[1]), float(found[2])
        if start == stop:
            raise SettingsError(f"--angles {self.angles}: START and STOP must differ; write 0:180")
        step = None if found[3] is None else float(found[3])
        if step == 0:
            raise SettingsError(f"--angles {self.angles}: STEP must not be 0; write 0:180:1")
        return start, stop, step

    @property
    def distances(self) -> tuple[float, float] | None:
        """The distances from the source of a fan beam to the axis and to the detector; None for parallel beams."""
        if self.fan is None:
            return None
        words = [word.strip() for word in self.fan.split(",")]
        if len(words) != 2 or not all(re.fullmatch(_NUMBER, word) and float(word) > 0 for word in words):
            raise SettingsError(
                f"--fan {self.fan} is not two distances above 0, from source to axis and from source to detector; "
                "write 500,1000"
            )
        return float(words[0]), float(words[1])

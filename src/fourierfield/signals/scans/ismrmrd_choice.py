"""What the acquisitions of an ISMRMRD file are for: lines of one image, calibration of its coils, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import SignalError
from .fastmri import middle_slice

__all__ = ["Chosen", "choose"]

# noise, navigator, phase correction, feedback, dummy, surface coil, phase stabilisation
_NEITHER = (19, 23, 24, 26, 27, 28, 29, 30, 31)
_CALIBRATION, _AND_IMAGING = 20, 21
_OF_THE_IMAGE, _APART = ("embedded", "interleaved"), ("separate", "external")
_REPEATED = ("contrast", "phase", "repetition", "set")  # the first of each is taken
_PLACE = ("slice", "kspace_encode_step_1", "kspace_encode_step_2")


@dataclass(frozen=True)
class Chosen:
    """Masks of the acquisitions: the lines of one ``image``, those that calibrate its coils and no more
    (``calibration``), all such lines of any image (``calibrations``), and what is ``neither``."""

    image: np.ndarray
    calibration: np.ndarray
    calibrations: np.ndarray
    neither: np.ndarray
    notes: tuple[str, ...]

    def left_out(self, calibrated: bool) -> tuple[str, ...]:
        """A note on what is no line of the image, nor used otherwise."""
        left = int(self.neither.sum()) + (0 if calibrated else int(self.calibrations.sum()))
        verb = "is no line" if left == 1 else "are no lines"
        return (f"{left:,} of {len(self.image):,} acquisitions {verb} of the image, and left out",) if left else ()


def choose(head: np.ndarray, mode: str | None, asked: int | None, path: Path) -> Chosen:
    """The acquisitions, by their heads, of the slice ``asked`` for (the middle one by default), and of contrasts,
    phases, repetitions and sets the first.

    What is flagged as calibration alone is measured on the image's own grid where the header's ``mode`` is "embedded"
    or "interleaved", and is kept; "separate" and "external" ones are other scans, whose contrast may differ. Where the
    header says neither, they are lines of the image if they fill gaps between its lines. Raises ``SignalError`` where
    there is no line, ``SettingsError`` for a slice that is none.
    """
    image, alone = _marked(head)
    neither = ~(image | alone)
    embedded = mode in _OF_THE_IMAGE or (mode not in _APART and _fills_gaps(head, image, alone))
    apart = np.zeros_like(alone) if embedded else alone
    image = ~(neither | apart)
    if not image.any():
        raise SignalError(f"{path} has no lines of an image among {len(head):,} acquisitions; give a scan")
    slices = np.unique(head["idx"]["slice"][image])
    number, picked = middle_slice(asked, len(slices), str(path))
    in_slice = head["idx"]["slice"] == slices[number]
    image, repeated = _first(head, image & in_slice)
    notes = (*picked, *repeated, *_embedded(int((image & alone).sum()), int(image.sum()), mode))
    return Chosen(image, _first(head, apart & in_slice)[0], apart, neither, notes)


def _embedded(count: int, lines: int, mode: str | None) -> tuple[str, ...]:
    why = mode if mode in _OF_THE_IMAGE else "they fill gaps between the others"
    return (f"{count:,} of its {lines:,} lines are of calibration too ({why})",) if count else ()


def _marked(head: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lines of an image, and lines of calibration alone, in the first encoding."""
    flags = head["flags"].astype(np.uint64)
    measured = (flags & _bits(*_NEITHER) == 0) & (head["encoding_space_ref"] == 0)
    alone = (flags & _bits(_CALIBRATION) != 0) & (flags & _bits(_AND_IMAGING) == 0)
    return measured & ~alone, measured & alone


def _bits(*flags: int) -> np.uint64:
    return np.uint64(sum(1 << (flag - 1) for flag in flags))


def _fills_gaps(head: np.ndarray, image: np.ndarray, calibration: np.ndarray) -> bool:
    """Whether no line of calibration lies where one of the image does: a scan of its own measures a whole block."""
    places = np.stack([head["idx"][name] for name in _PLACE], axis=1)
    lines, others = (set(map(tuple, places[mask].tolist())) for mask in (image, calibration))
    return bool(lines) and lines.isdisjoint(others)


def _first(head: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    notes: list[str] = []
    for name in _REPEATED:
        found = np.unique(head["idx"][name][among])
        if len(found) > 1:
            among = among & (head["idx"][name] == found[0])
            notes.append(f"the first of {len(found)} {name}s is taken")
    return among, tuple(notes)

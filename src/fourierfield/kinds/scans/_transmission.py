"""Line integrals of absorption from what a detector counts, and the bins of a detector that measure nothing."""

from __future__ import annotations

import numpy as np

from ...errors import SignalError

_EDGE = 50  # the beam beside the object is sought in this part of the bins on either side, at least one of them
_BRIGHT = 0.9  # of the brightest bin that an empty edge reaches, in the median over the angles, which noise spares
_DARK = 0.8  # of the open beam, above which the middle of a detector would absorb next to nothing


def absorption(values: np.ndarray, transmission: bool | None, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return line integrals −log(I/I₀) of the values (A, S, B) of a scan without a white field, and notes.

    I₀ is the median of the outermost bins of the brighter side of each slice. ``transmission`` says whether the values
    are transmission or counts (True) or line integrals already (False); None decides by their distribution: the beam is
    brightest beside the object, where line integrals vanish. Values of zero or less are missing. Raises ``SignalError``
    if all are.
    """
    values = values.astype(np.float64)
    if transmission is None:
        transmission = looks_like_transmission(values)
        told = "; --line-integrals takes them as they are"
    else:
        told = ""
    if not transmission:
        return values, ()
    beam, empty = open_beam(values)
    if not (beam > 0).all():
        raise SignalError(f"{name} holds no light beside the object; give transmission or counts above zero")
    dark = values <= 0
    integrals = -np.log(np.where(dark, np.nan, values) / beam[:, None])
    level = f"{beam.min():.6g}" if beam.min() == beam.max() else f"{beam.min():.6g} to {beam.max():.6g}"
    whence = "of the outermost bins, beside the object" if empty else "of the brightest values: no edge is empty"
    notes = [f"its values are taken for transmission, of an open beam of {level} ({whence}){told}"]
    if dark.any():
        notes.append(f"{int(dark.sum()):,} measurements without any light are missing")
    return integrals, tuple(notes)


def open_beam(values: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the open beam of each slice (S,) of transmission (A, S, B), and whether an edge of the detector sees it.

    Without an empty edge it is the 99th percentile.

    >>> open_beam(np.array([[[8.0, 8.0, 2.0, 8.0]]]))
    (array([8.]), True)
    """
    width = max(1, values.shape[-1] // _EDGE)
    edges = [np.nanmedian(side, axis=(0, 2)) for side in (values[..., :width], values[..., -width:])]
    beam, brightest = np.maximum(*edges), np.nanmax(np.nanmedian(values, axis=0), axis=-1)
    empty = bool((beam >= _BRIGHT * brightest).all())
    return (beam if empty else np.nanpercentile(values, 99, axis=(0, 2))), empty


def looks_like_transmission(values: np.ndarray) -> bool:
    """Return whether values (A, S, B) are brightest at an empty edge and darker in the middle, as the beam is.

    Line integrals are the opposite: they vanish beside the object.

    >>> ray = np.array([[[0.0, 0.0, 2.0, 3.0, 2.0, 0.0, 0.0]]])
    >>> looks_like_transmission(1000 * np.exp(-ray)), looks_like_transmission(ray)
    (True, False)
    """
    known = values[np.isfinite(values)]
    if not known.size or known.min() < 0:
        return False
    beam, empty = open_beam(values)
    third = values.shape[-1] // 3
    middle = np.nanmedian(values[..., third : values.shape[-1] - third])
    return bool(empty and (beam > 0).all() and middle < _DARK * beam.min())


_STUCK = 0.02  # of its neighbours' deviation over the angles, below which a bin does not respond to the object
_NEIGHBOURS = 4  # bins on either side that a bin is compared with
_FEWEST = 8  # angles: with fewer, a bin may see the same by chance


def without_stuck_bins(integrals: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return line integrals (A, S, B) with bins missing that are constant over the angles where neighbours are not.

    Bins beside the object, which are constant too, and bins at the edge have such neighbours on one side at most: they
    stay.
    """
    if len(integrals) < _FEWEST or integrals.shape[-1] <= 2 * _NEIGHBOURS:
        return integrals, ()
    known = np.isfinite(integrals).sum(axis=0) >= _FEWEST
    deviation = np.full(integrals.shape[1:], np.nan)
    deviation[known] = np.nanstd(integrals[:, known], axis=0)
    stuck = known & (deviation < _STUCK * _least_beside(deviation))
    if not stuck.any():
        return integrals, ()
    named = ", ".join(map(str, np.unique(np.argwhere(stuck)[:, -1])[:6]))
    note = f"{int(stuck.sum()):,} detector bins see the same at all angles, unlike their neighbours: missing ({named})"
    return np.where(stuck, np.nan, integrals), (note,)


def _least_beside(deviation: np.ndarray) -> np.ndarray:
    """Return for each bin the lesser of the median deviations on its two sides, 0 where a side has none."""
    padded = np.pad(deviation, ((0, 0), (_NEIGHBOURS, _NEIGHBOURS)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURS + 1, axis=-1)
    sides = np.stack([windows[..., :_NEIGHBOURS], windows[..., -_NEIGHBOURS:]])
    sides = np.where(np.isnan(sides).all(axis=-1, keepdims=True), 0.0, sides)
    return np.asarray(np.nanmedian(sides, axis=-1).min(axis=0))

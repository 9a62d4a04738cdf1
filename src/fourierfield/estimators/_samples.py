"""The problem at points that scikit-learn's arrays state: equal inputs merged, features and targets scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..errors import SettingsError
from ..grids._domain import Domain
from ..grids._points import Placement
from ..grids._sample_format import SampleFormat
from ..grids._signal import SignalDescription
from ..networks._values import ValueRange
from ..problems._points import PointProblem, PointSamples
from ..regression._evidence import Scatter

_UNIT = "sd"  # standard deviations of a feature
_SMALLEST = 1e-290  # smallest span whose inverse float64 can hold, with a margin
_ROUNDING = 8 * float(np.finfo(np.float64).eps)  # a feature that varies relatively less than this is constant


@dataclass(frozen=True)
class Merged:
    """Distinct ``inputs`` (M, p) in ascending order, with the ``targets`` and ``weights`` of equal ones merged.

    ``targets`` (M, C) are weighted means, ``weights`` (M,) sums. ``scatter`` is that of the targets about these means.
    """

    inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    scatter: Scatter


@dataclass(frozen=True)
class Tabular:
    """The problem of a table, the placement that turns its columns into coordinates, and what goes with them.

    ``features`` (d,) are the indices of the columns that vary. ``unit`` is the length of one coordinate unit in
    standard deviations of any feature. ``scatter`` is that of the problem's values.
    """

    problem: PointProblem
    placement: Placement
    features: np.ndarray
    unit: float
    scatter: Scatter


def tabular_problem(inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray, names: Sequence[str]) -> Tabular:
    """Return the problem of inputs (N, p) and targets (N, C) with weights (N,) ≥ 0.

    Its features and targets have standard deviations of 1 in common units. Rows of weight zero are left out, and so are
    features that do not vary, unless none does. Rows with equal inputs count as one, with the mean target and the sum
    of weights, so the problem does not depend on the order of the rows, nor on whether a sample is repeated or
    weighted. Raises ``SettingsError`` if the span of a feature or target overflows.
    """
    inputs, targets, weights = (rows[weights > 0] for rows in (inputs, targets, weights))
    low, spans = targets.min(axis=0), _spans(targets, "target")
    merged = merge_equal(inputs, (targets - low) / np.where(spans > 0, spans, 1.0), weights)
    features = _varying(merged.inputs)
    columns = merged.inputs[:, features]
    deviations, sides = _deviations(columns, merged.weights), np.ptp(columns, axis=0)
    extent = np.where(sides > 0, sides, 1.0) / deviations
    unit = float(extent.max())
    placement = Placement(
        tuple(names[i] for i in features),
        tuple(columns.min(axis=0).tolist()),
        tuple((1 / (deviations * unit)).tolist()),
    )
    mean, peak = np.average(merged.targets, axis=0, weights=merged.weights), _deviations(merged.targets, merged.weights)
    scale = np.where(spans > 0, spans, 1.0)
    samples = PointSamples(
        torch.from_numpy(placement.to_coordinates(columns)),
        torch.from_numpy((merged.targets - mean) / peak),
        None if (merged.weights == 1).all() else torch.from_numpy(merged.weights),
    )
    problem = PointProblem(
        Domain(tuple(extent.tolist()), (_UNIT,) * len(features)),
        samples,
        None,
        ValueRange(tuple((low + scale * mean).tolist()), tuple((scale * peak).tolist())),
        SignalDescription("table", (len(columns),), targets.shape[1], SampleFormat("float64")),
    )
    scatter = Scatter(merged.scatter.squares / peak**2, merged.scatter.freedom)
    return Tabular(problem, placement, features, unit, scatter)


def merge_equal(inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> Merged:
    """Merge equal inputs (N, p), with their targets (N, C) and weights (N,) > 0.

    >>> found = merge_equal(np.array([[2.0], [1.0], [2.0]]), np.array([[1.0], [5.0], [4.0]]), np.array([1.0, 1.0, 2.0]))
    >>> found.inputs[:, 0], found.targets[:, 0], found.weights
    (array([1., 2.]), array([5., 3.]), array([1., 3.]))
    >>> found.scatter
    Scatter(squares=array([6.]), freedom=array([2.]))
    """
    distinct, group = np.unique(inputs, axis=0, return_inverse=True)
    group = group.reshape(-1)
    total = np.bincount(group, weights)
    share = weights / total[group]  # divided first, so that the share of a single row is exactly 1
    means = np.stack([np.bincount(group, share * column) for column in targets.T], axis=1)
    differs = np.zeros(means.shape, dtype=bool)
    first = targets[np.unique(group, return_index=True)[1]]
    np.logical_or.at(differs, group, targets != first[group])
    squares = (weights[:, None] * np.where(differs[group], targets - means[group], 0.0) ** 2).sum(axis=0)
    freedom = np.where(differs, np.maximum(total - 1, 0.0)[:, None], 0.0).sum(axis=0)
    return Merged(distinct, means, total, Scatter(squares, freedom))


def _varying(inputs: np.ndarray) -> np.ndarray:
    """Return the indices of the columns that vary by more than rounding; the first one if there are none."""
    spans = _spans(inputs, "feature")
    varying = np.flatnonzero(spans > np.maximum(_SMALLEST, _ROUNDING * np.abs(inputs).max(axis=0)))
    return varying if len(varying) else np.array([0])


def _spans(columns: np.ndarray, what: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        spans = np.ptp(columns, axis=0)
    if not np.isfinite(spans).all():
        raise SettingsError(f"{what} {int(np.argmax(spans))} spans more than a float can hold; choose another unit")
    return spans


def _deviations(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Compute the weighted standard deviations of columns (N, d); 1 where a column is constant."""
    spans = np.ptp(columns, axis=0)
    shares = (columns - columns.min(axis=0)) / np.where(spans > 0, spans, 1.0)
    variance = np.average((shares - np.average(shares, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    return np.where(spans * variance > _SMALLEST, spans * np.sqrt(variance), 1.0)

"""The correction for finite networks, fitted to the sweeps, and what it makes of a row of forecasts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fourierfield.forecast._finite import (
    REFERENCE,
    Signs,
    crowding,
    delay_terms,
    gain_terms,
    kind_of,
    may_collapse,
    noise_share,
)

from ..table import Row
from .forecasting import SHIFTS, sweep_of
from .sweeps import Sweep

__all__ = ["Correction", "Expectation", "fit", "references", "write_table"]

KINDS = ("mapped", "smooth", "none", "basic")
_RIDGE = 3.0
_ROBUST = 0.4  # residuals beyond count by their size, not its square
_TRUSTED = {"smooth": 60.0}  # dB in training: beyond, number formats and step noise set the pace
_TRUSTED_ELSE = 45.0
References = dict[Sweep, Row]


@dataclass(frozen=True)
class Expectation:
    """What is expected of one row, dB: in training, on held-out samples, and between samples by the inner problem."""

    train: float
    held_out: float
    inner: float


@dataclass(frozen=True)
class Correction:
    """Coefficients of ``delay_terms`` and ``gain_terms`` by kind of encoding."""

    delays: dict[str, np.ndarray]
    gains: dict[str, np.ndarray]

    def of(self, row: Row, reference: Row | None) -> Expectation:
        """Theory at the corrected time, with the gain over it."""
        octaves = self.octaves(row)
        values = {name: _at(row, name, octaves) for name in ("train_db", "held_out_db", "inner_db")}
        gains = {
            name: float(self.terms(row, reference, name) @ self.gains[kind_of_row(row)])
            for name in ("held_out_db", "inner_db")
        }
        counted = gains["inner_db"]
        if row["smooth"] != "1":  # as the tuner does
            counted *= 1 - noise_share(float(row["noise"]), values["inner_db"])
        return Expectation(
            values["train_db"], values["held_out_db"] + gains["held_out_db"], values["inner_db"] + counted
        )

    def octaves(self, row: Row) -> float:
        """The delay of one row."""
        return float(_delay_terms(row) @ self.delays[kind_of_row(row)])

    def terms(self, row: Row, reference: Row | None, name: str) -> np.ndarray:
        """What the gain of one row is a combination of."""
        octaves = self.octaves(row)
        theory = _at(row, name, octaves)
        signs = Signs(
            float(row["directed"]),
            self.collapse(row, reference, name),
            _at(row, "train_db", octaves) - theory,
            noise_share(float(row["noise"]), theory),
        )
        return gain_terms(kind_of_row(row), float(row["density"]), signs).numpy()

    def collapse(self, row: Row, reference: Row | None, name: str) -> float:
        """How far theory lies below the reference's."""
        if reference is None or not may_collapse(float(row["density"])):
            return 0.0
        fall = _at(reference, name, self.octaves(reference)) - _at(row, name, self.octaves(row))
        return crowding(float(row["density"])) * max(0.0, fall)


def kind_of_row(row: Row) -> str:
    """Which coefficients a row has."""
    return kind_of(row["family"], row["smooth"] == "1")


def references(rows: list[Row]) -> References:
    """The row of each sweep that collapse is measured from: the Gaussian encoding at 1/26 of the sampling rate."""
    found: References = {}
    for row in rows:
        if row["family"] == "gaussian" and abs(np.log2(float(row["density"]) / REFERENCE)) < 0.25:
            found[sweep_of(row)] = row
    return found


def fit(rows: list[Row], known: References) -> Correction:
    """First the delays, from training errors, then the gains over theory at the delayed times."""
    delays = {kind: _fit_delays([row for row in rows if kind_of_row(row) == kind]) for kind in KINDS}
    partial = Correction(delays, {})

    def missing(row: Row) -> tuple[np.ndarray, float]:
        theory = _at(row, "held_out_db", partial.octaves(row))
        return partial.terms(row, known.get(sweep_of(row)), "held_out_db"), float(row["held_out_psnr_db"]) - theory

    gains = {kind: _robust([missing(row) for row in rows if kind_of_row(row) == kind]) for kind in KINDS}
    return Correction(delays, gains)


def write_table(correction: Correction, half_widths: dict[str, float], networks: int, path: Path) -> None:
    """``finite.json``."""

    def plain(coefficients: dict[str, np.ndarray]) -> dict[str, list[float]]:
        return {kind: [round(float(value), 3) for value in values] for kind, values in coefficients.items()}

    table = {
        "delay_octaves": plain(correction.delays),
        "gain_db": plain(correction.gains),
        "half_width_db": {kind: round(width, 2) for kind, width in half_widths.items()},
        "networks": networks,
    }
    path.write_text(json.dumps(table, indent=1) + "\n")


def _fit_delays(rows: list[Row]) -> np.ndarray:
    needed = [(_delay_terms(row), _needed(row)) for row in rows]
    known = [(terms, octaves) for terms, octaves in needed if octaves is not None]
    return _robust(known) if known else np.zeros(len(_delay_terms(rows[0])))


def _needed(row: Row) -> float | None:
    """Octaves of time at which theory has the trained network's training error; None where that says nothing."""
    trained = float(row["train_psnr_db"])
    rising = np.maximum.accumulate(_curve(row, "train_db"))
    if trained > _TRUSTED.get(kind_of_row(row), _TRUSTED_ELSE) or not rising[0] < trained < rising[-1]:
        return None
    return float(np.interp(trained, rising, SHIFTS))


def _robust(pairs: list[tuple[np.ndarray, float]]) -> np.ndarray:
    """Huber's regression by reweighting, with a small ridge."""
    terms, wanted = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    weights = np.ones(len(wanted))
    for _ in range(50):
        weighted = terms * weights[:, None]
        found = np.linalg.solve(weighted.T @ terms + _RIDGE * np.eye(terms.shape[1]), weighted.T @ wanted)
        weights = np.minimum(1, _ROBUST / np.maximum(np.abs(wanted - terms @ found), 1e-9))
    return np.asarray(found)


def _delay_terms(row: Row) -> np.ndarray:
    sizes = (int(row["depth"]), int(row["width"]), max(1, int(row["frequencies"])))
    directed = float(row["directed"])
    return delay_terms(kind_of_row(row), float(row["density"]), directed, sizes, int(row["steps"])).numpy()


def _at(row: Row, name: str, octaves: float) -> float:
    return float(np.interp(octaves, SHIFTS, _curve(row, name)))


def _curve(row: Row, name: str) -> np.ndarray:
    return np.array([float(number) for number in row[name].split(";")])

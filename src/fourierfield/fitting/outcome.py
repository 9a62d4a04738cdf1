"""What a fit found, ready to print."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..networks import Field
from ..problems import GridProblem
from ..signals import GridSignal, Signal
from .describe import describe
from .foreseen import Foreseen
from .presets import FitPlan
from .recorder import BandRecorder
from .settings import FitSettings

__all__ = ["FitDetails", "FitOutcome"]

_FINISHED = "already finished; nothing to do"


@dataclass(frozen=True)
class FitDetails:
    """What a report draws beside the outcome itself: the ``signal``, its ``problem``, the ``plan`` with the candidates
    it was chosen from, and the forecast.

    ``recorder`` has the error by band where ``settings.report`` asked for a page. ``resumed_from`` is the step at which
    a run was taken up, its last one if it was finished before.
    """

    signal: GridSignal
    problem: GridProblem
    plan: FitPlan
    settings: FitSettings
    foreseen: Foreseen
    recorder: BandRecorder | None = None
    resumed_from: int = 0


@dataclass(frozen=True)
class FitOutcome:
    """A fitted field, where it was saved (None if it was not), how long it took, and remarks for the user;
    ``report`` is its page.

    ``field.record`` holds everything that does not depend on the machine's speed: encoding, metrics, baselines,
    forecast, steps, curve, settings.
    """

    field: Field
    path: str | None
    signal: dict[str, Any]
    seconds: dict[str, float]
    notes: list[str] = dataclasses.field(default_factory=list)
    already_finished: bool = False
    details: FitDetails | None = None
    report: str | None = None

    @classmethod
    def of(
        cls,
        signal: Signal,
        field: Field,
        out: Path | None,
        seconds: dict[str, float],
        notes: list[str],
        details: FitDetails | None = None,
    ) -> FitOutcome:
        """A fit that has ended now; its ``seconds`` have their sum for a total where they tell none."""
        told = {**seconds, "total": seconds.get("total", sum(seconds.values()))}
        rounded = {name: round(value, 3) for name, value in told.items()}
        return cls(field, str(out) if out else None, describe(signal), rounded, notes, details=details)

    @classmethod
    def again(
        cls, signal: Signal, field: Field, out: Path | None, tuned: float = 0.0, details: FitDetails | None = None
    ) -> FitOutcome:
        """A fit that was finished before, and took so many seconds to be recognised."""
        found = cls.of(signal, field, out, {"tune": tuned, "fit": 0.0}, [_FINISHED], details)
        return dataclasses.replace(found, already_finished=True)

    def to_json(self) -> dict[str, Any]:
        """The object that ``fit --json`` prints."""
        record = self.field.record
        return {
            "signal": self.signal,
            "method": record["method"],
            "encoding": record["encoding"],
            "network": record["network"],
            **({"kernel": record["kernel"]} if "kernel" in record else {}),
            "metrics": record["metrics"],
            "baselines": record["baselines"],
            "forecast": record["forecast"],
            "curve": record["curve"],
            "steps": record["steps"],
            "training": record["training"],
            "hold_out": record["settings"]["hold_out"],
            "seed": record["settings"]["seed"],
            "seconds": self.seconds,
            "field": self.path,
            "report": self.report,
            "notes": self.notes,
            "already_finished": self.already_finished,
        }

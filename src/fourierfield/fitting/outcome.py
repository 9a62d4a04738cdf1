"""What a fit found, ready to print."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..networks import Field
from ..problems import GridProblem
from ..signals import GridSignal
from .foreseen import Foreseen
from .presets import FitPlan
from .recorder import BandRecorder
from .settings import FitSettings

__all__ = ["FitDetails", "FitOutcome"]


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

"""What a fit found, ready to print."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..networks import NetworkField

__all__ = ["FitOutcome"]


@dataclass(frozen=True)
class FitOutcome:
    """A fitted field, where it was saved (None if it was not), how long it took, and remarks for the user.

    ``field.record`` holds everything that does not depend on the machine's speed: encoding, metrics, baselines,
    forecast, steps, curve, settings.
    """

    field: NetworkField
    path: str | None
    signal: dict[str, Any]
    seconds: dict[str, float]
    notes: list[str] = dataclasses.field(default_factory=list)
    already_finished: bool = False

    def to_json(self) -> dict[str, Any]:
        """The object that ``fit --json`` prints."""
        record = self.field.record
        return {
            "signal": self.signal,
            "method": record["method"],
            "encoding": record["encoding"],
            "network": record["network"],
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
            "notes": self.notes,
            "already_finished": self.already_finished,
        }

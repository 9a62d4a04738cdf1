"""The options of ``render``: what to draw of a field."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ..errors import SettingsError


@dataclass(frozen=True)
class RenderOptions:
    """The options of ``render`` by their names on the command line; None or False where they were left out."""

    size: str | None = None
    scale: float | None = None
    window: str | None = None
    at: str | None = None
    gradient: bool = False
    fill: str | None = None
    uncertainty: bool = False
    pose: str | None = None
    depth: bool = False
    frames: int | None = None

    @property
    def given(self) -> list[str]:
        """The names of the options that were given."""
        return [field.name for field in fields(self) if getattr(self, field.name) not in (None, False)]

    @property
    def side_files(self) -> tuple[str | None, ...]:
        """The names of the files that are read beside the field; ``pose`` may be numbers instead."""
        return self.at, self.fill, self.pose

    def __post_init__(self) -> None:
        if self.gradient and self.at is None:
            raise SettingsError("--gradient needs --at points.csv")
        if self.size is not None and self.scale is not None:
            raise SettingsError("--size and --scale exclude each other; give one of them")
        if self.scale is not None and not 0 < self.scale < float("inf"):
            raise SettingsError(f"--scale {self.scale:g}: must be a positive number")
        self._alone("at", "takes its points from the file", ("uncertainty", "gradient"))
        self._alone("fill", "writes the signal's own samples", ())

    def _alone(self, name: str, why: str, beside: tuple[str, ...]) -> None:
        others = [f"--{other}" for other in self.given if other not in (name, *beside)]
        if name in self.given and others:
            raise SettingsError(f"--{name} {why}; leave {' and '.join(others)} out")

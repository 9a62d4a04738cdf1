"""What ``render`` was asked for, and which kinds of field can do it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...errors import SettingsError

__all__ = ["RenderOptions", "refuse_foreign"]

_GRID = ("size", "scale", "window", "fill", "uncertainty")
_ALWAYS = ("at", "gradient")
_OF_KIND = {
    "views": ("pose", "size", "scale", "depth", "frames"),
    "mesh": ("pose", "size", "scale"),
    "table": ("size", "scale", "window", "uncertainty"),
}
_WHY = {
    ("mesh", "window"): "a shape is rendered whole, so that its surface is closed",
    ("mesh", "uncertainty"): "that of a shape is written with --at points.csv",
}


@dataclass(frozen=True)
class RenderOptions:
    """The options of ``render`` that say what to draw, by their names; None or False where they were left out."""

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
        """Names of the options that were given."""
        return [field.name for field in fields(self) if getattr(self, field.name) not in (None, False)]

    def __post_init__(self) -> None:
        if self.gradient and self.at is None:
            raise SettingsError("--gradient needs --at points.csv")
        if self.size is not None and self.scale is not None:
            raise SettingsError("--size and --scale exclude each other; give one of them")
        if self.scale is not None and not 0 < self.scale < float("inf"):
            raise SettingsError(f"--scale {self.scale:g}: has to be a positive number")
        self._alone("at", "takes its points from the file", ("uncertainty", "gradient"))
        self._alone("fill", "writes the signal's own samples", ())

    def _alone(self, name: str, why: str, beside: tuple[str, ...]) -> None:
        others = [f"--{other}" for other in self.given if other not in (name, *beside)]
        if name in self.given and others:
            raise SettingsError(f"--{name} {why}; leave {' and '.join(others)} out")


def refuse_foreign(options: RenderOptions, kind: str) -> None:
    """Raise ``SettingsError`` for an option that says nothing of a field of this ``kind``.

    >>> refuse_foreign(RenderOptions(pose="0,0"), "image")
    Traceback (most recent call last):
    ...
    fourierfield.errors.SettingsError: --pose is not for fields of image; leave it out
    """
    taken = _OF_KIND.get(kind, _GRID)
    allowed = (*_ALWAYS, "uncertainty") if options.at is not None else taken
    for name in options.given:
        if name not in allowed:
            why = _WHY.get((kind, name), f"--{name} is not for fields of {kind}")
            raise SettingsError(f"{why if why.startswith('--') else f'--{name}: {why}'}; leave it out")

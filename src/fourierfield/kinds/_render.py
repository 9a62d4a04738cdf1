"""Render a field of any kind: refuse what does not apply, and hand over to its kind."""

from __future__ import annotations

from pathlib import Path

from ..errors import SettingsError
from ..grids._files import refuse_overwriting, refuse_special
from ..networks._field import Field
from ._at import write_points
from ._kind import Kind, Say
from ._read import read
from ._registry import KINDS
from ._render_options import RenderOptions


def render_field(field: Field, out: str, options: RenderOptions, say: Say = lambda line: None) -> None:
    """Write what ``options`` ask of a field as the file that ``out`` names; ``say`` receives lines for the user."""
    kind = KINDS[field.source.kind]
    refuse_foreign(options, kind)
    for path in options.side_files:
        refuse_special(Path(path or ""))
    refuse_overwriting({"": out}, options.side_files)
    if options.at is not None:
        gradient, uncertainty = options.gradient, options.uncertainty
        write_points(field, Path(options.at), Path(out), gradient=gradient, uncertainty=uncertainty, say=say)
    elif options.fill is not None:
        signal = read(options.fill)
        if signal.kind != kind.name:
            raise SettingsError(f"--fill {options.fill} holds {KINDS[signal.kind].noun}; give the signal's own file")
        kind.check_ending(out)
        kind.fill(field, signal, out, say)
    else:
        kind.check_ending(out)
        kind.render(field, out, options, say)


def refuse_foreign(options: RenderOptions, kind: Kind) -> None:
    """Raise ``SettingsError`` for an option that means nothing for a kind of field.

    >>> refuse_foreign(RenderOptions(pose="0,0"), KINDS["image"])
    Traceback (most recent call last):
    ...
    fourierfield.errors.SettingsError: --pose is not for fields of image; leave it out
    """
    accepted = ("at", "gradient", "uncertainty") if options.at is not None else kind.render_options
    for name in options.given:
        if name not in accepted:
            why = kind.why_not.get(name)
            raise SettingsError(
                f"--{name}: {why}; leave it out" if why else f"--{name} is not for fields of {kind.name}; leave it out"
            )

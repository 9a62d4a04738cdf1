"""Options that say of a scan what its file does not, for the commands that read scans."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

__all__ = ["PANEL", "Angles", "Centre", "Fan", "Maps", "Mask", "Simulate", "Slice", "Spacing", "Trajectory", "by_name"]

PANEL = "Scans"

Simulate = Annotated[
    str | None,
    typer.Option(
        help="Take what a scanner would measure of this image or volume: ct:ANGLES or mri:FRACTION, :NOISE added.",
        rich_help_panel=PANEL,
    ),
]
Angles = Annotated[
    str | None, typer.Option(help="CT: START:STOP in degrees, or a file of one per projection.", rich_help_panel=PANEL)
]
Centre = Annotated[
    float | None,
    typer.Option(
        help="CT: the bin that the axis of rotation projects to.", show_default="found", rich_help_panel=PANEL
    ),
]
Fan = Annotated[
    str | None,
    typer.Option(help="CT: SOURCE,DETECTOR, distances of a fan beam's source to both.", rich_help_panel=PANEL),
]
Spacing = Annotated[float | None, typer.Option(help="CT: distance of detector bins in mm.", rich_help_panel=PANEL)]
Slice = Annotated[int | None, typer.Option("--slice", help="The slice to take, from 0.", rich_help_panel=PANEL)]
Mask = Annotated[str | None, typer.Option(help="MRI: a .npy of the places that were measured.", rich_help_panel=PANEL)]
Maps = Annotated[str | None, typer.Option(help="MRI: coil sensitivities, .npy or .cfl.", rich_help_panel=PANEL)]
Trajectory = Annotated[
    str | None, typer.Option(help="MRI: where samples were measured, .npy or .cfl.", rich_help_panel=PANEL)
]


def by_name(arguments: Mapping[str, Any], leave_out: tuple[str, ...]) -> dict[str, Any]:
    """A command's arguments by the names of ``FitSettings.changed``, without those that are no choices."""
    choices = {name: value for name, value in arguments.items() if name not in leave_out}
    choices["slice"] = choices.pop("slice_")
    return choices

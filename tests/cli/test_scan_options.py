"""Options of scans reach the settings by their names."""

from __future__ import annotations

from dataclasses import fields

from fourierfield.cli._scan_options import by_name

from fourierfield.cli import _scan_options
from fourierfield.tasks._settings import FitSettings


def test_arguments_are_named_as_the_settings_are() -> None:
    arguments = {"signal": "a.npy", "slice_": 3, "angles": "0:180", "centre": None}
    assert by_name(arguments, ("signal",)) == {"angles": "0:180", "centre": None, "slice": 3}


def test_every_option_of_scans_is_a_setting() -> None:
    options = {name.lower() for name in vars(_scan_options) if name.istitle()} - {"annotated", "any", "mapping"}
    assert len(options) == 9
    assert options <= {field.name for field in fields(FitSettings)}

"""Options of scans reach the settings by their names."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from fourierfield.cli import _options
from fourierfield.cli._options import by_name
from fourierfield.tasks._settings import FitSettings


def test_arguments_are_named_as_the_settings_are() -> None:
    arguments = {"signal": "a.npy", "slice_": 3, "angles": "0:180", "centre": None}
    assert by_name(arguments, ("signal",)) == {"angles": "0:180", "centre": None, "slice": 3}


def test_every_option_of_scans_is_a_setting() -> None:
    of_scans = {
        name.lower()
        for name, option in vars(_options).items()
        if get_args(option) and getattr(get_args(option)[-1], "rich_help_panel", None) == _options.PANEL
    }
    assert len(of_scans) == 10
    assert of_scans <= {field.name for field in fields(FitSettings)}

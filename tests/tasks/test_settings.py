from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.grids._domain import Domain
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.tasks._scan_options import Simulation
from fourierfield.tasks._settings import FitSettings, ReadOptions, bandwidth_in_cycles_per_unit, chosen_settings

PIXELS = Domain.of_samples((256, 512))
SECONDS = Domain.of_samples((44100,), spacing=(1 / 44100,), units=("s",))
MILLIMETRES = Domain.of_samples((100, 50), spacing=(2.0, 2.0), units=("mm", "mm"))


@pytest.mark.parametrize(
    "choice",
    [
        {"method": "smell"},
        {"preset": "fast"},
        {"encoding": "wavelet"},
        {"hold_out": "half"},
        {"steps": 0},
        {"steps": -5},
        {"features": 0},
        {"depth": 0},
        {"width": -1},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"time": -1.0},
        {"bandwidth": -2.0},
        {"seed": -1},
        {"steps": 10, "time": 10.0},
        {"resume": True},
    ],
)
def test_impossible_settings_are_refused_in_one_line(choice: dict) -> None:
    with pytest.raises(SettingsError) as caught:
        FitSettings(**choice)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "domain", "expected"),
    [
        (12.5, PIXELS, 12.5),
        ("12.5", PIXELS, 12.5),
        ("1e1", PIXELS, 10.0),
        ("0.02/px", PIXELS, 10.24),
        ("0.02 / px", PIXELS, 10.24),
        ("440Hz", SECONDS, 440.0),
        ("0.44kHz", SECONDS, 440.0),
        ("440/s", SECONDS, 440.0),
        ("0.5/mm", MILLIMETRES, 100.0),
    ],
)
def test_bandwidths_with_units(text: float | str, domain: Domain, expected: float) -> None:
    assert bandwidth_in_cycles_per_unit(text, domain) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "x", "-3", "0", "nan", "inf", "3/", "3/mm", "440Hz", "1e", "1.2.3", "3 4"])
def test_bandwidths_that_mean_nothing_here(text: str) -> None:
    with pytest.raises(SettingsError, match="--bandwidth"):
        bandwidth_in_cycles_per_unit(text, PIXELS)


def test_choices_of_scans_go_where_they_belong() -> None:
    changed = replace(FitSettings(steps=4), simulate="ct:20", fan="50,90", width=8, seed=5)
    assert isinstance(changed, ReadOptions)
    assert changed.simulation == Simulation("ct", 20)
    assert changed.distances == (50.0, 90.0)
    assert (changed.steps, changed.width, changed.seed) == (4, 8, 5)
    assert replace(changed, angles="0:90").simulate == "ct:20"
    assert FitSettings() == FitSettings()


def test_what_was_given_is_what_is_not_the_default() -> None:
    assert FitSettings().given == ()
    assert FitSettings(angles="-90:90", slice=0, seed=7).given == ("angles", "slice", "seed")
    assert FitSettings(uncertainty=True, hold_out="none", missing=("3:4",)).given == ("missing", "uncertainty")


@pytest.mark.parametrize("columns", ["lon, lat", "lon,lat,", ("lon", " lat")])
def test_columns_are_named_in_one_string_or_one_by_one(columns: str | tuple[str, ...]) -> None:
    assert ReadOptions(inputs=columns).input_columns == ("lon", "lat")
    assert ReadOptions(outputs=columns).output_columns == ("lon", "lat")
    assert ReadOptions().input_columns is ReadOptions(inputs=" ,").input_columns is None


@pytest.mark.parametrize("choice", [{"simulate": "ct"}, {"fan": "3"}, {"angles": "nowhere"}, {"spacing": -1.0}])
def test_choices_of_scans_are_checked(choice: dict) -> None:
    with pytest.raises(SettingsError, match=f"--{next(iter(choice))} "):
        FitSettings(**choice)
    with pytest.raises(TypeError):
        FitSettings(wavelet=3)


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"steps": "3"}, "--steps 3: must be a whole number"),
        ({"steps": 2.5}, "must be a whole number"),
        ({"width": True}, "must be a whole number"),
        ({"bandwidth": [1, 2]}, "must be a number or text"),
        ({"encoding": 3}, "must be text"),
        ({"out": 3}, "must be text or a path"),
        ({"uncertainty": "yes"}, "must be True or False"),
        ({"missing": 3}, "must be a list, each text"),
    ],
)
def test_values_of_another_type_are_refused(choices: dict[str, object], reason: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(reason)):
        FitSettings(**choices)  # type: ignore[arg-type]


def test_numbers_of_numpy_are_numbers() -> None:
    settings = FitSettings(steps=np.int64(3), bandwidth=np.float32(2), time=None)  # type: ignore[arg-type]
    assert (settings.steps, settings.bandwidth) == (3, 2.0)


@pytest.mark.parametrize(("name", "hint"), [("step", "did you mean steps"), ("epochs", "the settings are angles")])
def test_names_that_are_no_setting_are_refused_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(SettingsError, match=f"no setting {name}; {hint}"):
        chosen_settings(FitSettings(), {name: 3})


@pytest.mark.parametrize("rule", [0.25, "0.25", "random:0.25", RandomHoldOut(0.25)])
def test_a_fraction_alone_is_held_out_at_random(rule: object) -> None:
    assert FitSettings(hold_out=rule).hold_out_rule == RandomHoldOut(0.25, 0)  # type: ignore[arg-type]

"""What every kind of signal declares, and what it refuses."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pytest

from fourierfield.errors import FourierFieldError, SettingsError
from fourierfield.kinds._kind import COMMON_OPTIONS, Kind
from fourierfield.kinds._registry import KINDS
from fourierfield.kinds._render_options import RenderOptions
from fourierfield.tasks._settings import METHODS, FitSettings, ReadOptions

ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
WITHOUT_GRID = [kind for kind in KINDS.values() if not kind.analysed]


@ALL
def test_every_kind_declares_itself(kind: Kind) -> None:
    assert KINDS[kind.name] is kind
    assert kind.noun.split()[0] in ("a", "an")
    assert kind.plural
    assert kind.containers
    assert kind.methods
    assert set(kind.methods) <= set(METHODS) - {"auto"}


@ALL
def test_options_are_those_of_fits_and_renderings(kind: Kind) -> None:
    assert kind.options | COMMON_OPTIONS <= {field.name for field in fields(FitSettings)}
    assert not kind.options & COMMON_OPTIONS
    renderings = {field.name for field in fields(RenderOptions)}
    assert kind.render_options <= renderings
    assert set(kind.why_not) <= renderings - kind.render_options


def test_every_setting_is_for_some_kind() -> None:
    taken = COMMON_OPTIONS.union(*(kind.options for kind in KINDS.values()))
    assert taken == {field.name for field in fields(FitSettings)}


def test_nouns_and_plurals_tell_kinds_apart() -> None:
    for words in ({kind.noun for kind in KINDS.values()}, {kind.plural for kind in KINDS.values()}):
        assert len(words) == len(KINDS)


@ALL
def test_the_usual_method_is_the_first(kind: Kind) -> None:
    assert kind.method(FitSettings()) == kind.methods[0]
    for method in kind.methods:
        assert kind.method(FitSettings(method=method)) == method
    for other in set(METHODS) - {"auto", *kind.methods}:
        with pytest.raises(SettingsError, match=f"--method {other} is not for {kind.plural}"):
            kind.method(FitSettings(method=other))


def test_scans_take_a_network_where_its_training_is_asked_for() -> None:
    for name in ("ct", "mri"):
        assert KINDS[name].method(FitSettings(steps=5)) == "network"
        with pytest.raises(SettingsError, match="--uncertainty: a network does not know it"):
            KINDS[name].method(FitSettings(steps=5, uncertainty=True))


@pytest.mark.parametrize("kind", WITHOUT_GRID, ids=lambda kind: kind.name)
def test_what_needs_a_grid_refuses_other_kinds(kind: Kind) -> None:
    signal = SimpleNamespace(name="some.file", kind=kind.name)
    for analyse in (kind.to_analyse, kind.tune):
        with pytest.raises(SettingsError, match=f"some.file holds {kind.noun}, not samples on a grid"):
            analyse(signal, FitSettings(), lambda count: None)
    with pytest.raises(SettingsError, match="--fill is not for"):
        kind.fill(None, signal, "out.png", lambda line: None)  # type: ignore[arg-type]


def test_kinds_without_a_grid() -> None:
    assert {kind.name for kind in WITHOUT_GRID} == {"mesh", "views", "table"}


@ALL
def test_words_and_pictures_are_not_arrays_of_a_kind(kind: Kind) -> None:
    """An array is a signal of the kind or is refused in a line, never an error of NumPy's."""
    for array in (np.zeros((2,) * 6), np.array([["a", "b"]])):
        with pytest.raises(FourierFieldError) as caught:
            kind.of_array(array, ReadOptions())
        assert "\n" not in str(caught.value)

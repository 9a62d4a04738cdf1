"""The public interface: what the top level offers, and that it works together."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
from PIL import Image

import fourierfield
from fourierfield.errors import SettingsError
from fourierfield.kinds._render_options import RenderOptions
from fourierfield.tasks._settings import FitChoices, FitSettings, ReadChoices, ReadOptions

SMALL = {"steps": 20, "width": 16, "features": 8, "bandwidth": 2.0}


@pytest.mark.parametrize("name", fourierfield.__all__)
def test_every_name_is_there_and_is_shown_in_use(name: str) -> None:
    found = getattr(fourierfield, name)
    if name == "__version__":
        assert found.count(".") == 2
        return
    document = inspect.getdoc(found)
    assert document is not None
    assert ">>> " in document
    assert name in dir(fourierfield)


def test_a_package_does_not_hide_the_function_of_its_name() -> None:
    from fourierfield.forecast import forecast_steps

    assert callable(forecast_steps)
    found = fourierfield.forecast(np.eye(8, dtype=np.float32), encoding="gaussian", bandwidth=2.0, steps=5)
    assert found.scores.train_psnr_db > 0


def test_other_names_are_not() -> None:
    assert len(set(fourierfield.__all__)) == len(fourierfield.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'colour'"):
        _ = fourierfield.colour  # type: ignore[attr-defined]


@pytest.mark.parametrize(("choices", "settings"), [(FitChoices, FitSettings), (ReadChoices, ReadOptions)])
def test_choices_by_name_are_the_settings_with_their_types(choices: type, settings: type) -> None:
    types = get_type_hints(settings)
    assert get_type_hints(choices) == {field.name: types[field.name] for field in fields(settings)}  # type: ignore[arg-type]


def test_render_takes_the_options_of_rendering() -> None:
    parameters = list(inspect.signature(fourierfield.render).parameters.values())[2:]
    assert [(p.name, p.default) for p in parameters] == [(f.name, f.default) for f in fields(RenderOptions)]


def test_a_picture_from_reading_to_rendering(tmp_path: Path, photo_file: Path) -> None:
    signal = fourierfield.read(photo_file)
    assert (signal.kind, signal.shape, signal.channels) == ("image", (24, 32), 3)
    out = tmp_path / "f.safetensors"
    field = fourierfield.fit(signal, out=out, report=tmp_path / "page.html", **SMALL)
    assert "<html" in (tmp_path / "page.html").read_text()
    loaded = fourierfield.load(out)
    np.testing.assert_array_equal(loaded.sample(signal.grid), field.sample(signal.grid))
    fourierfield.render(loaded, tmp_path / "big.png", scale=2)
    with Image.open(tmp_path / "big.png") as picture:
        assert picture.size == (64, 48)


def test_a_table_from_reading_to_rendering(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).random((40, 2))
    table = tmp_path / "t.csv"
    table.write_text("x,y,height,width\n" + "".join(f"{x},{y},{x + y},{x - y}\n" for x, y in rows))
    signal = fourierfield.read(table, inputs=("x", "y"), outputs="width")
    assert signal.outputs == ("width",)
    field = fourierfield.fit(table, inputs="x,y", outputs="width")
    assert field.record["method"] == "kernel"
    assert field(signal.points)[:, 0] == pytest.approx(rows[:, 0] - rows[:, 1], abs=0.05)
    (tmp_path / "places.csv").write_text("x,y\n0.5,0.25\n0.5,0.75\n")
    fourierfield.render(field, tmp_path / "at.csv", at=str(tmp_path / "places.csv"))
    header, *written = (tmp_path / "at.csv").read_text().splitlines()
    assert header == "x,y,width"
    assert [float(line.split(",")[-1]) for line in written] == pytest.approx([0.25, -0.25], abs=0.05)


def test_a_scan_is_simulated_of_what_is_read(photo_file: Path) -> None:
    scan = fourierfield.read(photo_file, simulate="ct:12", seed=1)
    assert scan.kind == "ct"
    assert scan.shape[0] == 12


def test_settings_by_name_take_precedence(smooth_image: np.ndarray) -> None:
    settings = fourierfield.FitSettings(**{**SMALL, "steps": 3})
    assert fourierfield.fit(smooth_image, settings).record["steps"] == 3
    assert fourierfield.fit(smooth_image, settings, steps=4).record["steps"] == 4


def test_what_tune_chooses_and_forecast_expects_is_what_fit_records(smooth_image: np.ndarray) -> None:
    open_settings = fourierfield.FitSettings(steps=20, width=16, depth=2, features=8, encoding="gaussian")
    judged: list[int] = []
    chosen = fourierfield.tune(smooth_image, open_settings, judged.append).choice
    assert judged[-1] == len(judged) > 5
    record = fourierfield.fit(smooth_image, open_settings).record
    assert record["encoding"]["family"] == chosen.encoding.family
    assert record["forecast"] == fourierfield.forecast(smooth_image, open_settings).to_json()


def test_a_forecast_of_anything_but_a_network_on_a_grid_is_refused(tmp_path: Path, smooth_image: np.ndarray) -> None:
    table = tmp_path / "t.csv"
    table.write_text("x,y,v\n" + "".join(f"{i},{i * i % 7},{i}\n" for i in range(9)))
    with pytest.raises(SettingsError, match=r"is a table of points; only fits .* on a grid by network have a forecast"):
        fourierfield.forecast(table)
    with pytest.raises(SettingsError, match="by network"):
        fourierfield.forecast(smooth_image, method="kernel")
    with pytest.raises(SettingsError, match="holds a table of points, not samples on a grid"):
        fourierfield.tune(table)


def test_unknown_settings_are_refused(smooth_image: np.ndarray) -> None:
    for function in (fourierfield.fit, fourierfield.tune, fourierfield.forecast):
        with pytest.raises(TypeError):
            function(smooth_image, wavelet=3)  # type: ignore[operator]

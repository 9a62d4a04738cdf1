"""Kernel fits: what is chosen from, what is recorded, what is foretold."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import Interrupted, SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._points import PointSignal
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.kinds.tables._network import steps_for
from fourierfield.kinds.tables._read import as_points
from fourierfield.problems._grid import grid_problem
from fourierfield.regression._field import KernelField
from fourierfield.tasks._kernel import kernel_candidates
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents

KERNEL = FitSettings(method="kernel")


def waves(side: int = 40) -> GridSignal:
    y, x = np.mgrid[:side, :side] / side
    noise = 0.02 * np.random.default_rng(0).standard_normal((side, side))
    return as_signal((0.5 + 0.3 * np.sin(9 * x + 5 * y * y) + noise).astype(np.float32))


def points(count: int = 300, noise: float = 0.05) -> PointSignal:
    rng = np.random.default_rng(0)
    places = rng.random((count, 2))
    values = np.sin(5 * places[:, :1]) + places[:, 1:] + noise * rng.standard_normal((count, 1))
    return as_points(places, values, input_names=["x", "y"], output_names=["height"])


@pytest.mark.parametrize(
    ("choices", "fixed", "free"),
    [
        ({}, [], [("gaussian", "all"), ("gaussian", "last")]),
        ({"encoding": "laplace"}, [], [("laplace", "all")]),
        ({"bandwidth": 3.0}, [("gaussian", 3.0)], []),
        ({"encoding": "uniform", "bandwidth": "0.1/px"}, [("uniform", 4.0)], []),
        ({"encoding": "basic"}, [("basic", None)], []),
        ({"encoding": EncodingSpec("gaussian", 2.0, 64)}, [("gaussian", 2.0)], []),
        ({"preset": "paper"}, [("gaussian", 10.0)], []),
    ],
)
def test_candidates_are_what_was_asked_for(choices: dict, fixed: list, free: list) -> None:
    settings = FitSettings(method="kernel", **choices)
    found = kernel_candidates(grid_problem(waves()), settings)
    assert [(spec.encoding.family, spec.encoding.bandwidth) for spec in found.fixed] == fixed
    assert [(spec.encoding.family, spec.trained) for spec in found.free] == free


def test_no_encoding_has_no_stationary_kernel() -> None:
    with pytest.raises(SettingsError, match="not stationary"):
        run_fit(waves(), FitSettings(method="kernel", encoding="none"))


def test_tables_go_by_kernel_and_the_rest_by_network_unless_asked() -> None:
    assert run_fit(points(), FitSettings()).to_json()["method"] == "kernel"
    assert run_fit(waves(24), FitSettings(steps=5, width=8, bandwidth=2.0)).to_json()["method"] == "network"
    assert (
        run_fit(points(), FitSettings(method="network", steps=5, width=8, bandwidth=2.0)).to_json()["method"]
        == "network"
    )


@pytest.mark.parametrize("signal", [waves, points], ids=["grid", "points"])
def test_a_forecast_comes_near_the_held_out_error(signal: Callable) -> None:
    result = run_fit(signal(), FitSettings(method="kernel", hold_out="random:0.2")).to_json()
    forecast, metrics = result["forecast"], result["metrics"]
    assert forecast["held_out_psnr_db"] == pytest.approx(metrics["held_out_psnr_db"], abs=2.5)
    assert forecast["train_psnr_db"] == pytest.approx(metrics["train_psnr_db"], abs=0.1)  # y − f = ρα there
    assert 0.75 <= metrics["held_out_within_90"] <= 1


def test_held_out_values_are_never_looked_at() -> None:
    """Others in their place leave field, choice and forecast as they are."""
    signal = waves()
    spoilt = signal.values.copy()
    spoilt[1::2, 1::2] = np.random.default_rng(1).random(spoilt[1::2, 1::2].shape)
    settings = FitSettings(method="kernel", hold_out="grid")
    ours, theirs = (run_fit(s, settings) for s in (signal, as_signal(spoilt)))
    assert isinstance(ours.field, KernelField)
    assert isinstance(theirs.field, KernelField)
    assert ours.field.spec == theirs.field.spec
    np.testing.assert_array_equal(ours.field.weights.values, theirs.field.weights.values)
    assert ours.to_json()["forecast"] == theirs.to_json()["forecast"]


def test_sound_has_its_ratio_of_signal_to_noise_and_hertz() -> None:
    times = np.arange(600) / 2000
    result = run_fit(
        as_audio(0.5 * np.sin(2 * np.pi * 40 * times), 2000), FitSettings(method="kernel", hold_out="grid")
    )
    found = result.to_json()
    assert found["metrics"]["held_out_snr_db"] > 40
    assert found["encoding"]["bandwidth_hz"] == pytest.approx(found["encoding"]["bandwidth"] / 0.3)


def test_tables_have_r_squared_and_an_error_in_their_own_unit() -> None:
    metrics = run_fit(points(noise=0.05), FitSettings(hold_out="random:0.2")).to_json()["metrics"]
    assert metrics["held_out_r2"] > 0.95
    assert metrics["held_out_rmse"] == pytest.approx(0.05, rel=0.4)
    assert metrics["train_rmse"] < metrics["held_out_rmse"]
    assert metrics["ssim"] is None


def test_a_constant_is_fitted() -> None:
    result = run_fit(as_signal(np.full((8, 8), 0.25, dtype=np.float32)), KERNEL)
    assert result.field(np.array([[0.3, 0.6], [5.0, -4.0]])) == pytest.approx(0.25)


def test_a_single_pixel_and_a_line_are_fitted() -> None:
    assert run_fit(as_signal(np.array([[0.5]], dtype=np.float32)), KERNEL).field(np.array([[0.5, 0.5]])) == 0.5
    assert math.isfinite(run_fit(as_signal(np.linspace(0, 1, 5)), KERNEL).to_json()["metrics"]["train_psnr_db"])


def test_a_kernel_fit_can_be_stopped() -> None:
    with pytest.raises(Interrupted):
        run_fit(waves(), KERNEL, FitEvents(stop_signal=lambda: 2))


def test_networks_on_tables_take_fewer_steps_where_there_is_noise() -> None:
    steps = [
        run_fit(points(noise=noise), FitSettings(method="network", width=8, depth=2)).to_json()["steps"]
        for noise in (0.001, 0.5)
    ]
    assert steps[0] > 2 * steps[1]
    assert steps_for(10**9, 1e-6) == 5120
    assert steps_for(4, 1.0) == 64

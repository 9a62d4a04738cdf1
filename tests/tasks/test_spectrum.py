"""What encodings learn of a signal, by frequency."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.forecast._steps import forecast_steps
from fourierfield.grids._arrays import as_signal
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.problems._grid import grid_problem
from fourierfield.tasks._network import build_network
from fourierfield.tasks._plan import plan_fit
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._spectrum import _first_below, analyse_spectrum
from fourierfield.tasks._windows import coarser_window, fullest_window


def gratings() -> np.ndarray:
    """Two waves across, 3 and 14 cycles per unit, and a constant."""
    x = (np.arange(64) + 0.5) / 64
    row = 0.5 + 0.2 * np.cos(2 * np.pi * 3 * x) + 0.2 * np.cos(2 * np.pi * 14 * x)
    return np.tile(row, (48, 1)).astype(np.float32)


def test_the_signals_energy_lies_where_its_waves_are() -> None:
    found = analyse_spectrum(as_signal(gratings()), [FitSettings(encoding="gaussian", bandwidth=4.0, steps=50)])
    edges = found.bands.edges
    inside = [float(found.shares[(edges[:-1] <= f) & (f < edges[1:])].sum()) for f in (3.0, 14.0)]
    assert sum(inside) > 0.9
    assert min(inside) > 0.4


def test_low_bands_come_first_and_more_steps_reach_further() -> None:
    analyses = [
        analyse_spectrum(as_signal(gratings()), [FitSettings(encoding="gaussian", bandwidth=2.0, steps=steps)])
        for steps in (20, 2000)
    ]
    short, long = (analysis.encodings[0] for analysis in analyses)
    assert long.reach > short.reach
    assert long.train_psnr_db > short.train_psnr_db + 3
    low, high = long.decay_steps[analyses[1].shares > 0.1][[0, -1]]
    assert high > 2 * low


def test_missing_samples_and_large_signals_are_noted() -> None:
    values = np.tile(gratings(), (10, 10))
    values[::7, ::5] = np.nan
    signal = as_signal(values)
    window = fullest_window(grid_problem(signal), signal)
    assert len(window.notes) == 2
    assert window.grid.size <= 1 << 17
    assert window.grid.spacing == pytest.approx(signal.grid.spacing)
    assert not window.values.isnan().any()


def test_a_coarser_window_holds_the_means_at_their_places() -> None:
    signal = as_signal(np.tile(gratings(), (2, 2)))
    window = fullest_window(grid_problem(signal), signal)
    coarse = coarser_window(window)
    assert coarse.grid.size <= 48 * 48
    assert "dense" in coarse.notes[-1]
    tall, broad = (round(c / w) for c, w in zip(coarse.grid.spacing, window.grid.spacing, strict=True))
    rows, columns = window.grid.axis(0)[:tall], window.grid.axis(1)[:broad]
    assert coarse.grid.origin == pytest.approx((rows.mean(), columns.mean()))
    first = window.values.reshape(window.grid.shape)[:tall, :broad].mean()
    assert float(coarse.values[0]) == pytest.approx(float(first))


def test_crossings_are_found_between_moments() -> None:
    times = torch.tensor([0.0, 1.0, 2.0])
    curves = torch.tensor([[1.0, 1.0], [0.5, 0.9], [0.05, 0.8]])
    found = _first_below(times, curves, 0.2)
    assert 1 < found[0] < 2
    assert found[1] == torch.inf


def test_the_window_goes_where_samples_are() -> None:
    values = np.full((400, 1000), np.nan, dtype=np.float32)
    values[:, :300] = np.random.default_rng(0).random((400, 300))
    signal = as_signal(values)
    window = fullest_window(grid_problem(signal), signal)
    assert window.grid.axis(1)[0] < 0.02
    assert "fullest" in window.notes[0]
    assert float(window.values.std()) > 0.2


@pytest.mark.parametrize("shape", [(1, 8000), (3, 5000), (40, 50)])
def test_thin_signals_have_a_dense_route_too(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    settings = [FitSettings(encoding="none", steps=20, width=32)]
    assert analyse_spectrum(as_signal(values), settings).encodings[0].train_psnr_db > 5


def test_each_channel_counts() -> None:
    """Channels that cancel in their mean are no easier to learn than they are."""
    wave = gratings()
    colour = np.stack([wave, 1 - wave, np.full_like(wave, 0.5)], axis=-1)
    settings = [FitSettings(encoding="gaussian", bandwidth=1.0, steps=30)]
    forecast = analyse_spectrum(as_signal(colour), settings)
    assert forecast.encodings[0].train_psnr_db < 25
    assert float(forecast.shares[(forecast.bands.edges[:-1] <= 14) & (forecast.bands.edges[1:] > 14)]) > 0.3


def test_the_forecast_is_that_of_the_problem() -> None:
    signal = as_signal(np.random.default_rng(0).random((24, 20, 3), dtype=np.float32))
    settings = FitSettings(encoding="gaussian", bandwidth=2.0, steps=60, seed=1)
    problem = grid_problem(signal)
    plan = plan_fit(problem, settings)
    network = build_network(plan, problem.domain.dimensions, 1)
    expected = forecast_steps(problem, network, plan.training).value.train_psnr_db[-1]
    found = analyse_spectrum(signal, [settings]).encodings[0].train_psnr_db
    assert found == pytest.approx(float(expected), abs=0.05)


def test_sound_has_a_spectrum_over_hertz() -> None:
    times = (np.arange(2000) + 0.5) / 500
    found = analyse_spectrum(
        as_audio(0.5 * np.sin(2 * np.pi * 20 * times), 500),
        [FitSettings(encoding="gaussian", bandwidth="10Hz", steps=50), FitSettings(encoding="none", steps=50)],
    )
    edges = found.bands.edges / 4  # the unit is 4 s
    assert float(found.shares[(edges[:-1] <= 20) & (edges[1:] >= 20)].sum()) > 0.9
    assert found.encodings[0].encoding.bandwidth == 40.0
    assert found.encodings[0].reach > found.encodings[1].reach


def test_no_band_is_empty() -> None:
    """Of a picture with fewer waves than bands: one that holds none would pass for learned at once."""
    settings = FitSettings(encoding="gaussian", bandwidth=0.1, steps=2)
    found = analyse_spectrum(as_signal(np.random.default_rng(0).random((8, 8))), [settings])
    assert len(found.bands) < 14
    assert (found.power > 0).all()
    assert (found.encodings[0].left > 0.01).all()
    assert float(found.bands.edges[-1]) == 4.0

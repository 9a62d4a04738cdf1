"""Every figure at tiny sizes: a picture and a table, runs kept and not made again, an interrupted one taken up."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fourierfield.encodings._families import basic
from fourierfield.errors import Interrupted, SettingsError
from fourierfield.networks._mlp import MLPSpec
from fourierfield.reproduce import _figures as registry
from fourierfield.reproduce._experiment import Experiment, Lab, Outcome, RunStore
from fourierfield.reproduce._fig2 import Fig2, diagonal_spread, peaks_on_diagonal
from fourierfield.reproduce._fig3 import Fig3, bare, mapped
from fourierfield.reproduce._fig4 import Fig4
from fourierfield.reproduce._fig5 import Fig5
from fourierfield.reproduce._fig7 import Fig7, deep_kernel, share_from, shares_of_power
from fourierfield.reproduce._fig11 import Fig11
from fourierfield.reproduce._fig14 import Fig14
from fourierfield.reproduce._figures import FIGURES, Figure, draw_figure
from fourierfield.reproduce._networks import PlainNetwork

SMALL = PlainNetwork(3, 32)
TINY: dict[str, Experiment] = {
    "fig2": Fig2(SMALL, samples=16, features=8, powers=(0.0, math.inf), side=9),
    "fig3": Fig3(SMALL, samples=8, finer=2, powers=(1.0,), rate=1e-3, steps=20, looks=4),
    "fig4": Fig4(SMALL, samples=32, alphas=(1.0,), dense_powers=(0.75,), scales=(0.5, 1.0), signals=2, steps=5),
    "fig5": Fig5(
        SMALL,
        samples=16,
        alphas=(1.0,),
        powers=(0.0, 1.0, math.inf),
        training_signals=8,
        test_signals=3,
        amplitude_steps=4,
        steps=5,
        trained_signals=2,
        trained_powers=(1.0, math.inf),
    ),
    "fig7": Fig7(hidden=(2, 3), mappings=((1,), (1, 5)), samples=16),
    "fig11": Fig11(
        MLPSpec(8, 1, 2, 16, output="none", initialisation="glorot"),
        side=16,
        angles=3,
        span=math.pi / 2,
        radii=(1.0, 2.0),
        seeds=1,
        gaussian_bandwidth=2.0,
        positional_bandwidth=3.0,
        steps=3,
        batch=16,
    ),
    "fig14": Fig14(
        MLPSpec(1, 1, 3, 16, output="none", initialisation="glorot"), samples=32, centres=4, seeds=2, steps=5
    ),
}
TRAINED = ("fig3", "fig4", "fig5", "fig11", "fig14")


@dataclass(frozen=True)
class Drawn:
    """A figure's outcome, where its runs are kept, and what was said while it ran."""

    name: str
    path: Path
    outcome: Outcome
    said: list[str]


@pytest.fixture(scope="module", params=TINY)
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """A tiny figure, run once."""
    path = tmp_path_factory.mktemp(request.param) / "runs.npz"
    said: list[str] = []
    outcome = TINY[request.param].run(Lab(RunStore(path), report=said.append))
    return Drawn(request.param, path, outcome, said)


def test_every_figure_has_a_tiny_version() -> None:
    assert set(TINY) == set(FIGURES)


def test_draws_a_picture_and_a_table(drawn: Drawn) -> None:
    with Image.open(io.BytesIO(drawn.outcome.picture)) as image:
        assert image.format == "PNG"
        assert image.width > 700
        assert len(image.getcolors()) > 20
    assert "The paper" in drawn.outcome.table
    assert "nan" not in drawn.outcome.table
    assert drawn.path.exists() == (drawn.name in TRAINED) == bool(drawn.said)


def test_nothing_is_trained_twice(drawn: Drawn) -> None:
    said: list[str] = []
    assert TINY[drawn.name].run(Lab(RunStore(drawn.path), report=said.append)) == drawn.outcome
    assert not said


def test_an_interrupted_figure_is_taken_up(drawn: Drawn, tmp_path: Path) -> None:
    if len(drawn.said) < 2:
        pytest.skip("nothing to interrupt")
    path, said = tmp_path / "runs.npz", list[str]()
    with pytest.raises(Interrupted) as event:
        TINY[drawn.name].run(
            Lab(RunStore(path), report=said.append, stop_signal=lambda: 15 if len(said) == 2 else None)
        )
    assert (event.value.signal_number, event.value.checkpoint) == (15, str(path))
    resumed: list[str] = []
    assert TINY[drawn.name].run(Lab(RunStore(path), report=resumed.append)) == drawn.outcome
    assert resumed == drawn.said[1:]


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    tables = [TINY["fig14"].run(Lab(RunStore(tmp_path / "runs.npz"), seed, lambda line: None)).table for seed in (0, 1)]
    assert tables[0] != tables[1]
    assert len(RunStore(tmp_path / "runs.npz")) == 16


@pytest.mark.parametrize(("name", "figure"), FIGURES.items())
def test_the_default_says_what_is_reduced(name: str, figure: Figure) -> None:
    assert figure.experiment.reduced == ""
    assert figure.experiment.scaled(1.0) == figure.experiment
    scaled = figure.experiment.scaled(figure.share)
    assert bool(scaled.reduced) == (figure.share < 1)
    assert bool(scaled.reduced) == (scaled != figure.experiment)


def test_fewer_steps_keep_the_time() -> None:
    scaled = Fig3().scaled(0.1)
    assert scaled.steps * scaled.rate == pytest.approx(Fig3().steps * Fig3().rate)
    assert scaled.moments[0] == 0
    assert scaled.moments[-1] == scaled.steps


def test_figure_2_mapping_makes_the_kernel_shift_invariant() -> None:
    points = torch.linspace(-0.5, 0.5, 33, dtype=torch.float64)[:, None]
    without = PlainNetwork().point_kernel(1)(points, points)
    mapped_kernel = PlainNetwork().kernel(basic(1)).between(points, points)
    assert diagonal_spread(mapped_kernel) < 1e-12 < 0.5 < diagonal_spread(without)
    assert peaks_on_diagonal(mapped_kernel) == 1.0
    assert peaks_on_diagonal(without) < 0.2


@pytest.mark.parametrize("frequencies", [(1,), (1, 43)])
def test_figure_7_depth_spreads_the_spectrum(frequencies: tuple[int, ...]) -> None:
    spectra = [shares_of_power(deep_kernel(frequencies, hidden), 128) for hidden in (4, 8, 16)]
    assert all(float(spectrum.sum()) == pytest.approx(1.0) for spectrum in spectra)
    least = [float(spectrum.min()) for spectrum in spectra]
    assert least == sorted(least)
    assert share_from(spectra[0], 8) < share_from(spectra[1], 8) < share_from(spectra[2], 8)


@pytest.mark.parametrize("power", [1.0, None])
def test_figure_3_theory_follows_a_wide_network(power: float | None, tmp_path: Path) -> None:
    figure = Fig3(PlainNetwork(3, 1024), samples=8, finer=2, rate=1e-3, steps=100, looks=5)
    lab = Lab(RunStore(tmp_path / "runs.npz"), report=lambda line: None)
    points = torch.arange(16, dtype=torch.float64)[:, None] / 16
    case = bare(figure.network) if power is None else mapped(figure.network, 4, power)
    signal = figure.signal(lab)
    trained = figure._train(case, points, signal, lab)["outputs"].astype(np.float64)
    theory = figure._theory(case, points, signal, trained[0])
    start = np.linalg.norm(trained[0] - signal)
    np.testing.assert_array_equal(theory[0], trained[0])
    assert np.linalg.norm(trained[-1] - signal) < 0.8 * start
    assert np.linalg.norm(theory - trained, axis=1).max() < 0.08 * start


def test_figure_14_theory_is_level_with_the_mapping_alone() -> None:
    figure = Fig14(samples=64, centres=9)
    with_mapping, without = figure.theory("basic mapping"), figure.theory("no mapping")
    middle = len(with_mapping) // 2
    assert np.ptp(np.log(with_mapping[middle])) < 0.05
    assert np.ptp(np.log(without[middle])) > 2 * np.ptp(np.log(with_mapping[middle]))


def test_figure_14_no_bump_is_learned_without_kinks_that_move() -> None:
    figure = Fig14(samples=64, centres=4)
    energy = (figure.bumps**2).mean(1)
    assert (figure.theory("no mapping")[-1] > 0.8 * energy).all()
    assert (figure.theory("basic mapping")[-1] < 0.05 * energy).all()


def test_bad_places_and_shares_are_refused_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Never:
        reduced = ""

        def scaled(self, share: float) -> Never:
            raise AssertionError("work was begun")

    monkeypatch.setitem(registry.FIGURES, "fig3", Figure(Never()))  # type: ignore[arg-type]
    (tmp_path / "taken.npz").mkdir()
    for out, said in (
        ("none/fig3.png", "does not exist"),
        ("fig3.pdf", r"ends in \.png"),
        ("taken.png", "is a folder"),
    ):
        with pytest.raises(SettingsError, match=said):
            draw_figure("fig3", tmp_path / out)
    for share in (0.0, -1.0, 1.5, math.nan):
        with pytest.raises(SettingsError, match="share"):
            draw_figure("fig3", tmp_path / "fig3.png", share=share)
    assert [p.name for p in tmp_path.iterdir()] == ["taken.npz"]

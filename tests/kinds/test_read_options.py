"""Options of reading and fitting that a kind of signal does not accept are refused, each in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fourierfield
from fourierfield.errors import SettingsError, SignalError
from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._read import read, read_to_analyse, refuse_foreign_options, simulated
from fourierfield.kinds._registry import KINDS
from fourierfield.tasks._settings import FitSettings, ReadOptions


@pytest.mark.parametrize(
    ("settings", "kind", "option"),
    [
        (FitSettings(angles="0:180"), "mri", "angles"),
        (FitSettings(centre=3), "image", "centre"),
        (FitSettings(slice=0), "volume", "slice"),
        (FitSettings(inputs="x"), "image", "inputs"),
        (FitSettings(target="distance"), "image", "target"),
        (FitSettings(missing=("3:4",)), "table", "missing"),
        (FitSettings(report="page.html"), "table", "report"),
        (FitSettings(uncertainty=True), "audio", "uncertainty"),
    ],
)
def test_options_of_other_signals_are_refused(settings: FitSettings, kind: str, option: str) -> None:
    with pytest.raises(SettingsError, match=f"^--{option} is for .*, not for {KINDS[kind].plural}.*; leave it out$"):
        refuse_foreign_options(settings.given, KINDS[kind])


def test_options_of_the_signal_are_not() -> None:
    refuse_foreign_options(FitSettings(angles="0:180", fan="5,9", slice=3).given, KINDS["ct"])
    refuse_foreign_options(FitSettings(slice=3, seed=2).given, KINDS["mri"])
    refuse_foreign_options(FitSettings(inputs="x", outputs="y", time=3.0).given, KINDS["table"])
    for kind in KINDS.values():
        refuse_foreign_options((), kind)


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (ReadOptions(simulate="ct:20", spacing=3), "spacing"),
        (ReadOptions(simulate="mri:0.5", centre=3), "centre"),
        (ReadOptions(simulate="mri:0.5", angles="0:180"), "angles"),
    ],
)
def test_what_simulated_scans_do_not_have_is_refused(options: ReadOptions, option: str) -> None:
    with pytest.raises(SettingsError, match=f"^--{option} is for scans from files, not for simulated ones"):
        simulated(as_signal(np.eye(8)), options)


def test_what_they_have_is_taken() -> None:
    options = ReadOptions(simulate="ct:20", fan="50,90", angles="0:360", centre=4)
    assert simulated(as_signal(np.eye(8)), options).kind == "ct"
    assert (
        simulated(as_signal(np.zeros((3, 8, 8)), kind="volume"), ReadOptions(simulate="mri:1", slice=1)).kind == "mri"
    )


def test_files_are_read_with_the_options_of_their_kind_alone(photo_file: Path) -> None:
    with pytest.raises(SettingsError, match=r"^--inputs is for tables, not for pictures"):
        read(photo_file, options=ReadOptions(inputs="x"))
    assert read(photo_file, options=ReadOptions(seed=7)).kind == "image"  # of the hold-out, and of simulated noise


def test_a_mesh_does_not_come_in_coarse_to_fine(small_mesh: Path) -> None:
    with pytest.raises(SettingsError, match=r"^--coarse-to-fine is for posed pictures, not for meshes; leave it out$"):
        fourierfield.fit(small_mesh, coarse_to_fine=0.5)


def test_the_uncertainty_of_meshes_and_views_is_not_asked_for_at_the_fit(small_mesh: Path, sphere_file: Path) -> None:
    for path, plural in ((small_mesh, "meshes"), (sphere_file, "posed pictures")):
        with pytest.raises(SettingsError, match=f"^--uncertainty is for .*, not for {plural}.*; leave it out$"):
            fourierfield.fit(path, uncertainty=True)


def test_columns_are_of_tables(photo_file: Path, sphere_file: Path, smooth_image: np.ndarray) -> None:
    for source, plural in ((photo_file, "pictures"), (smooth_image, "pictures"), (sphere_file, "posed pictures")):
        with pytest.raises(SettingsError, match=f"^--inputs is for tables, not for {plural}; leave it out$"):
            fourierfield.fit(source, inputs="x")


@pytest.mark.parametrize("kind", [None, "table"])
def test_what_cannot_be_analysed_is_refused_before_it_is_read(tmp_path: Path, kind: str | None) -> None:
    table = tmp_path / "t.csv"
    table.write_text("lon,lat,warmth,rain\n1,2,3,4\n2,2,3,4\n3,2,3,5\n")
    with pytest.raises(SettingsError, match="holds a table of points, not samples on a grid; only fit takes it"):
        read_to_analyse(table, kind, ReadOptions())
    with pytest.raises(SignalError, match="--as smell is not a kind"):
        read_to_analyse(table, "smell", ReadOptions())


def test_what_can_be_is_read(photo_file: Path) -> None:
    assert read_to_analyse(photo_file, None, ReadOptions()).kind == "image"
    assert read_to_analyse(photo_file, None, ReadOptions(simulate="ct:4")).kind == "ct"


@pytest.fixture
def small_mesh(tmp_path: Path) -> Path:
    """A tetrahedron."""
    path = tmp_path / "tetrahedron.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n")
    return path

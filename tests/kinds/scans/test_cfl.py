"""BART's pairs of files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read
from fourierfield.kinds._registry import recognise
from fourierfield.tasks._settings import ReadOptions


def save(path: Path, array: np.ndarray) -> Path:
    """The pair of an array with BART's dimensions, as BART writes it: column-major, dimensions up to 16."""
    shape = [*array.shape, *[1] * (16 - array.ndim)]
    path.with_suffix(".hdr").write_text("# Dimensions\n" + " ".join(map(str, shape)) + " \n# Command\nphantom \n")
    array.astype("<c8").ravel(order="F").tofile(path.with_suffix(".cfl"))
    return path.with_suffix(".cfl")


def random(*shape: int) -> np.ndarray:
    parts = np.random.default_rng(0).normal(size=(2, *shape))
    return (parts[0] + 1j * parts[1]).astype(np.complex64)


@pytest.mark.parametrize("ending", [".cfl", ".hdr"])
def test_either_of_the_pair_may_be_named(tmp_path: Path, ending: str) -> None:
    kspace = random(9, 8, 1, 3)
    kspace[::2] = 0
    save(tmp_path / "a", kspace)
    found = recognise(tmp_path / f"a{ending}")
    assert found is not None
    assert found.container == "cfl"
    signal = read(tmp_path / f"a{ending}")
    assert (signal.coils, signal.image_shape) == (3, (9, 8))
    np.testing.assert_array_equal(signal.samples[1], kspace[1::2, :, 0, 1].ravel())
    assert signal.file_bytes == 8 * kspace.size
    assert signal.name.endswith(".cfl")


@pytest.mark.parametrize(("shape", "coils", "image"), [((9, 8), 1, (9, 8)), ((6, 7, 8, 7), 7, (6, 7, 8))])
def test_dimensions_are_space_and_coils(
    tmp_path: Path, shape: tuple[int, ...], coils: int, image: tuple[int, ...]
) -> None:
    signal = read(save(tmp_path / "a", random(*shape)))
    assert (signal.coils, signal.image_shape) == (coils, image)


def test_further_dimensions_are_told(tmp_path: Path) -> None:
    kspace = random(9, 8, 1, 3, 2)
    signal = read(save(tmp_path / "a", kspace))
    np.testing.assert_array_equal(signal.samples[2], kspace[:, :, 0, 2, 0].ravel())
    assert any("further dimensions" in note for note in signal.notes)


def test_trajectories_and_maps_of_bart(tmp_path: Path) -> None:
    places = np.zeros((3, 16, 5), dtype=complex)
    angles = np.pi * np.arange(5) / 5
    places[:2] = np.arange(-8, 8)[None, :, None] * np.stack([np.cos(angles), np.sin(angles)])[:, None]
    samples, maps = random(1, 16, 5, 3), random(16, 16, 1, 3)
    path = save(tmp_path / "k", samples)
    options = ReadOptions(trajectory=str(save(tmp_path / "t", places)), maps=str(save(tmp_path / "s", maps)))
    signal = read(path, options=options)
    assert (signal.coils, signal.image_shape) == (3, (16, 16))
    np.testing.assert_allclose(signal.places, places[:2].real.reshape(2, -1).T, atol=1e-6)
    np.testing.assert_array_equal(signal.samples[2], samples[0, :, :, 2].ravel())
    assert signal.maps is not None
    np.testing.assert_array_equal(signal.maps[1], maps[:, :, 0, 1])


def test_broken_pairs_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a", random(9, 8))
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(SignalError, match=r"568 bytes.* 576"):
        read(path)
    path.with_suffix(".hdr").write_text("# Dimensions\nnone\n")
    with pytest.raises(SignalError, match="does not list its dimensions"):
        read(path)
    path.with_suffix(".hdr").write_text("# Dimensions\n9 0\n")
    with pytest.raises(SignalError, match="one is empty"):
        read(path)
    path.unlink()
    with pytest.raises(SignalError, match=r"a\.cfl is not beside it"):
        read(path.with_suffix(".hdr"))
    (tmp_path / "b.cfl").write_bytes(b"x" * 80)
    with pytest.raises(SignalError, match=r"b\.hdr is not beside it"):
        read(tmp_path / "b.cfl")


def test_other_headers_are_none_of_bart(tmp_path: Path) -> None:
    (tmp_path / "a.hdr").write_text("ENVI\nsamples = 3\n")
    assert recognise(tmp_path / "a.hdr") is None

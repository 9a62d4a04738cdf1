"""The examples run, and reach what they are meant to show."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tuned_encoding_trains_in_a_foreign_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["own_training_loop.py"])
    assert example("own_training_loop").main(steps=100) > 22


def test_a_drawn_ntk_is_that_of_a_wide_network(tmp_path: Path) -> None:
    assert example("draw_ntk").main(str(tmp_path / "ntk.png"), width=512) < 0.15
    assert (tmp_path / "ntk.png").stat().st_size > 10_000


def test_kernel_regression_by_hand() -> None:
    assert example("kernel_regression").main(4000) < 0.08


def test_there_is_no_example_without_a_test() -> None:
    tested = Path(__file__).read_text()
    assert all(f'"{path.stem}"' in tested for path in EXAMPLES.glob("*.py"))

"""``fourierfield reproduce`` as a user types it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fourierfield.cli._app import main
from fourierfield.errors import Interrupted
from fourierfield.reproduce._figures import FIGURES


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):  # type: ignore[no-untyped-def]
    """``run("fig2", …)`` in an empty folder: status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fourierfield", "reproduce", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


def test_draws_a_figure(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = run("fig7")
    assert status == 0
    assert "hidden layers" in out
    assert out.endswith("picture: fig7.png\n")
    assert [path.name for path in tmp_path.iterdir()] == ["fig7.png"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fig9",), ", ".join(FIGURES)),
        (("fig2", "--side", "64"), "--side belongs to images"),
        (("fig2", "photo.png"), "PHOTOS belongs to images"),
        (("images", "--scale", "0.5"), "--scale belongs to a figure"),
        (("images",), "needs photographs"),
        (("fig2", "--out", "missing/fig2.png"), "missing does not exist"),
        (("fig2", "--scale", "2"), "at most 1"),
    ],
)
def test_bad_input_is_one_line(words: tuple[str, ...], said: str, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kept", "said"),
    [("fig3.npz", "finished runs are kept in fig3.npz; run the same command again"), (None, "nothing was written")],
)
def test_an_interrupted_figure_says_what_is_kept(kept: str | None, said: str, run, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def stop(*words: object, **choices: object) -> str:
        raise Interrupted(2, 7, kept)

    monkeypatch.setattr("fourierfield.reproduce._figures.draw_figure", stop)
    status, out, err = run("fig3")
    assert (status, out) == (130, "")
    assert said in err
    assert err.count("\n") == 1


def test_the_help_names_every_figure(run) -> None:  # type: ignore[no-untyped-def]
    _, out, _ = run("--help")
    assert all(name in out for name in ("images", *FIGURES))

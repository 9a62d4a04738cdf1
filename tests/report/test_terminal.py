from __future__ import annotations

import pytest

from fourierfield.report._terminal import terminal_plot

POINTS = [
    (family, 2.0**i, 28 - (i - peak) ** 2) for family, peak in (("gaussian", 3), ("laplace", 2)) for i in range(8)
]


@pytest.mark.parametrize("width", [20, 40, 80, 300])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = terminal_plot(POINTS, width=width).splitlines()
    assert max(map(len, lines)) <= max(40, min(width, 100))


def test_the_terminals_own_width_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(len, terminal_plot(POINTS).splitlines())) <= 50


def test_the_best_is_on_top_and_far_worse_ones_on_the_lowest_line() -> None:
    lines = terminal_plot([("gaussian", 1.0, 30.0), ("gaussian", 2.0, 3.0)], width=60).splitlines()
    assert lines[0].startswith("  30.0 ┤●")
    assert lines[11].startswith(" ≤18.0 ┤")
    assert lines[11].endswith("●")


def test_families_have_marks_of_their_own_that_the_legend_explains() -> None:
    text = terminal_plot(POINTS, width=60)
    assert "● gaussian  □ laplace" in text
    assert text.count("●") + text.count("□") >= len(POINTS)


def test_a_long_legend_is_broken() -> None:
    points = [(f"a-long-family-{i}", 1.0, 20.0) for i in range(5)]
    assert max(map(len, terminal_plot(points, width=40).splitlines())) <= 40


def test_a_single_point_and_equal_scores_are_drawn() -> None:
    assert "●" in terminal_plot([("gaussian", 3.0, 20.0)], width=50)
    assert "●" in terminal_plot([("gaussian", 3.0, 20.0), ("gaussian", 4.0, 20.0)], width=50)


def test_nothing_to_plot_is_refused() -> None:
    with pytest.raises(ValueError, match="no points"):
        terminal_plot([])
    with pytest.raises(ValueError, match="positive"):
        terminal_plot([("gaussian", 0.0, 20.0)])

from __future__ import annotations

from fourierfield.report._style import INK, SERIES, THEMED, label, new_figure, picture_style, svg_text


def drawing(salt: str, words: str) -> str:
    with picture_style(salt):
        figure = new_figure(3, 2)
        axis = figure.subplots()
        axis.plot([0, 1], [0, 1], color=SERIES[2], label="a line")
        axis.legend()
        label(axis, words, "y")
        return svg_text(figure, words)


def test_colours_become_the_variables_of_the_page() -> None:
    text = drawing("a", "x")
    assert "var(--series-2)" in text
    assert "var(--ink)" in text
    assert INK not in text
    assert len(set(THEMED.values())) == len(THEMED)


def test_letters_are_text_and_escaped() -> None:
    text = drawing("a", '<x & "y">')
    assert ">&lt;x &amp; " in text
    assert 'aria-label="&lt;x &amp; &quot;y&quot;&gt;"' in text


def test_names_inside_differ_between_drawings_and_repeat_for_one() -> None:
    assert drawing("a", "x") == drawing("a", "x")
    assert drawing("a", "x") != drawing("b", "x")

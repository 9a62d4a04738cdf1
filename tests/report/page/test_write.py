from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from fourierfield.report._candidates import Candidate
from fourierfield.report._evidence import Curve
from fourierfield.report.page._content import Choice, Learning, PageContent, Scores, SignalFacts, Values
from fourierfield.report.page._write import page_html, write_page

from .conftest import ABSENT, OPTIONAL, some_values
from .reading import Page, references


def sound(content: PageContent, seconds: float = 1.0) -> PageContent:
    length = int(8000 * seconds)
    facts = SignalFacts("a.wav", "audio", (length,), 1, unit_length=seconds, unit="s")
    offsets = np.arange(-16, 17) / 4 / length
    response = replace(content.response, response=np.exp(-((length * offsets) ** 2)), offsets=[offsets])  # type: ignore[type-var]
    return replace(
        content, signal=facts, values=some_values((length,), 8000.0), response=replace(response, spacing=(1 / length,))
    )


def volume(content: PageContent) -> PageContent:
    facts = SignalFacts("a.nii", "volume", (5, 12, 16), 3, unit_length=16.0, unit="mm")
    return replace(content, signal=facts, values=some_values((5, 12, 16)))


def series(content: PageContent) -> PageContent:
    facts = SignalFacts("a.npy", "series", (40,), 3, unit_length=40.0, unit="px")
    return replace(content, signal=facts, values=some_values((40,)))


KINDS = {"image": lambda content: content, "audio": sound, "volume": volume, "series": series}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_valid_self_contained_html(content: PageContent, kind: str) -> None:
    text = page_html(KINDS[kind](content))
    page = Page(text)
    assert page.problems == []
    assert references(text) == []
    assert "http://" not in text
    assert "https://" not in text
    assert not page.all("script")
    assert all(image.get("alt") for image in page.all("img"))
    assert all(drawing.get("aria-label") for drawing in page.all("svg"))
    identities = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identities) == len(set(identities))


def test_it_opens_with_the_result_the_comparison_and_the_diagnosis(complete: str) -> None:
    page = Page(complete)
    order = [
        page.text.index(words) for words in ("27.3", "Forecast and measured", "It stopped too early", "--steps 200")
    ]
    assert order == sorted(order)
    assert "within its 90\u00a0% interval" in page.text
    assert "2.3\u00a0dB above cubic interpolation" in page.text
    assert page.text.index("--steps 200") < page.text.index("Signal and reconstruction")


def test_a_result_outside_the_interval_is_said_to_be(content: PageContent, bare: PageContent) -> None:
    missed = replace(bare, forecast=content.forecast, scores=Scores(30.0, 24.0))
    assert "outside its 90\u00a0% interval" in page_html(missed)


def test_hostile_names_stay_text(content: PageContent, complete: str) -> None:
    evil = '<script>alert("1")</script>&amp;\'"><img src=x onerror=y>'
    candidates = [replace(found, family=evil) for found in content.choice.candidates]  # type: ignore[union-attr]
    hostile = replace(
        content,
        title=evil,
        encoding=evil,
        notes=[evil],
        signal=replace(content.signal, name=evil, kind=evil, unit=evil),
        recipe=replace(content.recipe, command=evil, device=evil, more={evil: evil}),
        diagnosis=replace(content.diagnosis, explanation=evil, change=evil),
        scores=replace(content.scores, others={evil: 1.0}),
        choice=Choice(candidates),
    )
    text = page_html(hostile)
    page = Page(text)
    assert page.problems == []
    assert not page.all("script")
    assert len(page.all("img")) == len(Page(complete).all("img"))
    assert page.text.count(evil) >= 10


@pytest.mark.parametrize("part", OPTIONAL)
def test_a_missing_part_is_named_with_its_reason_and_not_drawn(content: PageContent, complete: str, part: str) -> None:
    text = page_html(replace(content, **{part: ABSENT}))
    page = Page(text)
    assert page.problems == []
    assert page.text.count(ABSENT.reason) == (2 if part == "forecast" else 1)
    fewer = {"forecast": 1, "values": 0, "learning": 1, "bands": 1, "response": 1, "choice": 1}[part]
    assert len(page.all("svg")) == len(Page(complete).all("svg")) - fewer
    assert not (part == "values" and page.all("img"))


def test_with_nothing_but_scores_it_is_still_a_page(bare: PageContent) -> None:
    page = Page(page_html(replace(bare, scores=Scores(31.2))))
    assert page.problems == []
    assert not page.all("svg")
    assert "No samples were held out" in page.text
    assert page.text.count(ABSENT.reason) == len(OPTIONAL) + 1
    assert "How to do it again" in page.text


def test_a_complete_page_names_nothing_as_missing(complete: str) -> None:
    assert "Not on this page" not in complete


def test_without_hold_out_only_training_is_drawn(bare: PageContent) -> None:
    curve = Curve((1, 10), (10.0, 20.0))
    page = Page(page_html(replace(bare, scores=Scores(20.0), learning=Learning(curve))))
    assert "training, measured" in page.text
    assert "held out, measured" not in page.text


def test_the_table_of_candidates_folds_beyond_ten_rows_and_shows_the_choice(bare: PageContent, complete: str) -> None:
    candidates = [Candidate("gaussian", 2.0 + i, 256, 27.0 - 0.1 * i) for i in range(12)]
    assert len(Page(complete).all("details")) == 1
    assert "2 more" in Page(complete).text
    late = Page(page_html(replace(bare, choice=Choice(candidates, 11))))
    assert len([row for row in late.all("tr") if row.get("class") == "chosen"]) == 2
    assert "Forecast 1.1\u00a0dB better: gaussian 2." in late.text
    assert not Page(page_html(replace(bare, choice=Choice(candidates[:10])))).all("details")


def test_runner_up_and_its_cost(complete: str) -> None:
    assert "Runner-up: gaussian 3, 0.1\u00a0dB less." in complete


def test_large_images_do_not_make_large_pages(bare: PageContent) -> None:
    y, x = np.mgrid[0:1500, 0:2000] / 2000
    signal = np.stack([y, x, y * x], axis=-1)
    text = page_html(replace(bare, values=Values(signal, signal**1.01)))
    assert len(text) < 2_500_000


def test_players_only_for_short_recordings(bare: PageContent) -> None:
    short, long = (replace(bare, values=some_values((length,), 8000.0)) for length in (8000, 104000))
    assert len(Page(page_html(short)).all("audio")) == 2
    assert not Page(page_html(long)).all("audio")
    assert "this one lasts 13 s" in page_html(long)


def test_missing_samples_and_constant_signals_are_drawn(bare: PageContent) -> None:
    gaps = some_values((24, 32))
    gaps.signal[:4] = np.nan
    flat, silence = np.full((24, 32, 1), 0.5), np.zeros((8000, 1))
    for values in (gaps, Values(flat, flat), Values(silence, silence, (-1.0, 1.0), 8000.0)):
        assert Page(page_html(replace(bare, values=values))).problems == []


def test_the_same_content_gives_the_same_bytes(content: PageContent, complete: str, tmp_path: Path) -> None:
    write_page(content, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == complete
    assert complete.startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_it_names_no_place_of_this_machine(complete: str) -> None:
    assert not re.search(r"/(?:home|root|work|usr|tmp)/", complete)


def test_all_parts_of_the_content_are_tried_here() -> None:
    optional = {part.name for part in fields(PageContent) if "Missing" in str(part.type)}
    assert optional == set(OPTIONAL)

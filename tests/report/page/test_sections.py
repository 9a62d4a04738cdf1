"""The sections of the page: the scores, the candidates, and a list of what is missing."""

from __future__ import annotations

import re

from fourierfield.report.page._content import Choice, PageContent
from fourierfield.report.page._sections import _candidates, _scores, sections


def rows_of(html: object) -> list[list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", str(html), flags=re.DOTALL)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows if "<td" in row]


def test_what_is_missing_is_named_with_its_reason(bare: PageContent) -> None:
    titles = [re.findall(r"<h2>(.*?)</h2>", str(part)) for part in sections(bare)]
    assert titles == [["All scores"], ["How to do it again"], ["Not on this page"]]
    assert "there is a reason." in str(sections(bare)[-1])


def test_candidates_beyond_ten_are_folded_and_the_chosen_one_is_always_shown(content: PageContent) -> None:
    """Twelve candidates from 27.0 dB down in steps of 0.1; the last is the choice."""
    assert isinstance(content.choice, Choice)
    shown, folded = _candidates(Choice(content.choice.candidates, chosen=11), content.signal)
    assert [row[2] for row in rows_of(shown)] == [f"{27 - 0.1 * i:.2f}" for i in (*range(10), 11)]
    assert rows_of(shown)[-1][4] == "chosen"
    assert [row[4] for row in rows_of(shown)[:2]] == ["+1.10", "+1.00"]
    assert len(rows_of(folded)) == 2
    assert "<summary>2 more</summary>" in str(folded)


def test_all_scores_stand_beside_their_forecasts(content: PageContent, bare: PageContent) -> None:
    rows = {row[0]: row[1:] for row in rows_of(_scores(content))}
    assert [score.split()[0] for score in rows["held-out samples, PSNR"]] == ["27.3", "27.0"]
    assert rows["SSIM"][0] == "0.9"
    assert rows["cubic interpolation, held-out PSNR"][0].startswith("25.0")
    assert all(len(row) == 2 for row in rows_of(_scores(bare)))

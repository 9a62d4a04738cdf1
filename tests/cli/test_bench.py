"""``fourierfield bench`` measures what is asked for and refuses the rest."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest


def test_the_parts_that_are_asked_for_are_measured(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("step", "empirical", "quality"):
        monkeypatch.setattr(f"fourierfield.cli._bench._{part}", lambda part=part: {"measured": part})
    ended = run("bench", "--only", "quality,step", "--json")
    assert ended.status == 0
    found = json.loads(ended.out)
    assert found.pop("threads") >= 1
    assert found == {"quality": {"measured": "quality"}, "step": {"measured": "step"}}


@pytest.mark.parametrize(
    ("words", "reason"),
    [(("--only", "steps"), "use some of step, forecast"), (("--peers", "no/python"), "run make peers")],
)
def test_other_parts_and_missing_peers_are_refused_with_one_line(run: Callable, words: tuple, reason: str) -> None:
    ended = run("bench", *words)
    assert ended.status == 2
    assert reason in ended.err
    assert ended.err.count("\n") == 1

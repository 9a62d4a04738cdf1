"""info says what a field's file holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path


def test_info_says_what_the_file_holds(run: Callable, field_file: Path) -> None:
    facts = json.loads(run("info", field_file, "--json").out)
    assert facts["shape"] == [24, 32]
    assert facts["encoding"]["family"] == "gaussian"
    assert facts["bytes"] == field_file.stat().st_size
    assert "24×32" in run("info", field_file).out

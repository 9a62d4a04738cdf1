"""Which text is a table, and what a table cannot be given."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourierfield.errors import FourierFieldError
from fourierfield.kinds._registry import KINDS
from fourierfield.tasks._settings import ReadOptions


@pytest.mark.parametrize(
    ("text", "container"),
    [("x,y\n1,2\n3,4\n", "text"), ("1\t2\n3\t4\n", "text"), ("dear reader,\nyours\n", None)],
)
def test_tables_are_told_by_their_content(tmp_path: Path, text: str, container: str | None) -> None:
    path = tmp_path / "a"
    path.write_text(text)
    found = [f.container for f in KINDS["table"].formats if f.recognises and f.recognises(text.encode(), path)]
    assert found == ([container] if container else [])


def test_a_table_is_described_by_its_rows_and_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y,height\n" + "\n".join(f"{i},{i * i % 7},{i / 3}" for i in range(12)))
    kind = KINDS["table"]
    signal = kind.read(tmp_path / "a.csv", "text", ReadOptions())
    described = kind.describe(signal)
    assert (described["inputs"], described["outputs"]) == (["x", "y"], ["height"])
    assert kind.methods[0] == "kernel"
    with pytest.raises(FourierFieldError, match="nothere"):
        kind.read(tmp_path / "a.csv", "text", ReadOptions(inputs="nothere"))

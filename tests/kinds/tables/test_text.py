"""Lines that are too long or too short are named; quoted text may hold anything; blocks may end anywhere."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.errors import SignalError
from fourierfield.kinds.tables._layout import layout_of
from fourierfield.kinds.tables._text import whole_rows


def rows_of(content: bytes, head: int | None = None, block_bytes: int = 1 << 22) -> list[bytes]:
    layout = layout_of(content[:head], True, "a.csv")
    return list(whole_rows(io.BytesIO(content), layout, "a.csv", block_bytes))


def test_comments_and_empty_lines_are_left_out() -> None:
    content = b"\xef\xbb\xbf# made today\nx,y\n1,2\n\n # 7,8\n3,4"
    assert b"".join(rows_of(content)) == b"1,2\n3,4\n"


@given(
    texts=st.lists(st.text(st.sampled_from('a ,;"\n#'), max_size=6), min_size=1, max_size=8),
    block_bytes=st.integers(1, 40),
)
def test_quoted_text_survives_any_cut(texts: list[str], block_bytes: int) -> None:
    table = [[str(number), text, str(number + 1)] for number, text in enumerate(texts)]
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(table)
    content = b"1,2,3\n" * 3 + written.getvalue().encode()
    read = b"".join(rows_of(content, head=18, block_bytes=block_bytes)).decode()
    assert list(csv.reader(io.StringIO(read, newline="")))[3:] == table


@pytest.mark.parametrize("block_bytes", [1, 5, 1 << 22])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x,y\n1,2\n3,4\n5,6,7\n", "line 4 has 3 fields where the table has 2 columns"),
        (b"x,y\n1,2\n3\n5,6\n", "line 3 has 1 field where"),
        (b"# c\nx y\n\n1 2\n3 4 5\n6 7\n", "line 5 has 3 fields"),
        (b'x,y\n1,2\n"a,3\n4,5\n6,7\n', "a quote that opens in line 3 is never closed"),
        (b'x,y\n1,2\n1,"b"c,d\n4,5\n', "line 3 has 3 fields"),
    ],
)
def test_lines_of_another_length_are_named(content: bytes, reason: str, block_bytes: int) -> None:
    with pytest.raises(SignalError, match=reason) as caught:
        rows_of(content, block_bytes=block_bytes)
    assert "\n" not in str(caught.value)


def test_a_quote_is_not_looked_for_for_ever() -> None:
    with pytest.raises(SignalError, match="opens in line 3 is never closed"):
        rows_of(b'x,y\n1,2\n3,"4\n' + b"5,6\n" * 100_000)


def test_a_line_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourierfield.kinds.tables._text._LONGEST", 1000)
    with pytest.raises(SignalError, match="a line is longer"):
        rows_of(b"x,y\n1,2\n" + b"3" * 5000, head=8, block_bytes=100)

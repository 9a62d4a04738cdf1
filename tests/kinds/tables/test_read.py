"""Tables become signals at points; every table that cannot be fitted is refused in one line that says why."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fourierfield.errors import FourierFieldError, SignalError, TooLargeError
from fourierfield.kinds.tables._read import as_points, looks_like_table, read_table


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def grid_text(delimiter: str = ",", header: str | None = "x,y,t") -> str:
    lines = [f"{x}{delimiter}{y}{delimiter}{x + 10 * y + 0.5}" for x in range(3) for y in range(4)]
    return "\n".join(([header.replace(",", delimiter)] if header else []) + lines) + "\n"


@pytest.mark.parametrize("header", ["x,y,t", None])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", " , "])
def test_text_with_any_delimiter_is_the_same_signal(tmp_path: Path, delimiter: str, header: str | None) -> None:
    signal = read_table(write(tmp_path / "a.txt", grid_text(delimiter, header)))
    expected = np.array([[x, y, x + 10 * y + 0.5] for x in range(3) for y in range(4)])
    np.testing.assert_array_equal(signal.placement.to_columns(signal.points), expected[:, :2])
    np.testing.assert_array_equal(signal.values, expected[:, 2:])
    assert signal.outputs == (("t",) if header else ("column 3",))
    assert signal.file_bytes == (tmp_path / "a.txt").stat().st_size
    assert signal.name == str(tmp_path / "a.txt")


def test_decimal_commas_and_their_note(tmp_path: Path) -> None:
    signal = read_table(write(tmp_path / "a.csv", "x;t\n0,5;1,25\n1,5;2,25\n"))
    assert signal.values[:, 0].tolist() == [1.25, 2.25]
    assert "commas are taken for decimal marks" in signal.notes


def test_rows_are_left_out_and_merged_with_notes(tmp_path: Path) -> None:
    text = "x,y,t\n0,0,1\n4,2,NA\n4,2,5\n4,2,6\n,1,7\n2,2,8\n"
    signal = read_table(write(tmp_path / "a.csv", text))
    assert signal.points.tolist() == [[0, 0], [1, 0.5], [0.5, 0.5]]
    assert signal.values.tolist() == [[1], [5.5], [8]]
    assert signal.notes == (
        "the inputs are x, y, the output is t; --inputs and --outputs choose others",
        "2 of 6 rows have no value in x, t; left out",
        "1 point occurs several times (2 rows): its values are averaged; they differ by up to 1 in t",
    )


def test_columns_are_kept_in_the_order_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b,c,d\n1,20,300,4000\n5,60,800,9000\n")
    signal = read_table(path, ["c", "1"], ["4", "b"])
    assert signal.placement.names == ("c", "a")
    assert signal.outputs == ("d", "b")
    assert signal.values.tolist() == [[4000, 20], [9000, 60]]


@given(
    st.lists(
        st.tuples(*[st.integers(-(10**9), 10**9)] * 2, st.floats(allow_nan=False, allow_infinity=False, width=32)),
        min_size=2,
        max_size=12,
        unique_by=lambda row: row[:2],
    ),
    st.sampled_from(["a.csv", "a.csv.gz", "a.tsv", "a.parquet"]),
)
def test_numbers_come_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, float]], name: str
) -> None:
    array = np.array(rows) * [1e-4, 1e-3, 1.0]
    assume((np.ptp(array[:, :2], axis=0) > 0).all())
    frame = pandas.DataFrame(array, columns=["x", "y", "t"])
    path = tmp_path_factory.mktemp("table") / name
    if name.endswith("parquet"):
        frame.to_parquet(path)
    else:
        frame.to_csv(path, sep="\t" if name.endswith("tsv") else ",", index=False)
    signal = read_table(path)
    np.testing.assert_array_equal(signal.values, array[:, 2:])
    np.testing.assert_allclose(signal.placement.to_columns(signal.points), array[:, :2], atol=1e-9)
    made = as_points(array[:, :2], array[:, 2], output_names=["t"])
    np.testing.assert_array_equal(made.points, signal.points)
    assert (made.domain, made.placement, made.outputs) == (signal.domain, signal.placement, signal.outputs)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "absent": (lambda p: None, "does not exist"),
    "folder": (lambda p: p.mkdir(), "is a folder"),
    "empty": (lambda p: p.write_bytes(b""), "is empty"),
    "blank": (lambda p: p.write_text("\n\n"), "no rows of data"),
    "header alone": (lambda p: p.write_text("x,y,t\n"), "no column of numbers|no rows"),
    "binary": (lambda p: p.write_bytes(bytes(range(256)) * 9), "binary data"),
    "packed binary": (lambda p: p.write_bytes(gzip.compress(bytes(range(256)))), "binary data"),
    "prose": (lambda p: p.write_text("Call me Ishmael.\nSome years ago.\n"), "not a table"),
    "one column": (lambda p: p.write_text("x\n1\n2\n"), "not a table"),
    "one row": (lambda p: p.write_text("x,t\n1,2\n"), "single point"),
    "one row left": (lambda p: p.write_text("x,t\n1,2\n2,\n3,NA\n"), "single point"),
    "one point": (lambda p: p.write_text("x,y,t\n1,2,3\n1,2,4\n"), "all 2 points are the same"),
    "flat": (lambda p: p.write_text("x,y,t\n1,2,3\n2,2,4\n"), "y is 2 at every point"),
    "nothing measured": (lambda p: p.write_text("x,y,t\n1,2,3\n" + "2,,4\n"), "single point"),
    "long row": (lambda p: p.write_text("x,y,t\n1,2,3\n4,5,6\n7,8,9,10\n"), "line 4 has 4 fields"),
    "short row": (lambda p: p.write_text("x,y,t\n1,2,3\n4,5\n7,8,9\n"), "line 3 has 2 fields"),
    "short header": (lambda p: p.write_text("x,y\n1,2,3\n4,5,6\n"), "header names 2 columns and the rows have 3"),
    "word": (lambda p: p.write_text("x,t\n1,2\n2,n.d.\n3,4\n4,5\n"), "t holds 'n.d.' in row 2 of the data"),
    "word far down": (lambda p: p.write_text("x,t\n" + "1,2\n" * 9000 + "2,?\n"), r"t holds '\?' in row 9,001"),
    "infinity": (lambda p: p.write_text("x,t\n1,2\n2,-inf\n"), "t is infinite in row 2"),
    "no latitude": (lambda p: p.write_text("lon,lat,t\n1,2,3\n2,99,4\n"), "lat is 99"),
    "many columns": (lambda p: p.write_text("a,b,c,d,e\n1,2,3,4,5\n2,3,4,5,6\n"), "--inputs a,b --outputs e"),
    "cut gzip": (lambda p: p.write_bytes(gzip.compress(grid_text().encode(), mtime=0)[:-9]), "damaged, cut off"),
    "cut xz": (lambda p: p.write_bytes(lzma.compress(grid_text().encode() * 999)[:-9]), "damaged, cut off"),
    "parquet magic": (lambda p: p.write_bytes(b"PAR1" + bytes(50)), "as Parquet.*damaged or cut off"),
    "cut parquet": (lambda p: (parquet(p, t=[1.0, 2.0]), p.write_bytes(p.read_bytes()[:-30])), "as Parquet"),
    "parquet of words": (lambda p: parquet(p, x=["a", "b"], y=["c", "d"]), "no column of numbers"),
    "empty parquet": (lambda p: parquet(p, x=np.empty(0), t=np.empty(0)), "no rows of data"),
}


def parquet(path: Path, **columns: object) -> Path:
    pandas.DataFrame(columns).to_parquet(path, index=False)
    return path


@pytest.mark.parametrize("case", BROKEN)
def test_broken_tables_are_refused_in_one_line(tmp_path: Path, case: str) -> None:
    make, reason = BROKEN[case]
    path = tmp_path / "table.bin"
    make(path)
    with pytest.raises(SignalError, match=reason) as caught:
        read_table(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_of_text_are_refused_with_their_first_value(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "station,x,t\nOslo,1,2\nBergen,2,3\n")
    for chosen in ((["station"], ["t"]), (["x"], ["station"])):
        with pytest.raises(SignalError, match="station holds 'Oslo' in row 1 of the data, which is not a number"):
            read_table(path, *chosen)


def test_what_does_not_fit_in_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.csv", grid_text())
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=1000))
    with pytest.raises(TooLargeError, match=r"rows of 3 chosen columns.*GB are free"):
        read_table(path)
    with pytest.raises(TooLargeError, match="rows of 2 chosen columns"):
        read_table(parquet(tmp_path / "a.parquet", x=np.arange(99.0), t=np.arange(99.0)))


def test_a_file_that_holds_more_than_it_seemed_is_refused_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.csv", grid_text())
    monkeypatch.setattr("fourierfield.kinds.tables._text.unpacked_bytes", lambda path: 0)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=1000))
    with pytest.raises(TooLargeError, match="12 rows"):
        read_table(path)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a", grid_text().encode(), True),
        ("a.gz", gzip.compress(grid_text().encode(), mtime=0), True),
        ("a.gz", gzip.compress(b"Call me Ishmael.\nSome years ago.\n", mtime=0), False),
        ("a.gz", gzip.compress(bytes(500), mtime=0), False),
        ("a.gz", b"\x1f\x8b\x08 broken", False),
        ("a", b"PAR1", True),
        ("a", b"import numpy\n\n\ndef f(x, y):\n    return 1, 2\n", False),
        ("a", b"hello world, this is no image", False),
        ("a", b"", False),
    ],
)
def test_tables_are_told_by_content(tmp_path: Path, name: str, content: bytes, expected: bool) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert looks_like_table(path, content[:16]) is expected


def test_the_sources_of_this_package_are_no_tables() -> None:
    root = Path(__file__).resolve().parents[3]
    files = [*root.glob("src/fourierfield/**/*.py"), *root.glob("*.md"), *root.glob("*.toml"), *root.glob("docs/*.md")]
    assert [path for path in files if looks_like_table(path, path.read_bytes()[:16])] == []


@pytest.mark.parametrize(
    ("inputs", "outputs", "options", "reason"),
    [
        (np.zeros((3, 2)), np.zeros(4), {}, "3 points and 4 values"),
        (np.zeros((3, 5)), np.zeros(3), {}, "5 inputs.*NeuralTangentRegressor"),
        (np.zeros((3, 2), dtype=complex), np.zeros(3), {}, "complex128"),
        (np.array([["a"], ["b"]]), np.zeros(2), {}, "integers or floats"),
        (np.zeros((3, 1, 1)), np.zeros(3), {}, "shape"),
        (np.zeros((3, 0)), np.zeros(3), {}, "shape"),
        (np.zeros((3, 2)), np.zeros(3), {"input_names": ["x"]}, "a name for each of 2 inputs and 1 outputs"),
        (np.zeros((0, 2)), np.zeros(0), {}, "no rows"),
        (np.arange(3.0), np.full(3, np.nan), {}, "none of its 3 rows"),
        (np.arange(3.0), np.full(3, np.inf), {}, "infinite"),
    ],
)
def test_arrays_that_are_no_table(
    inputs: np.ndarray, outputs: np.ndarray, options: dict[str, list[str]], reason: str
) -> None:
    with pytest.raises(FourierFieldError, match=reason):
        as_points(inputs, outputs, **options)  # type: ignore[arg-type]


def test_arrays_are_points_in_one_unit_unless_they_are_named() -> None:
    inputs = np.array([[0, 0, 1], [10, 5, 2]], dtype=np.int32)
    signal = as_points(inputs, np.array([[1, 2], [3, 4]], dtype=np.uint8))
    assert (signal.placement.names, signal.outputs) == (("x", "y", "z"), ("value 1", "value 2"))
    assert signal.domain.extent == (10, 5, 1)
    assert as_points(inputs[:, :2], [0, 1], input_names=["lon", "lat"]).domain.units == ("km", "km")
    assert as_points([0, 1], [2, 3]).outputs == ("value",)


def test_bathymetry(shared_data: Path) -> None:
    path = shared_data / "geo" / "baja-bathymetry.csv.xz"
    assert looks_like_table(path, path.read_bytes()[:16])
    signal = read_table(path)
    frame = pandas.read_csv(path)
    merged = frame.groupby(["longitude", "latitude"]).bathymetry_m.mean()
    assert signal.shape == (len(merged),)
    assert signal.placement.names == ("longitude", "latitude")
    assert signal.domain.units == ("km", "km")
    np.testing.assert_allclose(signal.domain.extent, (978.1, 1111.0), atol=0.1)
    assert signal.values.mean() == pytest.approx(merged.mean())
    assert len(signal.notes) == 2
    assert f"{len(frame):,}" not in signal.notes[1]


def test_stations(shared_data: Path) -> None:
    path = shared_data / "geo" / "texas-wind.csv"
    with pytest.raises(SignalError, match="3 columns of numbers beside longitude and latitude"):
        read_table(path)
    signal = read_table(path, outputs=["air_temperature_c", "5", "wind_speed_north_knots"])
    assert (signal.shape, signal.channels) == ((186,), 3)
    with pytest.raises(SignalError, match="station_id holds '0F2' in row 1"):
        read_table(path, ["station_id"], ["4"])


def test_a_matrix_is_no_table_of_points(shared_data: Path) -> None:
    with pytest.raises(SignalError, match=r"61 columns of numbers \(V1, .* matrix of samples, save it as .npy"):
        read_table(shared_data / "geo" / "volcano.csv")


def test_names_in_a_comment_and_a_station_that_is_no_place(tmp_path: Path) -> None:
    """Commas in the header, white space in the rows."""
    rows = "".join(f"{10000 + 7 * i} {i % 5} {i // 5} {i / 3:.3f}\n" for i in range(25))
    signal = read_table(write(tmp_path / "a.txt", f"# id, lat, lon, temp\n{rows}"))
    assert signal.placement.names == ("lat", "lon")
    assert signal.outputs == ("temp",)
    assert "id names things; left out" in signal.notes
    assert "the inputs are lat, lon, the output is temp; --inputs and --outputs choose others" in signal.notes
    assert read_table(tmp_path / "a.txt", ["id", "lat"], ["temp"]).placement.names == ("id", "lat")


def test_columns_that_count_rows_are_no_inputs_unless_nothing_else_is_left(tmp_path: Path) -> None:
    rows = "".join(f"{i + 1},{i * i},{i % 4}\n" for i in range(12))
    assert read_table(write(tmp_path / "a.csv", f"row,x,v\n{rows}")).placement.names == ("x",)
    assert read_table(write(tmp_path / "b.csv", "index,v\n0,1\n1,4\n2,2\n")).placement.names == ("index",)


def test_the_separator_line_of_excel_is_no_data(tmp_path: Path) -> None:
    signal = read_table(write(tmp_path / "a.csv", "sep=;\nx;v\n0,5;1\n1,5;2\n"))
    assert signal.placement.names == ("x",)
    assert signal.values[:, 0].tolist() == [1, 2]


@pytest.mark.parametrize("marker", [-9999, 1e20, -999.25])
def test_undeclared_marks_of_missing_values_are_named(tmp_path: Path, marker: float) -> None:
    values = [f"{i},{marker if i % 4 == 0 else i % 3}\n" for i in range(20)]
    signal = read_table(write(tmp_path / "a.csv", "x,depth\n" + "".join(values)))
    assert any(note.startswith(f"5 values of depth are {marker:g}, far from all others") for note in signal.notes)
    plain = read_table(write(tmp_path / "b.csv", "x,depth\n" + "".join(f"{i},{i % 3}\n" for i in range(20))))
    assert not any("far from" in note for note in plain.notes)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("packed", [False, True])
def test_text_of_spreadsheets_in_wide_characters(tmp_path: Path, encoding: str, packed: bool) -> None:
    text = grid_text("\t", "länge,breite,t")
    content = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding)
    (tmp_path / "a.txt").write_bytes(gzip.compress(content) if packed else content)
    expected = read_table(write(tmp_path / "b.txt", text))
    found = read_table(tmp_path / "a.txt")
    assert looks_like_table(tmp_path / "a.txt", content[:64])
    assert found.placement == expected.placement
    np.testing.assert_array_equal(found.values, expected.values)


def test_thousands_units_and_fortrans_exponents_are_read(tmp_path: Path) -> None:
    rows = "".join(f"{x};{y};{'1,234' if x == y else 900 + x};1.5D+0{y}\n" for x in range(4) for y in range(4))
    signal = read_table(write(tmp_path / "a.csv", f"x;y;count;flux\nm;m;-;W\n{rows}"), outputs=("count", "flux"))
    values = signal.values
    order = [(x, y) for x in range(4) for y in range(4)]
    assert sorted(values[:, 0]) == sorted(1234.0 if x == y else 900.0 + x for x, y in order)
    assert sorted(values[:, 1]) == sorted(1.5 * 10**y for _, y in order)
    assert any("group thousands" in note for note in signal.notes)
    assert any("taken for units" in note for note in signal.notes)

"""The kind of tables of points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import SettingsError
from ...grids._endings import TABLE_ENDINGS
from .._kind import Format, Json, Kind, Say, starts
from .._render_options import RenderOptions

if TYPE_CHECKING:
    from ...grids._points import PointSignal
    from ...networks._field import Field
    from ...tasks._settings import FitSettings, ReadOptions
    from ...tasks._task import Task


def _is_text_table(head: bytes, path: Path) -> bool:
    from ._read import looks_like_table

    return looks_like_table(path, head[:16])


class TableKind(Kind):
    """Tables: values at scattered points."""

    name, noun, plural = "table", "a table of points", "tables"
    formats = (
        Format("parquet", "Parquet", starts(b"PAR1"), (".parquet",)),
        Format("text", "CSV, TSV", _is_text_table, (".csv", ".tsv", ".txt"), rank=9),
    )
    methods = ("kernel", "network")
    options = frozenset(("inputs", "outputs"))
    endings = TABLE_ENDINGS
    render_options = frozenset(("size", "scale", "window", "uncertainty", "at", "gradient"))

    def read(self, path: Path, container: str | None, options: ReadOptions) -> PointSignal:
        from ._read import read_table

        return read_table(path, options.input_columns, options.output_columns)

    def task(self, signal: PointSignal, settings: FitSettings) -> Task:
        from ...problems._points import point_problem
        from ...tasks._kernel import PointKernelTask
        from ._network import PointNetworkTask

        if self.method(settings) == "network":
            return PointNetworkTask.of(signal, settings)
        return PointKernelTask(signal, point_problem(signal, settings.hold_out_rule), settings)

    def describe(self, signal: PointSignal) -> Json:
        return {"inputs": list(signal.placement.names), "outputs": list(signal.outputs)}

    def signal_line(self, described: Json) -> str:
        """Return name, number of points and columns."""
        inputs, outputs = (", ".join(described[key]) for key in ("inputs", "outputs"))
        return f"signal    {described['name']}: table of {described['shape'][0]:,} points; {outputs} over {inputs}"

    def render(self, field: Field, out: str, options: RenderOptions, say: Say) -> None:
        """Write the field on a grid of the table's columns."""
        from ._render import write_table_grid

        if field.placement is None:
            raise SettingsError(f"{out}: this field does not know its table's columns; fit it again")
        write_table_grid(field, out, options, say)


KINDS = (TableKind(),)

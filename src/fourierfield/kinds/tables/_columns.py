"""Choose which columns of a table are inputs and which are outputs: by name, by position, or by what there is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import SignalError
from ...grids._column_names import bare_name, geographic_axes, name_list

MOST_INPUTS = 3  # most inputs of a field: the dimensions of a domain
_HOW_TO_CHOOSE = "choose with --inputs and --outputs"


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, whether it seems to hold numbers, and whether it only counts the rows."""

    name: str
    numeric: bool
    why_not: str = ""


@dataclass(frozen=True)
class Selection:
    """Positions (from 0) of the inputs and the outputs among a table's columns, and notes on what was assumed."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    notes: tuple[str, ...] = ()


def select_columns(
    columns: Sequence[Column], inputs: Sequence[str] | None, outputs: Sequence[str] | None, label: str
) -> Selection:
    """Select inputs and outputs by name or by position from 1.

    Inputs that are left out are longitude and latitude if the table has them, otherwise the one to three columns of
    numbers before the output; an output that is left out is the one column of numbers that remains, or the last. Raises
    ``SignalError``, listing the columns, if that is not clear.

    >>> columns = [Column("lon", True), Column("lat", True), Column("depth (m)", True)]
    >>> found = select_columns(columns, None, None, "table")
    >>> found.inputs, found.outputs
    ((0, 1), (2,))
    >>> select_columns(columns, ["depth"], ["2"], "table")
    Selection(inputs=(2,), outputs=(1,), notes=())
    """
    chosen_inputs = _positions(columns, inputs, "inputs", label)
    chosen_outputs = _positions(columns, outputs, "outputs", label)
    both = sorted(set(chosen_inputs or ()) & set(chosen_outputs or ()))
    if both:
        raise SignalError(f"{label}: {columns[both[0]].name} is an input and an output; leave it out of one of them")
    free = [
        position
        for position, column in enumerate(columns)
        if column.numeric and position not in (*(chosen_inputs or ()), *(chosen_outputs or ()))
    ]
    guess = _Guess(columns, _coordinates(columns, free), label)
    if chosen_inputs is None and chosen_outputs is None:
        chosen_inputs, chosen_outputs = guess.both()
        return Selection(chosen_inputs, chosen_outputs, guess.notes(free, chosen_inputs, chosen_outputs))
    chosen_inputs = guess.inputs() if chosen_inputs is None else chosen_inputs
    return Selection(chosen_inputs, guess.outputs() if chosen_outputs is None else chosen_outputs)


@dataclass(frozen=True)
class _Guess:
    """A guess of what is meant if it is not specified, from the columns of numbers at positions ``free``."""

    columns: Sequence[Column]
    free: Sequence[int]
    label: str

    def both(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        if len(self.free) < 2:
            raise SignalError(
                f"{self.label} has {self._numbers()}, but a field needs an input and an output; its columns are "
                f"{name_list([column.name for column in self.columns])}"
            )
        map_axes = self._map()
        if map_axes:
            left = [position for position in self.free if position not in map_axes]
            return map_axes, self._single(left, "beside longitude and latitude")
        if len(self.free) > MOST_INPUTS + 1:
            raise SignalError(f"{self.label} has {self._numbers()}; {_HOW_TO_CHOOSE}{self._matrix_advice()}")
        return tuple(self.free[:-1]), (self.free[-1],)

    def inputs(self) -> tuple[int, ...]:
        chosen = self._map() or tuple(self.free)
        if not 1 <= len(chosen) <= MOST_INPUTS:
            raise SignalError(f"{self.label} has {self._numbers()} beside the outputs; say which are --inputs")
        return chosen

    def outputs(self) -> tuple[int, ...]:
        return self._single(self.free, "beside the inputs")

    def notes(self, numeric: Sequence[int], inputs: tuple[int, ...], outputs: tuple[int, ...]) -> tuple[str, ...]:
        left_out = [self.columns[position] for position in numeric if position not in self.free]
        reasons = [f"{column.name} {_REASONS.get(column.why_not, column.why_not)}; left out" for column in left_out]
        names = (name_list([self.columns[position].name for position in part]) for part in (inputs, outputs))
        return (*reasons, "the inputs are {}, the output is {}; --inputs and --outputs choose others".format(*names))

    def _map(self) -> tuple[int, ...]:
        axes = geographic_axes([self.columns[position].name for position in self.free])
        return tuple(sorted(self.free[axis] for axis in axes)) if axes else ()

    def _single(self, positions: Sequence[int], where: str) -> tuple[int, ...]:
        if len(positions) == 1:
            return tuple(positions)
        found = f"{len(positions)} columns of numbers" if positions else "no column of numbers"
        rest = [self.columns[position].name for position in positions]
        listed = f" ({name_list(rest)})" if rest else ""
        advice = "say which are --outputs" if positions else "give a table with a measured value"
        raise SignalError(f"{self.label} has {found} {where}{listed}; {advice}")

    def _numbers(self) -> str:
        names = [self.columns[position].name for position in self.free]
        if not names:
            return "no column of numbers"
        return f"{len(names)} column{'s' if len(names) > 1 else ''} of numbers ({name_list(names)})"

    def _matrix_advice(self) -> str:
        names = [self.columns[position].name for position in self.free[:2]]
        example = f", such as --inputs {','.join(names)} --outputs {self.columns[self.free[-1]].name}"
        matrix = "; if it is a matrix of samples, save it as .npy and fit that" if len(self.free) > 9 else ""
        return example + matrix


_REASONS = {"has no name": "has no name and is taken for row numbers"}


def _coordinates(columns: Sequence[Column], free: Sequence[int]) -> list[int]:
    """Return the columns without those that count rows or name things, if two are left."""
    kept = [position for position in free if not columns[position].why_not]
    return kept if len(kept) > 1 else list(free)


def _positions(
    columns: Sequence[Column], wanted: Sequence[str] | None, role: str, label: str
) -> tuple[int, ...] | None:
    if wanted is None:
        return None
    if not wanted:
        raise SignalError(f"{label}: --{role} names no column; its columns are {_listed(columns)}")
    if role == "inputs" and len(wanted) > MOST_INPUTS:
        raise SignalError(
            f"{label}: {len(wanted)} inputs, but the command line takes 1 to {MOST_INPUTS}; "
            f"NeuralTangentRegressor in Python takes any number"
        )
    found = tuple(_position(columns, str(name).strip(), label) for name in wanted)
    twice = next((position for position in found if found.count(position) > 1), None)
    if twice is not None:
        raise SignalError(f"{label}: --{role} names {columns[twice].name} twice; name it once")
    return found


def _position(columns: Sequence[Column], wanted: str, label: str) -> int:
    """Return the position of a column by name (exactly, in any case, then without the unit) or number from 1."""
    for spell, form in ((str, wanted), (str.lower, wanted.lower()), (bare_name, wanted.lower())):
        found = [position for position, column in enumerate(columns) if spell(column.name) == form]
        if len(found) > 1:
            raise SignalError(f"{label} has {len(found)} columns named {wanted}; choose by position, from 1")
        if found:
            return found[0]
    if re.fullmatch("[0-9]{1,9}", wanted) and 1 <= int(wanted) <= len(columns):
        return int(wanted) - 1
    close = difflib.get_close_matches(wanted.lower(), [column.name.lower() for column in columns], n=1)
    meant = next((f"; did you mean {column.name}" for column in columns if [column.name.lower()] == close), "")
    raise SignalError(f"{label} has no column {wanted}{meant}; its columns are {_listed(columns)}")


def _listed(columns: Sequence[Column]) -> str:
    return name_list([column.name for column in columns])

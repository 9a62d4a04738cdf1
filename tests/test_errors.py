"""Errors that a user can correct are told from bugs, and a stop from both."""

from __future__ import annotations

import pytest

import fourierfield
from fourierfield import errors


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name != "Interrupted"])
def test_every_error_is_caught_as_one_of_ours_and_as_a_value(name: str) -> None:
    kind = getattr(fourierfield, name)
    assert kind is getattr(errors, name)
    assert issubclass(kind, errors.FourierFieldError)
    with pytest.raises(ValueError, match=r"^one line$"):
        raise kind("one line")


def test_a_stop_is_not_an_error_of_values() -> None:
    stop = errors.Interrupted(15, 500, "a.checkpoint")
    assert not isinstance(stop, ValueError)
    assert (stop.signal_number, stop.step, stop.checkpoint) == (15, 500, "a.checkpoint")

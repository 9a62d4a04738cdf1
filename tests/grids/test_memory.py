"""Work is refused, with the numbers, if it would not fit into the free memory."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from fourierfield.errors import TooLargeError
from fourierfield.grids._memory import SHARE, free_memory, require_memory


@pytest.fixture
def ten_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10_000_000_000))


def test_free_memory_is_a_part_of_what_there_is() -> None:
    assert 0 < free_memory() < psutil.virtual_memory().total


@pytest.mark.usefixtures("ten_gigabytes")
def test_a_share_of_the_free_memory_may_be_planned_with() -> None:
    require_memory(SHARE * 10e9, "sorting", "sort less")
    with pytest.raises(TooLargeError) as caught:
        require_memory(SHARE * 10e9 + 1, "sorting", "sort less")
    assert str(caught.value) == "sorting needs 8.0 GB and 10.0 GB are free; sort less"
    require_memory(9e9, "sorting", "sort less", share=0.95)
    with pytest.raises(TooLargeError):
        require_memory(6e9, "sorting", "sort less", share=0.5)


@pytest.mark.usefixtures("ten_gigabytes")
def test_another_device_has_its_own() -> None:
    require_memory(50e9, "training", "train less", free=80_000_000_000)
    with pytest.raises(TooLargeError, match=r"needs 5.0 GB and 4.0 GB are free"):
        require_memory(5e9, "training", "train less", free=4_000_000_000)

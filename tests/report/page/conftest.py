"""A page's content, small and without a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fourierfield.report._candidates import Candidate
from fourierfield.report._diagnosis import Diagnosis, Verdict
from fourierfield.report._evidence import Curve
from fourierfield.report.page._content import (
    BandErrors,
    BandHistory,
    Choice,
    Forecast,
    ImpulseResponse,
    Learning,
    Missing,
    PageContent,
    Recipe,
    Scores,
    SignalFacts,
    Values,
)
from fourierfield.report.page._write import page_html

STEPS = (1, 10, 100)
ABSENT = Missing("there is a reason.")
OPTIONAL = ("forecast", "values", "learning", "bands", "response", "choice")


def some_values(shape: tuple[int, ...], rate: float | None = None) -> Values:
    generator = np.random.default_rng(0)
    signal = generator.random((*shape, 1 if rate else 3))
    low = -1.0 if rate else 0.0
    return Values(signal, np.clip(signal + generator.normal(0, 0.02, signal.shape), low, 1), (low, 1.0), rate)


def example() -> PageContent:
    """Everything a page can show of an image of 24×32 pixels."""
    offsets = np.arange(-16, 17) / 4 / 16
    edges = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
    left = np.linspace(1, 0, 12).reshape(3, 4)
    candidates = [Candidate("gaussian", 2.0 + i, 256, 27.0 - 0.1 * i, 30.0, 26.0, 28.0) for i in range(12)]
    return PageContent(
        title="photo.png",
        signal=SignalFacts("photo.png", "image", (24, 32), 3, unit_length=32.0, unit="px", file_bytes=2000),
        encoding="gaussian, bandwidth 2",
        scores=Scores(30.1, 27.3, {"cubic_psnr_db": 25.0}, {"ssim": 0.9}),
        diagnosis=Diagnosis(Verdict.STOPPED_TOO_EARLY, "It still rose.", "--steps 200"),
        recipe=Recipe("fourierfield fit photo.png", "0.1.0", 0, "float32", "cpu", 2),
        forecast=Forecast(31.0, 27.0, 26.2, 28.1),
        values=some_values((24, 32)),
        learning=Learning(
            Curve(STEPS, (10.0, 20.0, 30.0), (10.0, 19.0, 27.0)), Curve(STEPS, (11.0, 21.0, 31.0), (11.0, 20.0, 27.0))
        ),
        bands=BandErrors(edges, BandHistory(np.array(STEPS), left), BandHistory(np.array(STEPS), left)),
        response=ImpulseResponse(
            np.exp(-(8 * offsets[:, None] ** 2) - 8 * offsets**2), [offsets] * 2, (1 / 16, 1 / 16)
        ),
        choice=Choice(candidates),
    )


@pytest.fixture
def content() -> PageContent:
    return example()


@pytest.fixture
def bare(content: PageContent) -> PageContent:
    """The same without any figure."""
    return replace(content, **dict.fromkeys(OPTIONAL, ABSENT))


@pytest.fixture(scope="session")
def complete() -> str:
    """The page of ``content``, drawn once."""
    return page_html(example())

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.report._evidence import Curve
from fourierfield.report.page._content import BandErrors, PageContent
from fourierfield.report.page._figures import _front, _thinned, bands_figure
from fourierfield.tasks._spectrum import LEARNED

PLACES = np.log([1.0, 2.0, 4.0, 8.0])


def test_the_front_lies_where_the_share_left_crosses_its_level() -> None:
    assert np.isnan(_front(PLACES, np.ones(4)))
    assert _front(PLACES, np.zeros(4)) == PLACES[-1]
    crossing = _front(PLACES, np.array([0.0, LEARNED**2, 1.0, 1.0]))
    assert np.exp(crossing) == pytest.approx(np.sqrt(8.0))


def test_single_bands_do_not_move_the_front() -> None:
    plain = _front(PLACES, np.array([0.01, 0.01, 1.0, 1.0]))
    assert _front(np.log([0.25, 0.5, *np.exp(PLACES)]), np.array([1.0, 0.01, 0.01, 0.01, 1.0, 1.0])) == plain


def test_long_forecasts_are_thinned_and_keep_their_ends() -> None:
    steps = np.arange(1, 5001)
    thin = _thinned(Curve(steps, steps / 100, steps / 200))
    assert len(thin.steps) < 200
    assert (thin.steps[0], thin.steps[-1], thin.train_psnr_db[-1]) == (1, 5000, 50.0)


def test_one_history_is_enough_and_none_is_refused(content: PageContent) -> None:
    bands = content.bands
    assert isinstance(bands, BandErrors)
    assert "measured" not in bands_figure(BandErrors(bands.edges, bands.forecast), content.signal).partition(">")[2]
    with pytest.raises(ValueError, match="neither"):
        bands_figure(BandErrors(bands.edges), content.signal)

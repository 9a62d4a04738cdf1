"""The top of the page: the result, the forecast beside the measured score, and the diagnosis."""

from __future__ import annotations

import re

from .._diagnosis import RELIABLE, Diagnosis, Verdict
from ._content import Forecast, Missing, Scores
from ._markup import Html, tag

_WIDTH, _MARGIN = 400, 34  # of the drawing of the forecast, in SVG units


def verdict_section(scores: Scores, forecast: Forecast | Missing, diagnosis: Diagnosis) -> Html:
    """Show at a glance how good the fit is, whether that was expected, and what to change."""
    return tag(
        "section",
        _result(scores),
        _comparison(scores, forecast),
        _diagnosis(diagnosis),
        class_="verdict",
        aria_label="Result",
    )


def decibels(value: float) -> str:
    """Format decibels as ``27.3 dB``, with a space that does not break."""
    return f"{value:.1f}\u00a0dB"


def in_training(forecast: Forecast) -> str:
    """Format the forecast on training samples; beyond 40 dB it is too high, and nobody sees the difference."""
    return decibels(forecast.train_psnr_db) if forecast.train_psnr_db < RELIABLE else f"above {RELIABLE:.0f}\u00a0dB"


def unbroken(text: str) -> str:
    r"""Keep numbers on the same line as their unit.

    >>> unbroken("0.5 dB more").split(" ")
    ['0.5\xa0dB', 'more']
    """
    return re.sub(r"(?<=\d) (?=dB|%)", "\u00a0", text)


def parting(scores: Scores, forecast: Forecast) -> str:
    """Compare forecast and measured score in a sentence, with a warning if the 90 % interval does not hold the latter.

    >>> parting(Scores(30.0, 27.0), Forecast(31.0, 28.5, 27.8, 29.2))
    'Measured 1.5 dB below the forecast, outside its 90 % interval: treat the other forecasts with care.'
    """
    held_out = scores.held_out_psnr_db is not None and forecast.held_out_psnr_db is not None
    if not held_out and min(forecast.train_psnr_db, scores.train_psnr_db) >= RELIABLE:
        return "Measured as forecast on training samples."
    expected = forecast.held_out_psnr_db if held_out else forecast.train_psnr_db
    reached = scores.held_out_psnr_db if held_out else scores.train_psnr_db
    assert expected is not None
    assert reached is not None
    apart = reached - expected
    distance = f"{abs(apart):.1f} dB {'above' if apart > 0 else 'below'} the forecast"
    if abs(apart) < 0.05:
        distance = "within 0.1 dB of the forecast"
    if not held_out or forecast.low is None or forecast.high is None:
        return f"Measured {distance}{'' if held_out else ' on training samples'}."
    if forecast.low <= reached <= forecast.high:
        return f"Measured {distance}, within its 90 % interval."
    return f"Measured {distance}, outside its 90 % interval: treat the other forecasts with care."


def _result(scores: Scores) -> Html:
    if scores.held_out_psnr_db is None:
        parts = [_big(scores.train_psnr_db), tag("p", "PSNR on training samples", class_="note")]
        parts.append(tag("p", "No samples were held out, so the quality between samples is unknown.", class_="note"))
    else:
        parts = [_big(scores.held_out_psnr_db), tag("p", "PSNR on held-out samples", class_="note")]
        parts.append(tag("p", f"{decibels(scores.train_psnr_db)} on training samples.", class_="note"))
    if scores.held_out_psnr_db is not None and "cubic_psnr_db" in scores.baselines:
        ahead = scores.held_out_psnr_db - scores.baselines["cubic_psnr_db"]
        side = "above" if ahead >= 0 else "below"
        parts.append(tag("p", f"{decibels(abs(ahead))} {side} cubic interpolation.", class_="note"))
    return tag("div", tag("h2", "Result"), *parts)


def _big(value: float) -> Html:
    return tag("p", f"{value:.1f} ", tag("small", "dB"), class_="big")


def _comparison(scores: Scores, forecast: Forecast | Missing) -> Html:
    heading = tag("h2", "Forecast and measured")
    if isinstance(forecast, Missing):
        return tag("div", heading, tag("p", f"No forecast: {forecast.reason}", class_="note"))
    needle = _needle(scores, forecast)
    return tag("div", heading, *needle, tag("p", unbroken(parting(scores, forecast)), class_="note"))


def _needle(scores: Scores, forecast: Forecast) -> list[Html]:
    """Draw the interval as a bar, the forecast as a line in it, and the measured value as a dot, on an axis of PSNR."""
    expected, reached = forecast.held_out_psnr_db, scores.held_out_psnr_db
    if expected is None or reached is None:
        words = f"On training samples: forecast {in_training(forecast)}, measured {decibels(scores.train_psnr_db)}."
        if reached is not None:
            words = f"The held-out score {decibels(reached)} was not forecast. {words}"
        return [tag("p", words)]
    low, high = forecast.low or expected, forecast.high or expected
    first, last = min(low, expected, reached), max(high, expected, reached)
    scale = (_WIDTH - 2 * _MARGIN) / max(last - first, 1.0)

    def at(value: float) -> str:
        return f"{_MARGIN + scale * (value - first):.1f}"

    parts = [
        tag("line", x1=10, x2=_WIDTH - 10, y1=44, y2=44, stroke="var(--line)", stroke_width=2),
        tag("rect", x=at(low), y=36, width=f"{max(scale * (high - low), 1):.1f}", height=16, class_="interval"),
        tag("line", x1=at(expected), x2=at(expected), y1=30, y2=58, stroke="var(--series-0)", stroke_width=3),
        _label(at(expected), 78, f"forecast {expected:.1f}", "var(--series-0)"),
        tag("circle", cx=at(reached), cy=44, r=7, fill="var(--ink)"),
        _label(at(reached), 22, f"measured {reached:.1f}", "var(--ink)"),
    ]
    if high > low:
        words = f"90 % interval {low:.1f} to {high:.1f}"
        parts.append(_label(at((low + high) / 2), 100, words, "var(--muted)"))
    description = f"Held-out PSNR: forecast {decibels(expected)}, measured {decibels(reached)}"
    return [tag("svg", *parts, viewBox=f"0 0 {_WIDTH} 106", role="img", aria_label=description, class_="needle")]


def _label(x: str, y: int, text: str, colour: str) -> Html:
    """Draw a label that stays inside the drawing."""
    half = 4.2 * len(text)
    anchor = "start" if float(x) < half else "end" if float(x) > _WIDTH - half else "middle"
    place = {"start": 2.0, "end": _WIDTH - 2.0, "middle": float(x)}[anchor]
    return tag("text", text, x=f"{place:.1f}", y=y, text_anchor=anchor, fill=colour, font_size=15)


def _diagnosis(found: Diagnosis) -> Html:
    good = found.verdict is Verdict.NOTHING_TO_CHANGE
    parts = [
        tag("h2", "Diagnosis"),
        tag("p", found.verdict.value, class_=f"headline {'good' if good else 'change'}"),
        tag("p", unbroken(found.explanation)),
    ]
    if found.change is not None:
        parts.append(tag("p", "Try ", tag("code", found.change, class_="try")))
    return tag("div", *parts, class_="wide")

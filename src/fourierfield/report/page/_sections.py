"""The sections of the page, each made from its part of the content."""

from __future__ import annotations

from .._candidates import Candidate
from ._content import BandErrors, Choice, Forecast, ImpulseResponse, Learning, Missing, PageContent, Recipe, SignalFacts
from ._figures import bands_figure, choice_figure, learning_figure, response_figure
from ._markup import Html, tag
from ._samples import samples_figures
from ._verdict import decibels, in_training

_ROWS_AT_ONCE = 10  # candidates in the table; the others can be unfolded
_PARTS = {
    "forecast": "Forecast of the scores",
    "values": "Signal and reconstruction",
    "learning": "Learning curves",
    "bands": "Error by frequency",
    "response": "What one sample contributes",
    "choice": "Encodings compared",
}
_SCORE_NAMES = {
    "ssim": "SSIM",
    "train_snr_db": "training samples, SNR",
    "held_out_snr_db": "held-out samples, SNR",
    "cubic_psnr_db": "cubic interpolation, held-out PSNR",
    "truth_psnr_db": "against the truth, PSNR",
}


def sections(content: PageContent) -> list[Html]:
    """Return the sections of all content, in order; the last ones are how to repeat the fit, and what is missing."""
    drawn: list[Html] = []
    if not isinstance(content.values, Missing):
        drawn.append(_section("Signal and reconstruction", samples_figures(content.values, content.signal)))
    for title, parts in (("How training went", _training(content)), ("The encoding", _encoding(content))):
        if parts:
            drawn.append(_section(title, [tag("div", *parts, class_="pair")]))
    if not isinstance(content.choice, Missing):
        drawn.append(_section("Candidates", _candidates(content.choice, content.signal)))
    drawn += [_section("All scores", [_scores(content)]), _section("How to do it again", _recipe(content.recipe))]
    left_out = _left_out(content)
    return [*drawn, _section("Not on this page", [left_out])] if left_out else drawn


def _section(title: str, parts: list[Html]) -> Html:
    return tag("section", tag("h2", title), *parts)


def _figure(title: str, drawing: str, caption: str) -> Html:
    return tag("figure", tag("h3", title), Html(drawing), tag("figcaption", caption))


def _training(content: PageContent) -> list[Html]:
    parts = []
    if isinstance(content.learning, Learning):
        parts.append(
            _figure(_PARTS["learning"], learning_figure(content.learning, content.forecast), _learned(content))
        )
    if isinstance(content.bands, BandErrors):
        caption = (
            "Bright: still to be learned. The white line is the frequency up to which bands are learned: 14 % (e⁻²) "
            "of the band's energy is left there."
            + (" Dashed: the same line in the forecast." if content.bands.forecast and content.bands.measured else "")
        )
        parts.append(_figure(_PARTS["bands"], bands_figure(content.bands, content.signal), caption))
    return parts


def _learned(content: PageContent) -> str:
    """Describe in a sentence or two what the learning curves show."""
    assert isinstance(content.learning, Learning)
    curve = content.learning.measured
    words = []
    if content.learning.forecast is not None:
        words.append("Lines were forecast before training; dots were measured during it.")
    if isinstance(content.forecast, Forecast) and content.forecast.low is not None:
        words.append("The bar at the end is the 90 % interval of the forecast held-out score.")
    if curve.held_out_psnr_db is not None:
        best = curve.best_step
        words.append(
            "Held-out PSNR was highest at the end."
            if best == curve.steps[-1]
            else f"Held-out PSNR was highest near step {best:,}."
        )
    return " ".join(words)


def _encoding(content: PageContent) -> list[Html]:
    parts = []
    if isinstance(content.choice, Choice):
        parts.append(_figure(_PARTS["choice"], choice_figure(content.choice), _chosen(content.choice, content.signal)))
    if isinstance(content.response, ImpulseResponse):
        caption = (
            "By the end of training, one training sample of height 1 adds this to the reconstruction, which is the sum "
            "over all samples. An ideal interpolant is 1 at its own sample and 0 at all others."
        )
        parts.append(_figure(_PARTS["response"], response_figure(content.response), caption))
    return parts


def _chosen(choice: Choice, signal: SignalFacts) -> str:
    best, second = choice.candidates[choice.chosen], choice.runner_up
    words = f"Chosen: {best.name}{_physical(best, signal)}, forecast at {decibels(best.held_out_psnr_db)}."
    return words if second is None else f"{words} {_rival(second, best)}"


def _rival(second: Candidate, chosen: Candidate) -> str:
    """Name the best other candidate and what it would cost or gain."""
    cost = chosen.held_out_psnr_db - second.held_out_psnr_db
    if cost < -0.05:
        return f"Forecast {decibels(-cost)} better: {second.name}."
    return f"Runner-up: {second.name}, {'equal to within 0.1 dB' if cost < 0.05 else f'{decibels(cost)} less'}."


def _physical(found: Candidate, signal: SignalFacts) -> str:
    return "" if found.scale is None else f" ({signal.frequency(found.scale)})"


def _candidates(choice: Choice, signal: SignalFacts) -> list[Html]:
    rows = [_row(found, choice, signal) for found in choice.candidates]
    first = rows[:_ROWS_AT_ONCE] + ([rows[choice.chosen]] if choice.chosen >= _ROWS_AT_ONCE else [])
    parts = [tag("div", _table(first), class_="scroll")]
    if len(rows) > _ROWS_AT_ONCE:
        rest = tag("div", _table(rows[_ROWS_AT_ONCE:]), class_="scroll")
        parts.append(tag("details", tag("summary", f"{len(rows) - _ROWS_AT_ONCE} more"), rest))
    return parts


def _table(rows: list[Html]) -> Html:
    names = (
        "encoding",
        "bandwidth",
        "held out, dB",
        "90 % interval",
        "vs. chosen, dB",
        "training, dB",
        "features",
        "in the signal's unit",
    )
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    return tag("table", tag("thead", head), tag("tbody", *rows))


def _row(found: Candidate, choice: Choice, signal: SignalFacts) -> Html:
    chosen = choice.candidates[choice.chosen]
    interval = "" if found.low is None or found.high is None else f"{found.low:.1f} – {found.high:.1f}"
    cells = (
        found.family,
        "" if found.bandwidth is None else found.name.removeprefix(f"{found.family} "),
        f"{found.held_out_psnr_db:.2f}",
        interval,
        "chosen" if found is chosen else f"{found.held_out_psnr_db - chosen.held_out_psnr_db:+.2f}".replace("-", "−"),
        "" if found.train_psnr_db is None else f"{found.train_psnr_db:.1f}",
        f"{found.features:,}",
        "" if found.scale is None else signal.frequency(found.scale),
    )
    return tag("tr", *(tag("td", cell) for cell in cells), **({"class_": "chosen"} if found is chosen else {}))


def _scores(content: PageContent) -> Html:
    scores, forecast = content.scores, content.forecast
    guess, expected = (
        ("", None) if isinstance(forecast, Missing) else (in_training(forecast), forecast.held_out_psnr_db)
    )
    lines = [("training samples, PSNR", decibels(scores.train_psnr_db), guess)]
    if scores.held_out_psnr_db is not None:
        guess = "" if expected is None else decibels(expected)
        lines.insert(0, ("held-out samples, PSNR", decibels(scores.held_out_psnr_db), guess))
    more = {**scores.baselines, **scores.others}
    lines += [(_score_name(key), _score(key, value), "") for key, value in more.items()]
    columns = 2 if isinstance(forecast, Missing) else 3
    head = tag("tr", *(tag("th", name, scope="col") for name in ("", "measured", "forecast")[:columns]))
    body = [tag("tr", *(tag("td", cell) for cell in line[:columns])) for line in lines]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body)), class_="scroll scores")


def _score_name(key: str) -> str:
    return _SCORE_NAMES.get(key) or key.removesuffix("_psnr_db").removesuffix("_db").replace("_", " ")


def _score(key: str, value: float) -> str:
    return decibels(value) if key.endswith("_db") else f"{value:.4g}"


def _recipe(recipe: Recipe) -> list[Html]:
    facts = {
        "fourierfield": recipe.version,
        "seed": str(recipe.seed),
        "number format": recipe.precision,
        "device": recipe.device,
        "threads": str(recipe.threads),
        **recipe.more,
    }
    entries = [part for name, value in facts.items() for part in (tag("dt", name), tag("dd", value))]
    same = "On a CPU, the same version, seed, number format and number of threads give the same bits."
    words = [piece for word in recipe.command.split() for piece in (tag("span", word), " ")]
    return [tag("code", *words[:-1], class_="command"), tag("dl", *entries), tag("p", same, class_="note")]


def _left_out(content: PageContent) -> Html | None:
    missing = [(title, getattr(content, name)) for name, title in _PARTS.items()]
    entries = [
        piece
        for title, part in missing
        if isinstance(part, Missing)
        for piece in (tag("dt", title), tag("dd", part.reason))
    ]
    return tag("dl", *entries) if entries else None

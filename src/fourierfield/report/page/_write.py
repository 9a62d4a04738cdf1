"""Write the page as one file."""

from __future__ import annotations

from pathlib import Path

from ...grids._files import atomic_write
from ._content import PageContent, SignalFacts
from ._markup import Html, join, tag
from ._sections import sections
from ._verdict import verdict_section

_POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"


def write_page(content: PageContent, path: Path | str) -> None:
    """Write ``content`` as one HTML file without links or JavaScript, all or nothing; same content, same bytes."""
    atomic_write(path, page_html(content).encode())


def page_html(content: PageContent) -> str:
    """Return the page as text; all text from outside is escaped, and a policy forbids the browser to load anything."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", content.title),
        tag("style", Html(Path(__file__).with_name("page.css").read_text(encoding="utf-8"))),
    )
    header = tag(
        "header",
        tag("h1", content.title),
        tag("p", _facts(content.signal), class_="facts"),
        tag("p", f"Encoding: {content.encoding}", class_="facts"),
        *(tag("p", note, class_="facts") for note in content.notes),
    )
    verdict = verdict_section(content.scores, content.forecast, content.diagnosis)
    body = tag("body", header, tag("main", verdict, *sections(content)))
    return join([Html("<!DOCTYPE html>\n"), tag("html", head, body, lang="en"), Html("\n")])


def _facts(signal: SignalFacts) -> str:
    """Describe a signal: ``kodim23.png: image, 128 × 128, 3 channels; file 0.03 MB, field 0.79 MB``."""
    channels = "1 channel" if signal.channels == 1 else f"{signal.channels} channels"
    words = f"{signal.name}: {signal.kind}, {' × '.join(f'{n:,}' for n in signal.shape)}, {channels}"
    sizes = [
        f"{what} {_bytes(count)}"
        for what, count in (("file", signal.file_bytes), ("field", signal.field_bytes))
        if count is not None
    ]
    return f"{words}; {', '.join(sizes)}" if sizes else words


def _bytes(count: int) -> str:
    return f"{count / 1e6:.2f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"

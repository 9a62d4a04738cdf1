"""Reading a page back: balanced tags, what it refers to."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "link"}


class Page(HTMLParser):
    """Collects elements and text; ``problems`` lists tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problems: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        self.problems += [f"{name} is never closed" for name in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if len(dict(attrs)) != len(attrs):
            self.problems.append(f"an attribute twice in {tag}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"unexpected </{tag}>")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    @property
    def headings(self) -> list[str]:
        return re.findall(r"<h2[^>]*>([^<]*)", self.rawdata)


def references(text: str) -> list[str]:
    """All that a browser might load: attribute values and CSS ``url(…)`` but for those inside the page."""
    found = re.findall(r"(?:src|href|srcset|poster|data|action)=[\"']([^\"']*)", text)
    found += re.findall(r"url\([\"']?([^)\"']*)", text) + re.findall(r"@import[^;]*", text)
    return [place for place in found if not place.startswith(("data:", "#"))]

"""HTML by function calls; whatever is not HTML yet is escaped."""

from __future__ import annotations

import base64
from html import escape

__all__ = ["Html", "data_uri", "join", "tag"]

_VOID = frozenset({"br", "img", "meta", "link", "hr"})


class Html(str):
    """Text that is markup already; a plain ``str`` among children never is."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | int | bool) -> Html:
    """An element. ``class_`` is ``class``, underscores are hyphens, True is an attribute without a value.

    >>> tag("p", "a < b ", tag("b", "!"), class_="x")
    '<p class="x">a &lt; b <b>!</b></p>'
    """
    words = [name]
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if value is True:
            words.append(attribute)
        elif value is not False:
            words.append(f'{attribute}="{escape(str(value), quote=True)}"')
    opening = f"<{' '.join(words)}>"
    return Html(opening if name in _VOID else f"{opening}{join(children)}</{name}>")


def join(children: tuple[str, ...] | list[str]) -> Html:
    """Children one after another, escaped where they are plain."""
    return Html("".join(child if isinstance(child, Html) else escape(child, quote=False) for child in children))


def data_uri(content: bytes, media_type: str) -> str:
    """``data:image/png;base64,…``: a file inside the page."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"

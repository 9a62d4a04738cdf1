"""HTML by function calls; everything that is not HTML yet is escaped."""

from __future__ import annotations

import base64
from html import escape

_VOID = frozenset({"br", "img", "meta", "link", "hr"})


class Html(str):
    """Text that is already markup; a plain ``str`` among children never is."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | int | bool) -> Html:
    """Build an element: ``class_`` stands for ``class``, underscores for hyphens, True for an attribute without value.

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
    """Concatenate children, and escape those that are plain text."""
    return Html("".join(child if isinstance(child, Html) else escape(child, quote=False) for child in children))


def data_uri(content: bytes, media_type: str) -> str:
    """Return a file as a URI inside the page: ``data:image/png;base64,…``."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"

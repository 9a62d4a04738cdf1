from __future__ import annotations

import base64

from fourierfield.report.page._markup import Html, data_uri, join, tag


def test_plain_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<b>", tag("i", "&")) == "<p>&lt;b&gt;<i>&amp;</i></p>"
    assert join(["<", Html("<br>")]) == "&lt;<br>"


def test_attributes_are_escaped_and_renamed() -> None:
    assert tag("img", alt='"<', data_x=1, class_="a", hidden=True, open=False) == (
        '<img alt="&quot;&lt;" data-x="1" class="a" hidden>'
    )


def test_markup_joined_to_text_is_text_again() -> None:
    assert not isinstance(Html("<b>") + "<i>", Html)


def test_data_uri_holds_the_bytes() -> None:
    head, _, body = data_uri(b"abc", "image/png").partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == b"abc"

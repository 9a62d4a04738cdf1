"""Tell single pictures from films, whose containers begin alike."""

from __future__ import annotations

_STILLS = ("avif", "heic", "heix", "heim", "heis", "mif1", "msf1")  # ISO/IEC 23008-12 and AVIF 1.1, Section 6


def still_brand(head: bytes) -> str | None:
    """Return the brand of a still picture in an ISO container, whose first bytes are those of an MP4, or None.

    >>> still_brand(bytes(3) + b" ftypavif" + bytes(4)), still_brand(bytes(3) + b" ftypisom" + bytes(4))
    ('avif', None)
    """
    if head[4:8] != b"ftyp":
        return None
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))]
    named = [brand.decode("ascii", "replace") for brand in brands]
    if named[0] not in _STILLS:
        return None
    return "avif" if "avif" in named else named[0]

from __future__ import annotations

import platform

from fourierfield.training._estimate import keep_freed_memory


def test_works_where_there_is_glibc_and_is_harmless_elsewhere() -> None:
    assert keep_freed_memory() is (platform.libc_ver()[0] == "glibc")

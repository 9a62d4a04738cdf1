"""Tables of numbers as values at points: CSV, TSV, text with any separator, packed or not, and Parquet."""

from .reading import as_points, looks_like_table, read_table

__all__ = ["as_points", "looks_like_table", "read_table"]

"""Tables of points."""

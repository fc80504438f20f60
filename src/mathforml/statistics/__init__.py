"""Statistics: how sure a number is that was computed from data."""

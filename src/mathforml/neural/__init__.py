"""Neural networks, one bend and one pullback at a time."""

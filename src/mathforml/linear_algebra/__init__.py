"""Directions that a matrix leaves alone, and the few that are worth keeping."""

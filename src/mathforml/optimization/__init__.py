"""Optimization: from a slope to a minimum, and how many steps that takes."""

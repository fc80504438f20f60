"""Probability: what one may believe before looking, and how much more after it."""

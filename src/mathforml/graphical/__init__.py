"""Graphical models: many variables at once, and what each says about the others."""

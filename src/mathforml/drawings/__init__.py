"""Drawings of matplotlib, made fit for a page.  Nothing here needs matplotlib itself."""

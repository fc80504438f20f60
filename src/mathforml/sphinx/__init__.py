"""A Sphinx extension for books whose code and equations run.

Put ``extensions = ["myst_nb", "mathforml.sphinx"]`` into ``conf.py`` of any MyST-NB project.
Each module of this folder is one capability and has a ``setup`` of its own.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

__all__ = ["setup"]

CAPABILITIES = (
    "formulas",  # LaTeX to MathML, at build time
    "fonts",  # faces cut to the characters that the site draws
    "access",  # what Sphinx's HTML denies to keyboards and screen readers
    "pages",  # a description for each page, a page for lost readers
    "assets",  # the style sheet that goes with it all
    "listing",  # {listing}: a tested function, on the page
    "snippet",  # {snippet}: the same, to copy
    "figures",  # inline SVG in the page's colors, alternative text
    "moving",  # a slider over frames computed at build time
    "boxes",  # theorem, proof, exercise, solution, side note
    "folds",  # answers into their exercises, cells into their boxes
    "certificates",  # what ran, under its cell
    "executed",  # every display held to account
    "answers",  # fields in exercises, their right answers computed by a cell
    "fields",  # forms that the browser checks
    "progress",  # what has been solved, kept on the reader's device
    "worksheet",  # questions to fill in, on paper or on the device
    "marks",  # beside the number of an equation
    "places",  # pages written again when others change
    "ledger",  # all equations, all symbols
    "meanings",  # what each symbol is called
    "prerequisites",  # what comes before a page, and who needs it
    "contradictions",  # names in cells against the notation
    "paths",  # a map of the chapters, and who needs which
    "self_test",  # a level for each subject, and what is left of the paths
    "symbol_list",  # all symbols, to look up
    "published",  # numbers in print, computed again
    "agreement",  # the package beside other libraries
    "notation",  # what the engine reads, as examples that run
    "cells",  # stable addresses of code cells
    "lean",  # code without elements that show nothing
    "notebooks",  # the executed notebook, to download
    "kernels",  # one interpreter, one thread
    "outlines",  # numbers, without loading every page
    "searching",  # every entry stays in the search index
    "freshness",  # read again what changed, and nothing else
    "failures",  # a failing cell: page, line, cell, cause
)


def setup(app: "Sphinx") -> "ExtensionMetadata":
    """Set up every capability."""
    for name in CAPABILITIES:
        import_module(f"{__name__}.{name}").setup(app)
    return {
        "version": version("mathforml"),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }

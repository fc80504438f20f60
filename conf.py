"""How Sphinx builds the book.  The sources are in docs/, the tested code in src/."""

import ast
import os
import subprocess
import tomllib
from importlib.metadata import version as installed
from pathlib import Path

ROOT = Path(__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"]


def commit() -> str:
    """Return the short name of the commit that is built, or nothing outside a checkout."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def functions() -> list[str]:
    """Return the names of the functions that chapters derive, which formulas draw in blue."""
    chapters = [path.relative_to(ROOT / "docs") for path in ROOT.glob("docs/*/*.md")]
    modules = [ROOT / "src/mathforml" / path.with_suffix(".py") for path in chapters]
    bodies = [ast.parse(path.read_text("utf-8")).body for path in modules if path.exists()]
    names = {node.name for body in bodies for node in body if isinstance(node, ast.FunctionDef)}
    return sorted(names)


# The book

project = "mathforml"
author = "The mathforml authors"
copyright = f"{author}. Text CC BY 4.0, code BSD-3-Clause"
release = version = installed("mathforml")
language = "en"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "mathforml.sphinx",
]
exclude_patterns = ["_static", "_templates", "data"]
templates_path = ["docs/_templates"]
nitpicky = True

# Pages and their cells

myst_enable_extensions = [
    "amsmath",
    "attrs_inline",
    "attrs_block",
    "colon_fence",
    "deflist",
    "dollarmath",
]
myst_heading_anchors = 3
nb_execution_mode = "force"  # an output is shown only if it has just been computed
nb_execution_timeout = 120
nb_merge_streams = True
nb_mime_priority_overrides = [("html", "image/svg+xml", 5)]

mathforml_data = {
    "reference/agreement": ["../benchmarks/results"],
    "practice/*": ["data/caravan.csv.gz"],  # missing or there, they run
}

# Who reads what, and in which order

mathforml_parts = [
    *("foundations", "linear_algebra", "calculus", "optimization", "probability", "statistics"),
    *("learning", "structure", "graphical", "neural", "decisions", "practice"),
]
mathforml_readers = {
    "analyst": "Analyst: I read results and decide",
    "engineer": "Product engineer: I build with models",
    "scientist": "Applied scientist: I train models of my own",
    "researcher": "Researcher: I read and write papers",
}
mathforml_roots = ["foundations/derivatives", "foundations/floating_point"]
mathforml_notation = "notation.toml"

# Every displayed equation is executed, or says why not

mathforml_account = True

# Numbers follow the table of contents

numfig = True
numfig_format = {"figure": "Figure %s", "table": "Table %s", "code-block": "Listing %s"}
math_numfig = True
numfig_secnum_depth = 2
math_eqref_format = "({number})"
html_secnumber_suffix = " "

# The API

add_module_names = False
autodoc_typehints = "none"
autosummary_generate = False  # it would import the package for nothing
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
bibtex_bibfiles = ["docs/references.bib"]
bibtex_default_style = "plain"

# The site

html_title = "mathforml"
html_context = {"commit": commit(), "repository": REPOSITORY}
html_baseurl = os.environ.get("SITE_URL", "")  # where it is published, if that is known
html_math_renderer = "mathml"
myst_update_mathjax = False
mathforml_gradient_accent = "bar"
mathforml_function_names = functions()
mathforml_describe_pages = True

html_theme = "furo"
html_theme_options = {"top_of_page_buttons": []}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "chapter-map.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_static_path = ["docs/_static"]
html_css_files = ["book.css"]
html_favicon = "docs/_static/favicon.svg"
mathforml_faces = {
    "fonts/text.woff2": "text",
    "fonts/text-italic.woff2": "text",
    "fonts/code.woff2": "code",
}
mathforml_code_classes = ("c1", "fm", "gp", "go", "linenos", "nf", "s1", "s2", "sd")
pygments_style = pygments_dark_style = "none"  # book.css colors the few names that have a color
html_copy_source = False
html_show_sphinx = False
copybutton_exclude = ".linenos, .gp, .go"


def choose_sheets(app, pagename, templatename, context, doctree) -> None:
    """Leave out the style sheets whose work book.css does; give the landing page its own."""
    if pagename == app.config.root_doc:
        app.add_css_file("landing.css", priority=850)
    names = ("mystnb", "pygments", "furo-extensions")
    sheets = context["css_files"]
    sheets[:] = [css for css in sheets if not any(name in str(css.filename) for name in names)]


def setup(app) -> None:
    """Connect what only this book needs."""
    app.connect("html-page-context", choose_sheets, priority=900)

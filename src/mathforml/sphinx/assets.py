"""Ship the style sheet of the extension with the site."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

FOLDER = str(Path(__file__).parent / "static")


def add_folder(app: Sphinx, config: Config) -> None:
    """Let Sphinx copy the folder; a project's own files of the same name win."""
    if FOLDER not in config.html_static_path:
        config.html_static_path.insert(0, FOLDER)


def setup(app: Sphinx) -> None:
    """Add the folder and the style sheet."""
    app.connect("config-inited", add_folder)
    app.add_css_file("extension.css")

"""A package to copy from, written for each test."""

from textwrap import dedent

import pytest

from mathforml.snippets import snippet


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a function that writes the modules of a package called ``pkg`` and copies from it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(*names, **modules):
        for name, text in {"__init__": "raise ImportError('nothing is run')", **modules}.items():
            path = tmp_path / "pkg" / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"))
        return snippet(*(f"pkg.{name}" for name in names), license="").code

    return write

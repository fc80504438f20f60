"""A pytest plugin: modules made of copies take the place of the package's mathematics.

In a stand-in for a module, each public function is taken from its own copy, run by itself; the
copies share only their classes, so that what one returns is what another expects.  Whatever else
of the package a test imports is refused: tests of the mathematics need none of it.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
from types import ModuleType

from hypothesis import settings

from mathforml.snippets import snippet
from mathforml.snippets.modules import find_module, read

APART = ("mathforml.snippets", "mathforml.equations", "mathforml.exercises", "mathforml.published")
CLASSES: dict[tuple[str, str], type] = {}  # the one class of each name, for all copies
USED: set[str] = set()


class Copies(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Find a module of the mathematics, and make it of copies."""

    def find_spec(self, name, path=None, target=None):
        """Take each module below a part, and ``shapes``."""
        file = find_module(name) if name.startswith("mathforml.") else None
        if file is None or file.name == "__init__.py" or name.startswith(APART):
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module with what its names' copies define."""
        USED.add(module.__name__)
        source = read(module.__name__)
        for name in [*source.public(), *source.pieces]:
            if not hasattr(module, name) and not name.startswith("__"):
                setattr(module, name, copied(module.__name__, name))


def copied(module: str, name: str) -> object:
    """Run the copy of one thing by itself, and return the thing."""
    names: dict[str, object] = {"__name__": f"copy_of_{name}"}
    code = snippet(f"{module}.{name}").code
    exec(compile(code, f"<copy of {module}.{name}>", "exec", dont_inherit=True), names)
    for key, value in names.items():
        if isinstance(value, type) and value.__module__ == names["__name__"]:
            names[key] = CLASSES.setdefault((value.__qualname__, str(value.__doc__)), value)
    return names[name]


def pytest_configure() -> None:
    """Put the copies before the package; forget what is imported already."""
    kept = ("mathforml.snippets",)
    for name in [name for name in sys.modules if name.startswith("mathforml.")]:
        if not name.startswith(kept):
            del sys.modules[name]
    sys.meta_path.insert(0, Copies())


def pytest_collection() -> None:
    """Draw few examples: the formulas have been tested, the copying is."""
    settings.register_profile("copies", settings.get_profile("book"), max_examples=8)
    settings.load_profile("copies")


def pytest_terminal_summary(terminalreporter) -> None:
    """Say which modules were made of copies."""
    terminalreporter.line("copies: " + json.dumps(sorted(USED)))

"""Find which files the cells of a page can reach, without running anything."""

import ast
import hashlib
import importlib.util
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

CELL = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,}|:{3,})\{code-cell\}[^\n]*\n"
    r"(?P<body>.*?)^[ \t]*(?P=fence)[ \t]*$",
    re.M | re.S,
)
OPTIONS = re.compile(r"\A---\n.*?^---[ \t]*\n|\A(?:[ \t]*:[\w-]+:[^\n]*\n)+", re.M | re.S)
LOAD = re.compile(r"^[ \t]*:?load:[ \t]*(\S+)", re.M)
LONGEST = 200  # characters of a string that may name a file
IPYTHON: Any = TransformerManager  # it has no types
REMEMBERED = 2000  # pieces of code
OWN = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()  # what other rules read is void
READ: dict[str, tuple[list[str], list[str]]] = {}  # by digest of some code and its package
INLINE_CODE = re.compile(r"(?<!`)`[^`\n]+`(?!`)")


class Sources:
    """The modules of the watched packages, and what each imports and names.

    Parameters
    ----------
    packages : iterable of str
        Names of the packages (or modules) to watch.
    """

    def __init__(self, packages: Iterable[str]) -> None:
        self.roots = {name: root for name in packages if (root := root_of(name))}

    def page(self, text: str, page: Path, top: Path) -> set[Path]:
        """Return the files that a page's cells import or name, and modules that it names."""
        code, names, files = [], set(self._mentioned(text)), set()
        for cell in cells(text, page.suffix):
            options = match.group() if (match := OPTIONS.match(cell)) else ""
            for name in LOAD.findall(options):
                files.update(existing([name], page.parent))
            code.append(cell[len(options) :])
        for source in code:
            imported, strings = read(source, "")
            names |= imported
            files.update(existing(strings, page.parent, top, folders=True))
        for script in files:
            if script.suffix == ".py":
                names |= read(script.read_text("utf-8", "replace"), "")[0]
        return files | self.closure(names, page.parent)

    def closure(self, names: Iterable[str], beside: Path | None = None) -> set[Path]:
        """Return the files of all modules that the named ones import, and the data these name."""
        found = self.modules(names, beside)
        return found.keys() | {
            data for path, (_, strings) in found.items() for data in existing(strings, path.parent)
        }

    def modules(
        self, names: Iterable[str], beside: Path | None = None
    ) -> dict[Path, tuple[set[str], set[str]]]:
        """Return what `read` finds in all modules that the named ones import, by their files."""
        found: dict[Path, tuple[set[str], set[str]]] = {}
        waiting, seen = sorted(names), set()
        while waiting:
            if (name := waiting.pop()) in seen:
                continue
            seen.add(name)
            if (path := self.find(name, beside)) is None:
                continue
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            found[path] = read(path.read_text("utf-8", "replace"), package)
            waiting += sorted(with_parents([name, *found[path][0]]))
        return found

    def find(self, name: str, beside: Path | None = None) -> Path | None:
        """Return the file of a module of a watched package, or of one that lies beside the page."""
        folder = self.roots.get(name.partition(".")[0], beside)
        if folder is None:
            return None
        stem = folder.joinpath(*name.split("."))
        candidates = (stem / "__init__.py", stem.with_name(f"{stem.name}.py"))
        return next((path for path in candidates if path.is_file()), None)

    def _mentioned(self, text: str) -> Iterator[str]:
        for root in self.roots:
            dotted = re.findall(rf"\b{re.escape(root)}(?:\.\w+)*", INLINE_CODE.sub("", text))
            yield from with_parents(dotted)


def root_of(package: str) -> Path | None:
    """Return the folder that holds a package or a module, without importing it."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).parent
    return Path(spec.origin).parent if spec.origin else None


def cells(text: str, suffix: str) -> list[str]:
    """Return the text of each code cell of a page, options included."""
    if suffix == ".ipynb":
        notebook = json.loads(text or "{}")
        sources = [c["source"] for c in notebook.get("cells", ()) if c["cell_type"] == "code"]
        return [source if isinstance(source, str) else "".join(source) for source in sources]
    return [match["body"] for match in CELL.finditer(text)]


def read(source: str, package: str) -> tuple[set[str], set[str]]:
    """Return the modules that some code imports, and the strings in it that may name files."""
    key = hashlib.sha256(f"{OWN}\n{package}\n{source}".encode()).hexdigest()
    if key not in READ:
        try:
            nodes = list(ast.walk(parsed(source)))
        except SyntaxError:  # it says so itself when it runs
            nodes = []
        values = (node.value for node in nodes if isinstance(node, ast.Constant))
        strings = {value for value in values if isinstance(value, str) and short(value)}
        READ[key] = sorted(with_parents(imports(nodes, package))), sorted(strings)
    imported, named = READ[key]
    return set(imported), set(named)


def recall(file: Path) -> None:
    """Take from a file what earlier builds read: to parse a package takes a while."""
    with suppress(OSError, ValueError):
        READ.update(json.loads(file.read_text("utf-8")))


def remember(file: Path) -> None:
    """Leave in a file what was read, the latest of it."""
    file.write_text(json.dumps(dict([*READ.items()][-REMEMBERED:])), "utf-8")


def short(string: str) -> bool:
    """Return whether a string may name a file."""
    return len(string) < LONGEST and string.isprintable()


def parsed(source: str) -> ast.Module:
    """Parse code, or a cell with magics."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse(str(IPYTHON().transform_cell(source)))


def imports(nodes: Iterable[ast.AST], package: str) -> Iterator[str]:
    """Yield the dotted name of each module that some code may import."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(parents if node.level else ()), *filter(None, [node.module])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))


def with_parents(names: Iterable[str]) -> set[str]:
    """Return dotted names and all packages above them."""
    parts = (name.split(".") for name in names)
    return {".".join(p[: depth + 1]) for p in parts for depth in range(len(p))}


def existing(strings: Iterable[str], *bases: Path, folders: bool = False) -> set[Path]:
    """Return the files (or also the folders) that strings name, seen from some folders."""
    strings = set(strings)
    words = strings | {word for string in strings for word in string.split() if "." in word}
    found = set()
    for word in words:
        if word.strip("./\\ "):
            paths = [base / word for base in bases]
            found |= {path.resolve() for path in paths if path.is_file()}
            if folders and paths[0].is_dir():
                found.add(paths[0].resolve())
    return found

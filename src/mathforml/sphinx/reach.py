"""Find which files the cells of a page can reach, without running anything."""

import ast
import importlib.util
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

CELL = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,}|:{3,})\{code-cell\}[^\n]*\n"
    r"(?P<body>.*?)^[ \t]*(?P=fence)[ \t]*$",
    re.M | re.S,
)
OPTIONS = re.compile(r"\A---\n.*?^---[ \t]*\n|\A(?:[ \t]*:[\w-]+:[^\n]*\n)+", re.M | re.S)
LOAD = re.compile(r"^[ \t]*:?load:[ \t]*(\S+)", re.M)
MAGIC = re.compile(r"^[ \t]*[%!].*$", re.M)
IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.M)
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
        self._known: dict[Path, tuple[set[str], set[str]]] = {}

    def page(self, text: str, page: Path, top: Path) -> set[Path]:
        """Return the files that a page's cells import or name, and modules that it names."""
        code, names, files = [], set(self._mentioned(text)), set()
        for cell in cells(text, page.suffix):
            options = match.group() if (match := OPTIONS.match(cell)) else ""
            for name in LOAD.findall(options):
                files.update(existing([name], page.parent))
            code.append(cell[len(options) :])
        code += [path.read_text("utf-8", "replace") for path in files if path.suffix == ".py"]
        for source in code:
            imported, strings = read(source, "")
            names |= imported
            files.update(existing(strings, page.parent, top, folders=True))
        return files | self.closure(names, page.parent)

    def closure(self, names: Iterable[str], beside: Path | None = None) -> set[Path]:
        """Return the files of all modules that the named ones import, and the data these name."""
        found: set[Path] = set()
        waiting, seen = sorted(names), set()
        while waiting:
            if (name := waiting.pop()) in seen:
                continue
            seen.add(name)
            if (path := self.find(name, beside)) is None:
                continue
            imported, strings = self._read(path, name)
            found |= {path} | existing(strings, path.parent)
            waiting += sorted(imported)
        return found

    def find(self, name: str, beside: Path | None = None) -> Path | None:
        """Return the file of a module of a watched package, or of one that lies beside the page."""
        folder = self.roots.get(name.partition(".")[0], beside)
        if folder is None:
            return None
        stem = folder.joinpath(*name.split("."))
        candidates = (stem / "__init__.py", stem.with_name(f"{stem.name}.py"))
        return next((path for path in candidates if path.is_file()), None)

    def _read(self, path: Path, name: str) -> tuple[set[str], set[str]]:
        if path not in self._known:
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            imported, strings = read(path.read_text("utf-8", "replace"), package)
            self._known[path] = with_parents({name, *imported}), strings
        return self._known[path]

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
    """Return the modules that some code imports, and the strings in it."""
    magics = MAGIC.findall(source)
    strings = {word.strip("\"'") for line in magics for word in line.split()}
    try:
        tree = ast.parse(MAGIC.sub(lambda line: " " * len(line.group()), source))
    except SyntaxError:
        return with_parents(IMPORT.findall(source)), strings
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    strings |= {value for value in constants if isinstance(value, str)}
    return with_parents(imports(tree, package)), strings


def imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Yield the dotted name of each module that a tree may import."""
    for node in ast.walk(tree):
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
    found = set()
    for string in strings:
        if not string.strip("./\\ ") or len(string) > 200 or not string.isprintable():
            continue
        paths = [base / string for base in bases]
        found |= {path.resolve() for path in paths if path.is_file()}
        if folders and paths[0].is_dir():
            found.add(paths[0].resolve())
    return found

"""What each page came from: paths and patterns, with digests of their content.

The records lie beside Sphinx's own, as JSON: whoever starts a build reads them before it imports
anything but Python's own library.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

Record = dict[str, str]
FILE = "records.json"
PAGES = (".ipynb", ".md", ".rst")  # not the data of a folder that holds them, too


class Digests:
    """The contents of files and patterns, each looked at once."""

    def __init__(self) -> None:
        self.known: Record = {}

    def now(self, keys: Iterable[str]) -> Record:
        """Return the present digests of some paths and patterns."""
        found = {}
        for key in keys:
            if key not in self.known:
                self.known[key] = digest(key)
            found[key] = self.known[key]
        return found


def digest(key: str) -> str:
    """Return the SHA-256 of a file, of the data in a folder, or of all files of a pattern."""
    path = Path(key)
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    found = path.rglob("*") if path.is_dir() else matching(path)
    files = (file for file in found if file.is_file() and not file.name.endswith(PAGES))
    lines = sorted(f"{file}: {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else "absent"


def matching(pattern: Path) -> Iterator[Path]:
    """Yield the files that an absolute pattern matches."""
    return Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))


def load(folder: Path) -> dict[str, Record]:
    """Return the record of each page that a build left in a folder."""
    try:
        found: dict[str, Record] = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def save(folder: Path, records: dict[str, Record]) -> None:
    """Keep the record of each page."""
    (folder / FILE).write_text(json.dumps(records, sort_keys=True), "utf-8")


def outdated(folder: Path, pages: Path) -> Iterator[Path]:
    """Yield the files of a folder of pages that changed since a build, or whose sources did."""
    known, digests = load(folder), Digests()
    for file in sorted(pages.rglob("*")):
        if file.suffix in PAGES:
            record = known.get(file.relative_to(pages).with_suffix("").as_posix())
            if record is None or digests.now(record) != record:
                yield file

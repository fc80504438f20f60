"""Serve the last good site, and build again when a page, the code or the look of it changes.

Each build is a process of its own: it imports the code as it now is.  Pages reload through a script
that the server adds to what it sends; the published files have none.
"""

import logging
import subprocess
import sys
import threading
import time
from contextlib import suppress

from livereload import Server

from mathforml.sphinx.publish import Book, published, sources

PAUSE = 0.5  # seconds between two looks at the files


def serve(book: Book, port: int) -> None:
    """Build, serve, and follow changes until interrupted."""
    seen = state(book)
    rebuild(book)
    threading.Thread(target=follow, args=(book, seen), daemon=True).start()
    logging.disable(logging.INFO)  # the server's own chatter
    print(f"open http://localhost:{port} (Ctrl-C ends)", flush=True)
    server = Server()
    server.watch(str(published(book)))
    server.serve(port=port, host="localhost", root=str(book.output), debug=False)


def follow(book: Book, seen: dict[str, tuple[int, int]]) -> None:
    """Build whenever what the site is made from differs from what was last seen."""
    while True:
        now = state(book)
        if now != seen:
            seen = now
            rebuild(book)
        time.sleep(PAUSE)


def state(book: Book) -> dict[str, tuple[int, int]]:
    """Return time and size of each file that the site is made from."""
    files: dict[str, tuple[int, int]] = {}
    for path in sources(book):
        for file in [path] if path.is_file() else path.rglob("*.*"):
            if "__pycache__" in file.parts or file.name.startswith("."):
                continue
            with suppress(OSError):  # editors' temporary files come and go
                files[str(file)] = (file.stat().st_mtime_ns, file.stat().st_size)
    return files


def rebuild(book: Book) -> None:
    """Build in a process of its own; it says itself what came of it."""
    options = ["--source", book.source, "--config", book.config, "--output", book.output]
    words = [*map(str, options), "--jobs", str(book.jobs)]
    subprocess.run([sys.executable, "-m", "mathforml.sphinx", "build", *words], check=False)

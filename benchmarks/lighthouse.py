"""Read the built site with Lighthouse, as on a desk and as on a slow phone, against the goals.

``python -m benchmarks.lighthouse [start/notation ...]`` installs Lighthouse into
``build/lighthouse`` once; it needs Node.js and Chromium.  The site is served as its host serves it:
compressed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build/lighthouse"
VERSION = "lighthouse@12"  # needs Node.js 18
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = "--headless=new --no-sandbox --disable-gpu"
PAGES = ("index", "neural/activations")
KINDS = ("performance", "accessibility", "best-practices", "seo")
GOALS = {"desktop": (99, 100, 100, 100), "mobile": (95, 100, 100, 100)}
TIMES = {
    "first paint": "first-contentful-paint",
    "last": "largest-contentful-paint",
    "blocked": "total-blocking-time",
}


class Host(SimpleHTTPRequestHandler):
    """Serve files compressed, as hosts of static sites do."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Keep silent."""

    def do_GET(self) -> None:
        """Answer with a file or with 404."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body, kind = path.read_bytes(), self.guess_type(path)
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if "text" in kind else kind)
        if path.suffix != ".woff2":
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page_of(word: str) -> str:
    """Return the name of a page, however it is given: as a name, a file, or a file of its text.

    Examples
    --------
    >>> page_of("start/notation"), page_of("start/notation.html"), page_of("docs/index.md")
    ('start/notation', 'start/notation', 'index')
    """
    return word.removeprefix("docs/").removesuffix(".html").removesuffix(".md").strip("/")


def missing(site: Path, pages: Iterable[str] = ()) -> str:
    """Say what is needed and not there; nothing if all is."""
    if not (site / "index.html").is_file():
        return f"{site} holds no site: run make html first"
    for page in pages:
        if not (site / f"{page}.html").is_file():
            fact = f"no page {page!r} in {site}; expected a name such as {PAGES[1]!r}"
            return fact + close(page, site)
    if not (shutil.which("node") and shutil.which("npm")):
        return "no Node.js: install node and npm, 18 or newer (https://nodejs.org)"
    if not chromium():
        return f"no Chromium: install {' or '.join(BROWSERS)}, or set CHROMIUM to its path"
    return ""


def close(page: str, site: Path) -> str:
    """Return words that suggest the page whose name is the most similar, if one is."""
    names = [path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")]
    by_end = [name for name in names if name.endswith(f"/{page}")]
    found = by_end or get_close_matches(page, names, 1)
    return f"; perhaps {found[0]!r}" if found else ""


def chromium() -> str:
    """Return the path of the browser; nothing if there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), "")


class Failure(Exception):
    """What npm or Lighthouse could not do."""


def install() -> Path:
    """Return Lighthouse's program, installed if it is not there yet."""
    program = FOLDER / "node_modules/lighthouse/cli/index.js"
    if not program.is_file():
        print(f"installing {VERSION} into {os.path.relpath(FOLDER, ROOT)}")
        FOLDER.mkdir(parents=True, exist_ok=True)
        words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
        if subprocess.run([*words, VERSION]).returncode:
            raise Failure(f"npm could not install {VERSION}")
    return program


def read(program: Path, address: str, form: str) -> dict[str, Any]:
    """Return one report."""
    words = ["node", str(program), address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    words += ["--preset=desktop"] if form == "desktop" else []
    env = {**os.environ, "CHROME_PATH": chromium()}
    ran = subprocess.run(words, env=env, capture_output=True, text=True)
    if ran.returncode:
        said = [text.strip() for text in ran.stderr.splitlines() if text.strip()]
        raise Failure(
            f"Lighthouse failed on {address}: {said[0] if said else 'it does not say why'}"
        )
    report: dict[str, Any] = json.loads(ran.stdout)
    error = report.get("runtimeError", {})
    if error.get("code", "NO_ERROR") != "NO_ERROR":
        raise Failure(f"Lighthouse could not read {address}: {error['message']}")
    return report


def scores(reports: list[dict[str, Any]]) -> tuple[int, ...]:
    """Return the middle score of each kind, in hundredths."""
    categories = [report["categories"] for report in reports]
    return tuple(round(100 * median(one[kind]["score"] for one in categories)) for kind in KINDS)


def line(name: str, form: str, reports: list[dict[str, Any]]) -> tuple[str, bool]:
    """Return a line of the table, and whether the goals are met."""
    found, goal = scores(reports), GOALS[form]
    marks = [
        "" if score >= least else f" < {least}" for score, least in zip(found, goal, strict=True)
    ]
    cells = [f"{score}{mark}" for score, mark in zip(found, marks, strict=True)]
    times = [
        f"{label} {median(report['audits'][audit]['numericValue'] for report in reports):.0f} ms"
        for label, audit in TIMES.items()
    ]
    columns = "".join(f"{cell:>16}" for cell in cells)
    return f"{name:28}{form:8}{columns}   {', '.join(times)}", not any(marks)


def main(words: list[str] | None = None) -> int:
    """Print the scores; return 1 if one is below its goal, 2 if something is missing or fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lighthouse", description=__doc__)
    parser.add_argument("page", nargs="*", type=page_of, default=PAGES, help=f"such as {PAGES[1]}")
    parser.add_argument("--runs", type=int, default=3, help="of which the middle one counts (3)")
    parser.add_argument("--site", type=Path, default=ROOT / "build/html")
    given = parser.parse_args(words)
    if lack := missing(given.site, given.page):
        print(lack, file=sys.stderr)
        return 2
    try:
        return 0 if score(given.site, given.page, given.runs) else 1
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 2


def score(site: Path, pages: Iterable[str], runs: int) -> bool:
    """Print a line for each page and form; tell whether all goals are met."""
    program = install()
    print(f"{'':36}{''.join(f'{kind:>16}' for kind in KINDS)}")
    all_good = True
    with served(site) as address:
        for page in pages:
            for form in GOALS:
                reports = [read(program, f"{address}{page}.html", form) for _ in range(runs)]
                text, good = line(page, form, reports)
                print(text, flush=True)
                all_good &= good
    return all_good


if __name__ == "__main__":
    sys.exit(main())

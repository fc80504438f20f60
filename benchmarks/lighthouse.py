"""Read the built site with Lighthouse, as on a desk and as on a slow phone, against the goals.

``python -m benchmarks.lighthouse [page ...]`` installs Lighthouse into ``build/lighthouse`` once;
it needs Node.js and Chromium.  The site is served as its host serves it: compressed.
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
from collections.abc import Iterator
from contextlib import contextmanager
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
PAGES = ("index.html", "neural/activations.html")
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
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def missing(site: Path) -> str:
    """Say what is needed and not there; nothing if all is."""
    if not (site / "index.html").is_file():
        return f"{site} holds no site: run make html first"
    if not (shutil.which("node") and shutil.which("npm")):
        return "no Node.js: install node and npm, 18 or newer (https://nodejs.org)"
    if not chromium():
        return f"no Chromium: install {' or '.join(BROWSERS)}, or set CHROMIUM to its path"
    return ""


def chromium() -> str:
    """Return the path of the browser; nothing if there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), "")


def install() -> Path:
    """Return Lighthouse's program, installed if it is not there yet."""
    program = FOLDER / "node_modules/lighthouse/cli/index.js"
    if not program.is_file():
        print(f"installing {VERSION} into {FOLDER.relative_to(ROOT)}")
        FOLDER.mkdir(parents=True, exist_ok=True)
        words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
        subprocess.run([*words, VERSION], check=True)
    return program


def read(program: Path, address: str, form: str) -> dict[str, Any]:
    """Return one report."""
    words = ["node", str(program), address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    words += ["--preset=desktop"] if form == "desktop" else []
    env = {**os.environ, "CHROME_PATH": chromium()}
    ran = subprocess.run(words, env=env, stdout=subprocess.PIPE, check=True)
    report: dict[str, Any] = json.loads(ran.stdout)
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
    """Print the scores; return 1 if one is below its goal, 2 if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lighthouse", description=__doc__)
    parser.add_argument("page", nargs="*", default=PAGES, help=f"such as {PAGES[1]}")
    parser.add_argument("--runs", type=int, default=3, help="of which the middle one counts (3)")
    parser.add_argument("--site", type=Path, default=ROOT / "build/html")
    given = parser.parse_args(words)
    if lack := missing(given.site):
        print(lack, file=sys.stderr)
        return 2
    program = install()
    print(f"{'':36}{''.join(f'{kind:>16}' for kind in KINDS)}")
    all_good = True
    with served(given.site) as address:
        for name in given.page:
            for form in GOALS:
                reports = [read(program, address + name, form) for _ in range(given.runs)]
                text, good = line(name, form, reports)
                print(text, flush=True)
                all_good &= good
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())

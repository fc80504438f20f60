"""The built site, served on this machine and read by a real browser that reaches nothing else."""

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Route

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site."""
    folder = Path(os.environ.get("MATHFORML_SITE", ROOT / "build/html"))
    if not (folder / "index.html").is_file():
        pytest.fail(f"{folder} holds no site: run make html first")
    return folder


class Handler(SimpleHTTPRequestHandler):
    """Serve a folder as a web host would: silently, and with the site's own page for a miss."""

    def log_message(self, *args: Any) -> None:
        pass

    def send_error(self, code: int, *args: Any, **kwargs: Any) -> None:
        page = Path(self.directory, "404.html")
        if code != 404 or not page.is_file():
            super().send_error(code, *args, **kwargs)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Serve the site and return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


class Reader:
    """A window on the site; what it asks of other hosts is noted and refused."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.asked_outside: list[str] = []
        context.route(lambda url: not url.startswith((address, "data:", "blob:")), self.refuse)

    def refuse(self, route: Route) -> None:
        self.asked_outside.append(route.request.url)
        route.abort()

    def open(self, path: str) -> Any:
        """Return a new tab with a page of the site."""
        page = self.context.new_page()
        page.goto(self.address + path)
        return page


@pytest.fixture(scope="module")
def open_reader(browser: Browser, address: str) -> Iterator[Any]:
    """Return what opens windows, which close after the last test of the file."""
    contexts = []

    def start(**settings: Any) -> Reader:
        contexts.append(browser.new_context(**settings))
        contexts[-1].set_default_timeout(10_000)
        return Reader(contexts[-1], address)

    yield start
    for context in contexts:
        context.close()

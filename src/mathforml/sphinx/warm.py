"""Keep one warm process, from which the kernel of every page is forked: run as a file, Linux only.

Starting Python and importing NumPy, matplotlib and IPython takes a kernel longer than most pages
take to run.  Here this is done once.  The process has no threads, no sockets of a kernel, and
never imports the packages of the book: each page imports them as they are when it runs.

The arguments are where to listen, and what to import beside what all pages use.
The parent writes one line of JSON to a connection, ``{"argv": …, "env": …, "cwd": …}``; the answer
is the number of the new process, and later its exit code.  When the parent's end of the standard
input closes, all kernels are killed.
"""

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

HEAVY = (
    "IPython",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_svg",  # pyplot itself would look for a shell, and find none
    "matplotlib.figure",
    "myst_nb",
    "numpy",
)


def warm_up(more: list[str]) -> None:
    """Import what most pages use, and what these pages use, as far as it is installed."""
    sys.path.pop(0)  # the folder of this file
    for name in (*HEAVY, *more):
        with suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that the collector does not touch, and copy, what the kernels share


def become_kernel(order: dict[str, Any]) -> None:
    """Turn this process into the kernel that was ordered."""
    os.setsid()
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"  # without which it will not live on
    sys.argv = ["ipykernel_launcher.py", *order["argv"], parent]
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance()


class Server:
    """Forks kernels, and tells the one who ordered a kernel when it ends."""

    def __init__(self, address: str) -> None:
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen(64)
        self.woken, wake = os.pipe()
        for end in (self.woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.wake = wake
        self.kernels: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Serve until the standard input closes."""
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        self.selector.register(self.woken, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self.fork(self.listener.accept()[0])
                elif key.fileobj == self.woken:
                    os.read(self.woken, 4096)
                    self.reap()
                elif not os.read(sys.stdin.fileno(), 4096):
                    for kernel in self.kernels:
                        for end in (os.killpg, os.kill):  # a newborn has no group of its own yet
                            with suppress(ProcessLookupError):
                                end(kernel, signal.SIGKILL)
                    return

    def fork(self, connection: socket.socket) -> None:
        """Start one kernel; the child never returns."""
        line = connection.makefile().readline()
        if not line:
            connection.close()
            return
        kernel = os.fork()
        if kernel == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.selector.close()
            for held in (self.listener, connection, *self.kernels.values()):
                held.close()
            os.close(self.woken)
            os.close(self.wake)
            os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
            status = 1
            try:
                become_kernel(json.loads(line))
                status = 0
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        self.kernels[kernel] = connection
        with suppress(OSError):
            connection.sendall(f"{kernel}\n".encode())

    def reap(self) -> None:
        """Tell of the kernels that ended."""
        while self.kernels:
            kernel, status = os.waitpid(-1, os.WNOHANG)
            if kernel == 0:
                return
            connection = self.kernels.pop(kernel)
            with suppress(OSError):
                connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            connection.close()


if __name__ == "__main__":
    server = Server(sys.argv[1])
    warm_up(sys.argv[2:])
    server.serve()

"""Kernels forked from one warm process; plain kernels where that cannot be.

The kernel's specification names the provisioner of this module, an entry point of jupyter_client.
Without a warm process (`mathforml.sphinx.warmth`), as where a system cannot fork safely, it starts
kernels as jupyter_client's own does.  Either kind is spoken to through files in a folder of its
own: of the ports that jupyter_client finds free, other builds take some before the kernel does.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from mathforml.sphinx.warmth import VARIABLE

PATIENCE = 60.0  # seconds that a warm process may take to begin


class Forked:
    """A forked kernel, with what jupyter_client asks of a process."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.connection = connection
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code of a kernel that has ended."""
        if self.returncode is None:
            self.connection.setblocking(False)
            with suppress(BlockingIOError):
                told = self.connection.recv(64)
                self.returncode = int(told) if told.strip() else -signal.SIGKILL
                self.connection.close()
        return self.returncode

    def wait(self) -> int:
        """Wait for the end of the kernel."""
        while (code := self.poll()) is None:
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


class Provisioner(LocalProvisioner):
    """Orders kernels from the warm process if there is one."""

    folder = ""  # where its sockets are

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the sockets files."""
        manager = self.parent
        if manager is not None and not self.folder:
            self.folder = tempfile.mkdtemp(prefix="kernel")
            manager.transport, manager.ip = "ipc", str(Path(self.folder, "s"))
        return await super().pre_launch(**kwargs)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove them."""
        await super().cleanup(restart)
        if not restart:
            shutil.rmtree(self.folder, ignore_errors=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start a kernel."""
        address = os.environ.get(VARIABLE)
        connection = await connected(address) if address else None
        if connection is None:
            return await super().launch_kernel(cmd, **kwargs)
        order = {
            "argv": cmd[cmd.index("ipykernel_launcher") + 1 :],
            "env": {**kwargs["env"], "JPY_PARENT_PID": ""},
            "cwd": kwargs.get("cwd") or os.getcwd(),
        }
        connection.sendall(json.dumps(order).encode() + b"\n")
        pid = b""
        while not pid.endswith(b"\n"):  # a line comes alone: the next is the exit code
            byte = connection.recv(1)
            if not byte:
                raise RuntimeError("the warm process ended; it could not start a kernel")
            pid += byte
        self.process = cast(Any, Forked(connection, int(pid)))
        self.pid = self.pgid = int(pid)
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info


async def connected(address: str) -> socket.socket | None:
    """Connect to the warm process, which listens before it is warm; nothing if there is none."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(address)
            return connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            await asyncio.sleep(0.02)
    return None

# SPDX-License-Identifier: MIT
"""What cases need around them and no runtime is measured by: files to read, and a server to ask.

Each is made when the first case asks for it, and stays until the end of the bench. A fixture is the
arguments that a script gets, and the flags by which cay grants it; the others are told to grant all.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from child import Stop

MIB = 1024 * 1024
SERVER = "bench-server"
SERVER_SECONDS = 5


@dataclass(frozen=True)
class Fixture:
    args: tuple
    cay_flags: tuple


class Fixtures:
    """Use as a context manager: it removes the files and ends the server."""

    def __init__(self, tools):
        """tools: the folder of the build that the server and other programs of the bench are in."""
        self._tools = tools
        self._made = {}
        self._folder = None
        self._server = None
        self._makers = {
            "files": lambda: self._files("files", 1000, 64 * 1024),
            "file": lambda: self._files("file", 1, 256 * MIB),
            "server": self._serve,
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._server:
            self._server.stdin.close()  # it ends by itself
            try:
                self._server.wait(SERVER_SECONDS)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server.stdout.close()

    def get(self, name):
        """The fixture of that name; Stop when it cannot be had, again at each time of asking."""
        if name not in self._made:
            try:
                self._made[name] = self._makers[name]()
            except (OSError, ValueError, IndexError) as error:
                self._made[name] = Stop(f"n.a. (no {name}: {error})")
        if isinstance(self._made[name], Stop):
            raise self._made[name]
        return self._made[name]

    def tool(self, name):
        """Path of a program of the build."""
        return str(self._tools / name)

    def lacks(self, case):
        """The program without which a case cannot be run, when it was not built."""
        name = SERVER if case.fixture == "server" else case.tool
        return name if name and not os.access(self.tool(name), os.X_OK) else None

    def _files(self, name, count, size):
        """Files "0", "1", ... of bytes that are not 0, on the disk, so that nothing is written back
        while something is measured, and in the page cache."""
        if self._folder is None:
            # A grant of cay holds no symbolic link.
            self._folder = os.path.realpath(tempfile.mkdtemp(prefix="cay-bench-"))
        folder = pathlib.Path(self._folder, name)
        folder.mkdir()
        for number in range(count):
            with open(folder / str(number), "wb") as f:
                for begin in range(0, size, MIB):
                    f.write(os.urandom(min(MIB, size - begin)).replace(b"\0", b"\1"))
        os.sync()
        return Fixture((str(folder), str(count), str(size)), (f"--allow-read={folder}",))

    def _serve(self):
        self._server = subprocess.Popen(
            [self.tool(SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        port = int(self._server.stdout.readline().split()[1])
        return Fixture((f"http://127.0.0.1:{port}/",), (f"--allow-net=127.0.0.1:{port}",))

"""What the kernel refuses a process that confine.py has started, whatever program it runs."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from action_runtime.node import CONFINE

HAS_FILTER = sys.platform == "linux" and "Seccomp:" in Path("/proc/self/status").read_text(encoding="ascii")
pytestmark = pytest.mark.skipif(not HAS_FILTER, reason="this kernel has no filter of system calls")

READ_SIZE = 12_345


def confined(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code that knows `requests`, a pipe with a line in it."""
    requests, writer = os.pipe()
    os.write(writer, b"a request\n")
    os.close(writer)
    program = f"import os, socket, sys\nrequests = {requests}\n{textwrap.dedent(code)}"
    python = [sys.executable, "-I", "-c", program]
    command = [sys.executable, "-I", "-S", str(CONFINE), str(os.getpid()), "768", *python]
    try:
        return subprocess.run(  # noqa: S603 - the test's own code
            [*command, str(requests), "0", "0", str(READ_SIZE)],
            pass_fds=[requests],
            check=False,
            capture_output=True,
            text=True,
        )
    finally:
        os.close(requests)


REFUSALS = """
    import ctypes, json

    libc = ctypes.CDLL(None, use_errno=True)

    def call(name, *arguments):
        def attempt():
            if getattr(libc, name)(*arguments) < 0:
                raise OSError(ctypes.get_errno(), name)
        return attempt

    def number(value):
        return call("syscall", value, 0, 0, 0, 0, 0)

    host = socket.socket()
    attempts = {
        "a local socket": lambda: socket.socket(socket.AF_UNIX),
        "a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM),
        "socketpair": lambda: socket.socketpair(socket.AF_INET),
        "bind": lambda: host.bind(("127.0.0.1", 0)),
        "bind of UDP": lambda: socket.socket(type=socket.SOCK_DGRAM).bind(("127.0.0.1", 0)),
        "listen": host.listen,
        "accept": host.accept,
        "setuid": lambda: os.setuid(os.getuid()),
        "setgid": lambda: os.setgid(os.getgid()),
        "setreuid": lambda: os.setreuid(-1, -1),
        "setresuid": lambda: os.setresuid(-1, -1, -1),
        "setgroups": lambda: os.setgroups([]),
        "a signal to the parent": lambda: os.kill(os.getppid(), 0),
        "a signal to all": lambda: os.kill(-1, 0),
        "ptrace": call("ptrace", 0, 0, 0, 0),
        "process_vm_readv": call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
        "process_vm_writev": call("process_vm_writev", os.getppid(), 0, 0, 0, 0, 0),
        "mount": call("mount", b"none", b"/", b"tmpfs", 0, 0),
        "umount": call("umount2", b"/nowhere", 0),
        "chroot": lambda: os.chroot("/"),
        "unshare": call("unshare", 0x10000000),
        "setns": call("setns", 0, 0),
        "mknod": lambda: os.mknod("/dev/null/no-file"),
        "pidfd_send_signal": number(424),
        "pidfd_getfd": number(438),
        "io_uring_setup": number(425),
        "io_uring_enter": number(426),
        "io_uring_register": number(427),
    }
    refused = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            refused[name] = 0
        except OSError as error:
            refused[name] = error.errno
    print(json.dumps(refused))
"""


def test_the_kernel_refuses_what_reaches_beyond_the_internet() -> None:
    result = confined(REFUSALS)
    assert result.stderr == ""
    refused = json.loads(result.stdout)
    assert len(refused) > 20
    assert {name for name, code in refused.items() if code != errno.EACCES} == set()


def test_sockets_of_the_internet_and_signals_to_itself_are_allowed() -> None:
    result = confined("""
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
            socket.socket(family, socket.SOCK_DGRAM).close()
        socket.socket().connect_ex(("127.0.0.1", 1))
        os.kill(os.getpid(), 0)
    """)
    assert (result.returncode, result.stderr) == (0, "")


def test_memory_has_a_limit_and_a_crash_leaves_no_file() -> None:
    result = confined("""
        import resource
        print(resource.getrlimit(resource.RLIMIT_DATA), resource.getrlimit(resource.RLIMIT_CORE))
        try:
            bytearray(1024 * 2**20)
        except MemoryError:
            print("no memory")
    """)
    limit = 768 * 2**20
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != limit
    assert result.stdout.splitlines() == [f"({limit}, {limit}) (0, 0)", "no memory"]


@pytest.mark.parametrize(
    "read",
    [
        "os.read(requests, 100)",
        f"os.read(requests, {READ_SIZE - 1})",
        "os.readv(requests, [bytearray(100)])",
        f"os.readv(requests, [bytearray({READ_SIZE})])",
        f"os.preadv(requests, [bytearray({READ_SIZE})], 0)",
    ],
)
def test_a_read_of_requests_in_parts_of_another_size_ends_the_process(read: str) -> None:
    result = confined(f"print({read}, flush=True)")
    assert (result.returncode, result.stdout) == (-signal.SIGSYS, "")


def test_requests_are_read_in_parts_of_the_right_size() -> None:
    assert confined(f"print(os.read(requests, {READ_SIZE}))").stdout == "b'a request\\n'\n"

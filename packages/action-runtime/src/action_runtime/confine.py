"""Starts a worker with what the kernel can keep from it. Run as a script, which becomes the worker's process.

    python -I -S confine.py PARENT_PID DATA_LIMIT_MB COMMAND… REQUESTS ANSWERS CLAIMS READ_SIZE

On Linux (x86-64 and ARM64) the process

- is killed when the one that started it ends, whatever it is doing (PR_SET_PDEATHSIG);
- has a limit of memory, including what is outside of the JavaScript heap (RLIMIT_DATA);
- opens sockets of the internet only, neither binds, listens nor accepts, changes no user or group, traces or signals no
  other process and has no other namespaces: a system call filter (seccomp) answers EACCES;
- is killed by the same filter if it reads descriptor REQUESTS in parts of another size than READ_SIZE bytes, a number
  that only the worker's own module knows. An Action that reads it by its number so gets nothing, and has one guess.

Other systems have none of this; there the worker has Node's permissions and guard.js alone. It imports next to nothing
(Linux's numbers stand here instead of signal, socket and platform), so that a worker starts fast.
"""

import ctypes
import os
import struct
import sys

_SIGKILL = 9
_AF_INET, _AF_INET6, _AF_NETLINK = 2, 10, 16
_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

# Classic BPF. Offsets into struct seccomp_data: the number of the call, the architecture, the first argument.
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_REFUSE = 0x00050000 | 13  # EACCES

_X32 = 0x40000000
"""From here on x86-64 has the calls of another ABI."""

# Audit architecture, numbers of read, of readv, preadv and preadv2, of socket and of kill, and what is refused whatever
# its arguments:
# - bind listen accept accept4 socketpair;
# - setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid;
# - ptrace process_vm_readv process_vm_writev pidfd_send_signal pidfd_getfd;
# - mount umount2 chroot pivot_root unshare setns mknod (x86-64) mknodat;
# - bpf perf_event_open userfaultfd add_key request_key keyctl;
# - io_uring_setup io_uring_enter io_uring_register, which would go past the filter.
_CALLS = {
    "x86_64": (
        0xC000003E,
        0,
        (19, 295, 327),
        41,
        62,
        (
            *(49, 50, 43, 288, 53),
            *(105, 106, 113, 114, 117, 119, 116, 122, 123),
            *(101, 310, 311, 424, 438),
            *(165, 166, 161, 155, 272, 308, 133, 259),
            *(321, 298, 323, 248, 249, 250),
            *(425, 426, 427),
        ),
    ),
    "aarch64": (
        0xC00000B7,
        63,
        (65, 69, 286),
        198,
        129,
        (
            *(200, 201, 202, 242, 199),
            *(146, 144, 145, 143, 147, 149, 159, 151, 152),
            *(117, 270, 271, 424, 438),
            *(40, 39, 51, 41, 97, 268, 33),
            *(280, 241, 282, 217, 218, 219),
            *(425, 426, 427),
        ),
    ),
}


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _filter(machine: str, pid: int, requests: int, read_size: int) -> bytes:
    architecture, read_call, vector_calls, socket_call, kill_call, refused = _CALLS[machine]
    allow, refuse, kill = (_instruction(_RETURN, action) for action in (_ALLOW, _REFUSE, _KILL))

    def only(call: int, values: tuple[int, ...]) -> list[bytes]:
        # The first argument is one of these, or the call is refused.
        tests = [step for value in values for step in (_instruction(_JUMP_IF_EQUAL, value, 0, 1), allow)]
        rest = [_instruction(_LOAD, _FIRST_ARGUMENT), *tests, refuse]
        return [_instruction(_JUMP_IF_EQUAL, call, 0, len(rest)), *rest]

    steps = [_instruction(_LOAD, _ARCHITECTURE), _instruction(_JUMP_IF_EQUAL, architecture, 1, 0), refuse]
    steps.append(_instruction(_LOAD, _NUMBER))
    if machine == "x86_64":
        steps += [_instruction(_JUMP_IF_AT_LEAST, _X32, 0, 1), refuse]
    of_requests = [_instruction(_LOAD, _FIRST_ARGUMENT), _instruction(_JUMP_IF_EQUAL, requests, 1, 0), allow]
    of_its_size = [_instruction(_LOAD, _THIRD_ARGUMENT), _instruction(_JUMP_IF_EQUAL, read_size, 0, 1), allow]
    read = [*of_requests, *of_its_size, kill]
    steps += [_instruction(_JUMP_IF_EQUAL, read_call, 0, len(read)), *read]
    for call in vector_calls:
        steps += [_instruction(_JUMP_IF_EQUAL, call, 0, len(of_requests) + 1), *of_requests, kill]
    for call in refused:
        steps += [_instruction(_JUMP_IF_EQUAL, call, 0, 1), refuse]
    # Netlink: the C library asks for the machine's own addresses before it resolves a name.
    steps += only(socket_call, (_AF_INET, _AF_INET6, _AF_NETLINK))
    steps += only(kill_call, (pid,))
    return b"".join([*steps, allow])


def _confine(parent: int, data_limit_mb: int, requests: int, read_size: int) -> None:
    import resource  # noqa: PLC0415 - not on every system

    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # It ended before it would have been the one to kill us.
        os._exit(1)
    resource.setrlimit(resource.RLIMIT_DATA, (data_limit_mb * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    machine = os.uname().machine
    if machine not in _CALLS:
        return
    program = _filter(machine, os.getpid(), requests, read_size)
    buffer = ctypes.create_string_buffer(program, len(program))
    descriptor = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        # Fails where the kernel has no filters; worker.py checks for it.
        libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, descriptor, 0, 0)


if __name__ == "__main__":
    if sys.platform == "linux":
        _confine(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[-4]), int(sys.argv[-1]))
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 - the command is the package's own

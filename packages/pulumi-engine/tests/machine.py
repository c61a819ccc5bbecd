"""A fake machine: checkouts, a PATH and a home, with scripts in place of Pulumi, Go and the downloads."""

import json
import os
import select
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pulumi_engine import Engine, ensure, locate

PROVIDER_VERSION = "3.50.1"

# Each script sets its own PATH: the machine's has nothing but the scripts.
HEAD = "#!/bin/sh\nPATH=/usr/bin:/bin\n"
NO_DOWNLOAD = "echo 'warning: will retry'\necho 'error: no such host' >&2\nexit 1"


def script(path: Path, body: str) -> Path:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEAD}{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def pulumi_script(version: str, plugin_install: str = NO_DOWNLOAD) -> str:
    """A Pulumi that prints its version and runs ``plugin_install`` for `pulumi plugin install`."""
    return f'if [ "$1" = version ]; then echo v{version}; exit 0; fi\n{plugin_install}'


def plugin_script(version: str = PROVIDER_VERSION) -> str:
    """A provider plugin that prints its version."""
    return f"echo {version}"


INSTALLS_PLUGIN = (
    f'folder="$PULUMI_HOME/plugins/resource-auth0-v{PROVIDER_VERSION}"\n'
    f'mkdir -p "$folder"\nprintf "#!/bin/sh\\necho {PROVIDER_VERSION}\\n" > "$folder/pulumi-resource-auth0"\n'
    'chmod +x "$folder/pulumi-resource-auth0"'
)


class Lifeline:
    """Shows whether all processes of a script have ended: each of them holds a pipe open while it runs."""

    def __init__(self, path: Path) -> None:  # noqa: D107
        os.mkfifo(path)
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.hang = f'exec 3> "{path}"; echo alive >&3; echo hanging; sleep 600 & wait'
        """Shell code that prints "hanging", starts a child and waits for it forever."""

    def cut(self) -> bool:
        """Whether the script was running and none of its processes is left."""
        content = b""
        while select.select([self._reader], [], [], 10)[0]:
            part = os.read(self._reader, 100)
            if not part:
                break
            content += part
        else:
            return False
        os.close(self._reader)
        return content == b"alive\n"


def engine_folder(checkout: Path) -> Path:
    """Folder of a checkout's engine."""
    return checkout / "pulumi"


@dataclass
class Machine:
    """The fake machine. Its checkout has the Python packages installed; its downloads fail."""

    folder: Path
    patch: pytest.MonkeyPatch
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:  # noqa: D105
        self.path.mkdir()
        self.home.mkdir()
        self.patch.setenv("PATH", str(self.path))
        self.patch.setenv("HOME", str(self.home))
        self.patch.setenv("AUTH0_ACTIONS_CACHE", str(self.folder / "cache"))
        for name in ("PULUMI_HOME", "XDG_CACHE_HOME", "GOFLAGS"):
            self.patch.delenv(name, raising=False)
        self.install_sdk(self.checkout)
        self.refuse_installer()

    @property
    def path(self) -> Path:
        return self.folder / "path"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def cache(self) -> Path:
        return self.folder / "cache" / "engine"

    @property
    def go_log(self) -> Path:
        """The arguments of each call of the fake Go, one call a line."""
        return self.folder / "go.log"

    @property
    def engine(self) -> Path:
        """Folder of the checkout's engine."""
        return engine_folder(self.checkout)

    def ensure(self, checkout: Path | None = None) -> Engine:
        checkout = checkout or self.checkout
        return ensure(engine_folder(checkout), self.lines.append, environment=checkout / ".venv")

    def locate(self, checkout: Path | None = None) -> Engine:
        checkout = checkout or self.checkout
        return locate(engine_folder(checkout), environment=checkout / ".venv")

    def reported(self, words: str) -> bool:
        """Whether a line with these words was reported."""
        return any(words in line for line in self.lines)

    def builds(self) -> list[str]:
        """The programs that Go has compiled so far."""
        if not self.go_log.exists():
            return []
        calls = [line.split() for line in self.go_log.read_text(encoding="utf-8").splitlines()]
        return [Path(call[call.index("-o") + 1]).name for call in calls if call[0] == "build"]

    def install_sdk(self, checkout: Path, provider: str = PROVIDER_VERSION) -> None:
        """Install the Python packages pulumi and pulumi-auth0 into a checkout."""
        packages = checkout / ".venv" / "lib" / "python3.11" / "site-packages"
        (packages / "pulumi-3.259.0.dist-info").mkdir(parents=True, exist_ok=True)
        (packages / "pulumi_auth0-3.50.1.dist-info").mkdir(exist_ok=True)
        file = packages / "pulumi_auth0" / "pulumi-plugin.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"resource": True, "name": "auth0", "version": provider}), encoding="utf-8")

    def another_checkout(self) -> Path:
        checkout = self.folder / "another checkout"
        self.install_sdk(checkout)
        return checkout

    def put_pulumi(self, version: str, *, folder: str = "usr", language_host: bool = True, **kind: str) -> Path:
        """Install a Pulumi for the user, in a folder that comes first on PATH."""
        bin_folder = self.folder / folder
        program = script(bin_folder / "pulumi", pulumi_script(version, **kind))
        if language_host:
            script(bin_folder / "pulumi-language-python", "exit 0")
        self.patch.setenv("PATH", str(bin_folder), prepend=":")
        return program

    def put_plugin(self, home: Path, version: str = PROVIDER_VERSION, says: str | None = None) -> Path:
        """Install a provider plugin into a PULUMI_HOME."""
        return script(
            home / "plugins" / f"resource-auth0-v{version}" / "pulumi-resource-auth0", plugin_script(says or version)
        )

    def refuse_installer(self) -> None:
        script(self.checkout / ".venv" / "bin" / "python", "echo Traceback\necho 'URLError: no such host' >&2\nexit 1")

    def allow_installer(self, version: str) -> None:
        """Let Pulumi's installer work: its arguments are a call of the Automation API and the target folder."""
        pulumi = pulumi_script(version).replace("\n", "\\n").replace("'", "'\\''").replace("%", "%%")
        script(
            self.checkout / ".venv" / "bin" / "python",
            'case "$2" in *PulumiCommand.install*) ;; *) exit 9;; esac\n'
            'mkdir -p "$3/bin"\n'
            f"printf '#!/bin/sh\\n{pulumi}\\n' > \"$3/bin/pulumi\"\n"
            "printf '#!/bin/sh\\n' > \"$3/bin/pulumi-language-python\"\n"
            'chmod +x "$3/bin/pulumi" "$3/bin/pulumi-language-python"',
        )

    def hang_installer(self) -> Lifeline:
        """Let the installer start a child and wait forever."""
        lifeline = Lifeline(self.folder / "installer")
        script(self.checkout / ".venv" / "bin" / "python", lifeline.hang)
        return lifeline

    def put_go(self, version: str = "go1.26.0", build: str = "") -> None:
        """Install a Go that "compiles" scripts. ``build`` runs first in each `go build`."""
        module = self.folder / "modules" / "sdk"
        script(module / "python" / "cmd" / "pulumi-language-python-exec", "exit 0")
        built = self.folder / "built"
        script(built / "pulumi", pulumi_script("3.259.0"))
        script(built / "pulumi-language-python", "echo usage")
        script(built / "pulumi-resource-auth0", plugin_script())
        script(
            self.path / "go",
            f'echo "$@" >> "{self.go_log}"\n'
            'case "$1" in\n'
            f'env) echo "{version}";;\n'
            f'list) if [ "$2" = -m ]; then echo "{module}"; else echo "go: downloading a v1"; echo a; echo b; fi;;\n'
            "build)\n"
            f"  {build or ':'}\n"
            '  while [ "$1" != -o ]; do shift; done\n'
            f'  cp "{built}/$(basename "$2")" "$2";;\n'
            "esac",
        )

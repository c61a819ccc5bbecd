"""`python -m tools.benchmarks [NAME …]`: run all benchmarks, or those named, and show one table."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from functools import partial

import click
from rich.console import Console
from rich.table import Table

from tools.benchmarks import deploying, logins, management, runtime
from tools.benchmarks.rows import Row, Run, missed

BENCHMARKS: dict[str, Run] = {
    "deploying": deploying.run,
    "logins": logins.run,
    "management": management.run,
    "runtime": runtime.run,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
def main(names: Sequence[str]) -> None:
    """Run benchmarks and show one table."""
    console = Console(highlight=False)
    # Before the benchmarks add to it.
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        rows += BENCHMARKS[name](partial(_say, console, name))
    console.print(table_of(rows))
    console.print(f"{os.cpu_count()} cores, load {load} at the start, {platform.system()} {platform.machine()}")
    if missed(rows):
        console.print(f"{missed(rows)} of the aims missed; a machine that is busy with other work blurs the figures.")


def _say(console: Console, name: str, text: str) -> None:
    console.print(f"[dim]{name}: {text}[/dim]")


def table_of(rows: Sequence[Row]) -> Table:
    """The results, with their aims next to them."""
    table = Table(title="Benchmarks: medians of one run, measured in turns", title_justify="left", show_lines=True)
    table.add_column("what, and from which figures", overflow="fold")
    table.add_column("result", justify="right", no_wrap=True)
    table.add_column("aim", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in rows:
        verdict = {True: "[green]met[/green]", False: "[red]missed[/red]", None: ""}[row.met]
        table.add_row(f"{row.what}\n[dim]{row.measured}[/dim]", row.result, row.aim, verdict)
    return table


if __name__ == "__main__":
    main()

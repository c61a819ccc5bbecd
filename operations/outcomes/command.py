"""`actions-ops outcomes`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import click

from operations import show
from operations.errors import FOUND_NOTHING, FOUND_SOMETHING
from operations.outcomes.logins import all_domains, sampled_logins, sign_ups, table_logins
from operations.outcomes.report import Report
from operations.outcomes.runs import changes
from operations.outcomes.trees import Tree, checked_out, default_base, read_tree
from operations.project import find_project

WORKING_TREE = "the working tree"
DEFAULT_SAMPLE = 500


@click.command()
@click.option("--base", metavar="REF", help="Commit to compare with; by default where this branch left the main one.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="markdown: for a comment on a pull request.",
)
@click.option("--json", "format_", flag_value="json", help="Short for --format json.")
@click.option(
    "--sample", default=DEFAULT_SAMPLE, show_default=True, type=click.IntRange(0), help="Number of odd logins."
)
@click.option("--seed", default=0, show_default=True, type=int, help="The same seed gives the same odd logins.")
@click.pass_obj
def outcomes(folder: Path, base: str | None, format_: str, sample: int, seed: int) -> None:
    """Show which logins end differently than at another commit.

    Every line of the decision table, sign-ups and a sample of odd logins run through both sets of Actions on this
    machine, as stacks test and prod would deploy them. Needs no tenant and no credentials.
    """
    project = find_project(folder)
    with checked_out(project, base or default_base(project.folder)) as (base_project, commit):
        before = read_tree(base_project, commit)
    after = read_tree(project, WORKING_TREE)
    report = asyncio.run(_compare(before, after, sample, seed, project.folder))
    if format_ == "json":
        click.echo(json.dumps(report.as_json()))
    elif format_ == "markdown":
        click.echo(report.as_markdown())
    else:
        report.print_text(show.console())
    sys.exit(FOUND_SOMETHING if report.changes else FOUND_NOTHING)


async def _compare(before: Tree, after: Tree, sample: int, seed: int, folder: Path) -> Report:
    domains = all_domains(side.domains for tree in (before, after) for side in tree.sides.values())
    transactions = [*table_logins(domains), *sign_ups(domains), *sampled_logins(domains, seed, sample)]
    changed = await changes(before, after, transactions, folder / ".local" / "outcomes" / "dependencies")
    return Report(before.name, after.name, dict(Counter(each.source for each in transactions)), seed, changed)

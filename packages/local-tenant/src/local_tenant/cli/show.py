"""Tables for people: what ran, what it decided and wrote, how it ended.

Everything that an Action, a user or a client can have written is shown as it is: never as the terminal's or the
table's own markup.
"""

from __future__ import annotations

import json
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local_tenant.transactions.ending import ending

WIDTH_OF_A_FILE = 140

COLOURS = {"good": "green", "wait": "yellow", "bad": "red"}


def plain(value: object) -> Text:
    """Text with every control character made visible, so that it cannot move the cursor or colour the screen."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Text("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text))


def console() -> Console:
    """Where tables go; wide enough to be read and searched when it is a file or a pipe."""
    result = Console()
    if not result.is_terminal:
        result.width = WIDTH_OF_A_FILE
    return result


def table(*columns: str) -> Table:
    """An empty table in the house's style; a column marked with `!` is never broken."""
    result = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        result.add_column(column.removesuffix("!"), overflow="fold", no_wrap=column.endswith("!"))
    return result


def show_users(to: Console, users: list[dict[str, Any]]) -> None:
    """A paragraph for each user."""
    if not users:
        to.print("Nobody has signed up yet.")
    for user in users:
        count = user.get("logins_count", 0)
        facts = f"{count} login{'' if count == 1 else 's'}"
        if "last_ip" in user:
            facts += f", the last from {user['last_ip']}"
        to.print(plain(user.get("email", user["user_id"])), style="bold")
        to.print(_indented(plain(facts + ("; MFA enrolled" if user.get("multifactor") else ""))))
        for name in ("app_metadata", "user_metadata"):
            if user.get(name):
                to.print(_indented(Text(f"{name}: ", "dim").append_text(plain(user[name]))))


def show_traces(to: Console, traces: list[dict[str, Any]]) -> None:
    """A row for each execution; the start of its id is enough to show it."""
    if not traces:
        to.print("No Action has run yet.")
        return
    rows = table("Started!", "Execution!", "User", "How it ended!")
    for trace in traces:
        outcome = trace["outcome"]
        email = plain(outcome.get("email", ""))
        rows.add_row(trace["started_at"][11:19], trace["execution_id"][:8], email, end_of(outcome, arrow=""))
    to.print(rows)
    to.print("To see one: local-tenant trace EXECUTION", style="dim")


def show_log(to: Console, entries: list[dict[str, Any]]) -> None:
    """Two lines for each entry."""
    if not entries:
        to.print("The log is empty.")
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for entry in entries:
        what = Text.assemble((entry["type"], "bold"), "  ", plain(entry["description"]))
        whose = " from ".join(entry[name] for name in ("user_name", "ip") if entry.get(name))
        rows.add_row(entry["date"][:19].replace("T", " "), Text("\n").join([what, plain(whose)] if whose else [what]))
    to.print(rows)


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 2), expand=False)


def show_trace(to: Console, run: dict[str, Any]) -> None:
    """One execution: a line per Action, then how it ended."""
    trace, outcome = run["trace"], run["outcome"]
    to.print(Text.assemble((trace["trigger_id"], "bold"), "  ", plain(outcome.get("email", ""))))
    facts = []
    if "protocol" in outcome:
        login = "single sign-on" if outcome.get("single_sign_on") else f"login {outcome.get('logins_count', '?')}"
        facts = [str(outcome["protocol"]), login]
    if "ip" in outcome:
        facts.append(f"from {outcome['ip']}")
    if facts:
        to.print(plain(", ".join(facts)))
    rows = table("Action!", "What it did")
    for action in trace["actions"]:
        name = plain(action["name"]).append(f"\nv{action['number']}, {action['duration_ms']:.1f} ms", "dim")
        rows.add_row(name, _deeds(action))
    to.print(rows)
    to.print(end_of(outcome))
    for text in (ending(outcome).detail, outcome.get("error_description", "")):
        if text:
            to.print(plain(text))
    for note in trace["notes"]:
        to.print(Text("worker: ", "yellow").append_text(plain(note)))
    to.print(Text(f"execution {trace['execution_id']}", "dim"))


def end_of(outcome: dict[str, Any], arrow: str = "→ ") -> Text:
    """How a login or a sign-up ended, from the `outcome` of a run."""
    end = ending(outcome)
    label = plain(end.label)
    label.stylize(COLOURS[end.tone])
    return Text(arrow).append_text(label)


def _deeds(action: dict[str, Any]) -> Text:
    lines = [_call(call) for call in action["calls"]]
    lines += [Text(f"console.{line['level']}: ").append_text(plain(line["text"])) for line in action["console"]]
    lines += [
        Text("stale read: ", "yellow").append_text(plain(f"{read['container']}.{read['key']} of {read['written_by']}"))
        for read in action["stale_reads"]
    ]
    if action["error"]:
        stack = action["error"]["stack"] or action["error"]["message"]
        lines.append(Text("failed: ", "red").append_text(Text("\n").join(map(plain, stack.splitlines()))))
    if not lines:
        lines.append(Text("did not run" if action["status"] == "not-run" else "called nothing", "dim"))
    return Text("\n").join(lines)


def _call(call: dict[str, Any]) -> Text:
    arguments = ", ".join(json.dumps(argument, ensure_ascii=False) for argument in call["arguments"])
    text = plain(f"{call['method']}({arguments})")
    if call["error"]:
        text.append(" refused: ", "red").append_text(plain(call["error"]))
    if call["ignored"]:
        text.append(" no effect: ", "yellow").append_text(plain(call["ignored"]))
    # Traces of older versions have none.
    if call.get("note"):
        text.append(" note: ", "yellow").append_text(plain(call["note"]))
    return text

"""``roto doctor``: what is installed and reachable, and how to mend what is not."""

from __future__ import annotations

import json

from .bucket import look_at_bucket
from .codecs import look_at_codecs
from .finding import Finding
from .machine import look_at_disk, look_at_gpu, look_at_models, look_at_packages, look_at_python
from .network import look_at_redis, look_at_server, look_at_tokens

__all__ = ("Finding", "examine", "show")


def examine(*, server: str = "", redis_url: str = "") -> list[Finding]:
    """Every check, in the order in which things depend on each other. Changes nothing.

    Args:
        server: URL to look at; empty: as every other command finds it.
        redis_url: URL of the Redis to look at; empty: none.
    """
    found = [*look_at_python(), *look_at_packages(), *look_at_gpu(), *look_at_models()]
    found += [*look_at_codecs(), *look_at_disk()]
    url, about_server = look_at_server(server)
    found += about_server
    if url:
        found += look_at_tokens(url)
    found += look_at_redis(redis_url)
    found += look_at_bucket()
    return found


def show(findings: list[Finding], *, as_json: bool) -> None:
    """Print the findings, problems with their fix."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    if as_json:
        console.print_json(json.dumps([finding.as_json() for finding in findings]))
        return
    table = Table(box=None, show_header=False, padding=(0, 1))
    for finding in findings:
        mark = "[red]x[/]" if finding.problem else "[green]ok[/]"
        table.add_row(mark, f"[bold]{finding.area}[/]", finding.text)
        if finding.problem:
            table.add_row("", "", f"[yellow]fix:[/] {finding.fix}")
    console.print(table)
    problems = sum(finding.problem for finding in findings)
    console.print(f"{problems} problem{'' if problems == 1 else 's'}." if problems else "All well.")

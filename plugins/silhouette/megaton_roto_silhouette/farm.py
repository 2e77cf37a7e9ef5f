"""The desk of this Silhouette: the farm as the plugin sees it, from first use to the end."""

from __future__ import annotations

from typing import Callable

from roto_client.hosts import Desk, Runner

Post = Callable[[Callable[[], None]], None]


class Farm:
    """`roto_client.hosts.Desk`, connected, with threads for work of the plugin's own."""

    def __init__(self, post: Post) -> None:
        self.desk = Desk("silhouette", post)
        self.runner = Runner(post)
        self.desk.connect()

    def close(self) -> None:
        """Let go of what waits for the farm; jobs go on there."""
        self.desk.close()
        self.runner.close()

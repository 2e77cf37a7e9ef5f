"""What was done, by whom and for which project, how long it took, and what went wrong.

Counted in SQL, the same on both databases; Python sees one row a group. Everything counts at the
moment it ended: jobs and attempts when they finished, retakes when they were asked for. What lies
in the trash, and attempts and jobs that still run, do not count.
"""

from .groups import Figures, Group, grouped, total
from .scope import Grouping, Scope
from .stages import StageTimes, slowest, stage_times
from .troubles import Failure, failures, retakes

__all__ = (
    "Failure", "Figures", "Group", "Grouping", "Scope", "StageTimes", "failures", "grouped",
    "retakes", "slowest", "stage_times", "total",
)  # fmt: skip

"""Review of shots: who moves them to which state, and what is said about them.

Says nothing of jobs: a shot is approved by people, whatever the farm has done.
"""

from .moves import move, work_began
from .states import MOVES, ReviewState, permission_for

__all__ = ("MOVES", "ReviewState", "move", "permission_for", "work_began")

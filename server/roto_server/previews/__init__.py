"""Previews: one frame, some clicks, masks within a second. No jobs, no attempts, nothing on disk.

``waiting -> running -> done | failed``; ``superseded`` when the same client asked anew, ``expired``
when nobody answered in time. Rows live some minutes; a worker's loss puts one back to ``waiting``.
"""

WAITING, RUNNING = "waiting", "running"
DONE, FAILED, SUPERSEDED, EXPIRED = "done", "failed", "superseded", "expired"
OPEN = (WAITING, RUNNING)

"""What plates lie in a folder of the studio: names only, nothing is decoded.

`grouping` is pure, from file names to sequences and movies; `walk` reads folders, never outside
the allowed roots and never longer than its limits; `naming` suggests what to call the shots.
"""

from .grouping import FoundMedia, Skipped, media_in
from .naming import suggest_names
from .walk import Limits, Scan, scan_folder

__all__ = (
    "FoundMedia",
    "Limits",
    "Scan",
    "Skipped",
    "media_in",
    "scan_folder",
    "suggest_names",
)

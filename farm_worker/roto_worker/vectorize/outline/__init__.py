"""Where a matte's outlines lie, and what an outline covers."""

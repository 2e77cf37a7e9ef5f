"""Which point of one frame's outline is which of the next: optical flow and alignment."""

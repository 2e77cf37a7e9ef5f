"""The SAM 2 engine: the only room of the worker that imports torch and sam2.

``catalog`` and ``checkpoints`` (which models exist, where their files are) and ``install`` run
without torch; the other modules need it.
"""

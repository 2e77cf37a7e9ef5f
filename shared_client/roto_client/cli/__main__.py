"""``python -m roto_client.cli``: `roto` for programs that start it with their own Python."""

from . import main

main()

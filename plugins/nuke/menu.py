"""Run by Nuke's user interface: the menu. Whatever goes wrong here, Nuke starts."""

try:
    from megaton_roto_nuke import menu as _menu

    _menu.build()
except Exception as error:
    import traceback

    # To the terminal: a dialog at start-up would hold up every artist of the studio.
    print(f"Megaton Roto was not loaded: {error}")  # noqa: T201
    traceback.print_exc()

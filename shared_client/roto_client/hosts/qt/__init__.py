"""The panel that Nuke and Silhouette dock. Importing this package imports no Qt; `panel` does.

Widgets know a `Desk` (the farm) and a `PanelHost` (the application), touch neither network nor
disk, and only ever run on the host's main thread.
"""

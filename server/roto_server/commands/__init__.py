"""`roto admin ...`: what IT does with a shell on the server's machine. One module per subject.

They act on the database directly, so they work when no server runs; every change is in the audit
log under the name of the operator's account. Nothing heavy is imported before one of them runs.
"""

from __future__ import annotations

import typer

from .audit import audit_app
from .config import config_app
from .keys import keys_app
from .maintenance import maintenance_app
from .nodes import nodes_app
from .s3 import s3_app
from .schema import backup, migrate, restore
from .storage import orphans, storage
from .tokens import token_app
from .users import user_app

admin_app = typer.Typer(
    help="Look after a server: people, settings, tokens, backups.", no_args_is_help=True
)
admin_app.command("migrate")(migrate)
admin_app.command("backup")(backup)
admin_app.command("restore")(restore)
admin_app.command("storage")(storage)
admin_app.command("orphans")(orphans)
admin_app.add_typer(user_app, name="user")
admin_app.add_typer(token_app, name="token")
admin_app.add_typer(keys_app, name="keys")
admin_app.add_typer(config_app, name="config")
admin_app.add_typer(maintenance_app, name="maintenance")
admin_app.add_typer(nodes_app, name="nodes")
admin_app.add_typer(audit_app, name="audit")
admin_app.add_typer(s3_app, name="s3")

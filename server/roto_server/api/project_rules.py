"""What of a project's settings must hold, for those it opens folders to."""

from __future__ import annotations

from pathlib import Path

from roto_client.contract.colorspaces import find_colorspace
from roto_client.contract.places import Place, Places
from roto_shapes.naming import check_publish_template

from ..access.caller import Caller
from ..access.roles import Role
from ..db.models import Project
from ..errors import BadRequestError
from ..paths import AllowedRoots, plate_roots, refused, server_roots
from ..places import to_server
from ..settings import Settings
from .schemas.project_settings import ProjectSettings


def planned(project: Project, wanted: ProjectSettings | None) -> Project:
    """``project``, which stays as it is, with the settings it shall have: by their places folders
    are understood. Raises ``bad_request`` for places that cannot be told apart."""
    if wanted is None:
        return project
    places = Places(
        tuple(
            Place(one.name, one.linux, tuple(one.windows), tuple(one.macos))
            for one in wanted.places
        )
    )
    try:
        places.check()
    except ValueError as error:
        raise BadRequestError(f"The project's places: {error}.") from None
    kept = list(project.allowed_roots)
    return Project(settings=wanted.model_dump(mode="json"), allowed_roots=kept)


def admitted(caller: Caller, asked: list[str], project: Project, settings: Settings) -> list[str]:
    """Folders in the form of any system, as they are kept; raises ``path_refused``.

    Those that ``project`` has may stay, whoever changes the rest.
    """
    roots = [to_server(root, project, settings) for root in asked]
    kept = set(project.allowed_roots)
    return [root if root in kept else admit_root(caller, Path(root), settings) for root in roots]


def settled(
    caller: Caller,
    project: Project,
    wanted: ProjectSettings,
    roots: list[str],
    settings: Settings,
) -> ProjectSettings:
    """Settings as they are kept, with the server's name of the folder to publish into.

    ``roots`` are the folders of the project that hold from now on. What the settings it has had
    allowed may stay, whoever changes the rest. Raises ``path_refused`` for settings that open
    folders, ``bad_template``, ``bad_colorspace``, ``bad_request``.
    """
    after = planned(Project(allowed_roots=roots), wanted)
    if wanted.publish is not None:
        check_publish_template(wanted.publish.template)
        wanted = wanted.publishing(to_server(wanted.publish.folder, after, settings))
    before = ProjectSettings.model_validate(project.settings or {})
    if wanted.colorspace and wanted.colorspace != before.colorspace:
        find_colorspace(wanted.colorspace)
    allowed = plate_roots(after, settings)
    for folder in sorted(_folders(wanted) - _folders(before)):
        plain = Path(folder).is_absolute() and ".." not in Path(folder).parts
        if not (plain and allowed.holds(Path(folder))):
            admit_root(caller, Path(folder), settings)
    return wanted


def admit_root(caller: Caller, root: Path, settings: Settings) -> str:
    """``root`` as it is kept; raises ``path_refused``, for nobody opens the server's disk to
    themselves.

    In development an administrator is whoever runs the server, so theirs may be any folder but the
    server's own storage.
    """
    if not root.is_absolute() or ".." in root.parts:
        raise refused(root)
    if server_roots(settings).holds(root):
        return str(root)
    by_hand = settings.environment == "development" and caller.who.role is Role.ADMIN
    if not by_hand or not AllowedRoots([root.anchor], but=[settings.storage_root]).holds(root):
        raise refused(root)
    # What it stands for now: a link that is led elsewhere later must not take the right along.
    return str(root.resolve())


def _folders(wanted: ProjectSettings) -> set[str]:
    folders = {place.linux for place in wanted.places}
    return folders | ({wanted.publish.folder} if wanted.publish else set())

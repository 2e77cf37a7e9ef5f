"""The client library: everything a front end needs to use a server (no terminal, no host)."""

from .client import RotoClient, raise_unless_succeeded
from .config import Connection, discover
from .corrections import CorrectionRequest, Edit
from .device import DeviceCode, DeviceKey
from .errors import ApiError, JobError
from .models import Attempt, Job, Output, Progress, Project, Shot, Task, Upload
from .previews import Preview, PreviewOptions
from .request import ObjectPrompts, SubmitRequest
from .submit import Submitted, Submitter
from .transport import Retry, Transport
from .upload import Uploader, UploadNotes
from .watch import WatchOptions, watch_job

__all__ = (
    "ApiError",
    "Attempt",
    "Connection",
    "CorrectionRequest",
    "DeviceCode",
    "DeviceKey",
    "Edit",
    "Job",
    "JobError",
    "ObjectPrompts",
    "Output",
    "Preview",
    "PreviewOptions",
    "Progress",
    "Project",
    "Retry",
    "RotoClient",
    "Shot",
    "SubmitRequest",
    "Submitted",
    "Submitter",
    "Task",
    "Transport",
    "Upload",
    "UploadNotes",
    "Uploader",
    "WatchOptions",
    "discover",
    "raise_unless_succeeded",
    "watch_job",
)

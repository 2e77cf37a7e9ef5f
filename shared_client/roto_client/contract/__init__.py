"""What server, workers and clients agree on: task spec, farm API bodies, error codes, versions.

The JSON Schemas beside this file are the contract; both sides validate against them, so a server
and a worker of different builds meet here and nowhere else.
"""

from .errors import ERRORS, ErrorKind, is_permanent, status_of
from .previews import LARGEST_PREVIEW_BYTES, PreviewRing, lists_answered_by, preview_list
from .validation import ContractError, check_farm_body, check_preview_spec, check_task_spec
from .version import (
    API_PREFIX,
    ORIGIN_REQUEST_HEADER,
    PRODUCT_VERSION,
    REQUEST_ID_HEADER,
    TASK_TOKEN_HEADER,
    VERSION_HEADER,
    versions_fit,
)

__all__ = (
    "API_PREFIX",
    "ERRORS",
    "LARGEST_PREVIEW_BYTES",
    "ORIGIN_REQUEST_HEADER",
    "PRODUCT_VERSION",
    "REQUEST_ID_HEADER",
    "TASK_TOKEN_HEADER",
    "VERSION_HEADER",
    "ContractError",
    "ErrorKind",
    "PreviewRing",
    "check_farm_body",
    "check_preview_spec",
    "check_task_spec",
    "is_permanent",
    "lists_answered_by",
    "preview_list",
    "status_of",
    "versions_fit",
)

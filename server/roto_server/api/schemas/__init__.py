"""The public API's bodies as pydantic models; every one has an example in the OpenAPI document."""

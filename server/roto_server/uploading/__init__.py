"""Uploads: what of their files has arrived, what the project has already, what is verified.

Nothing here asks who may: that is `api.uploads`.
"""

"""Megaton Roto in Blender. So far: masks from shape data (`masks`); the add-on comes around it."""

"""Outlines that correspond into a layer: transform, control points, keys, the joint refit."""

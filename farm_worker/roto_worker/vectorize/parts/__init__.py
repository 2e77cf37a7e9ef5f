"""Regions over time, and a region's body and limbs."""

"""Trains the product's own nano SAM 2 on clips it generates: `roto train`.

``materials``, ``figures`` and ``clips`` make the pictures (numpy and OpenCV only); ``network``,
``losses``, ``batches`` and ``trainer`` need torch and sam2; ``evaluate`` measures a checkpoint.
"""

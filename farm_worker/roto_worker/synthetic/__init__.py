"""Generated clips with exact ground truth: `roto_worker.synthetic.clip.generate_clip`."""

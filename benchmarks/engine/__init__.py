"""The parts of bench_engine: what SAM 2 costs in the product, against the bare model."""

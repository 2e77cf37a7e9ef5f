"""The roto bench: shots with known splines, metrics, baselines and the table of cases."""

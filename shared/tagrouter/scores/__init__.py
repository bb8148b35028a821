"""STEP 2, tags -> a score per tag and model: estimators, alignment, the scorer."""

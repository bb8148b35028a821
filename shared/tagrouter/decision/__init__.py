"""STEP 3: scores -> one model."""

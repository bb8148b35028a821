"""STEP 1: query -> tags."""

"""STEP 3, scores -> one model: policies, rules, the decision and its receipt."""

"""STEP 1, query -> tags: generators, normalization, the corpus they are trained on."""

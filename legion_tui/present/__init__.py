"""A snapshot as rows, texts and documents. Pure, no widgets."""

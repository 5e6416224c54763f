"""The documentation; ``generate`` writes the pages that come from the code."""

"""Finished studies → the answer to "why 54 %": statistics, verdicts, figures and the document."""

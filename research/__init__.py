"""One-off studies that use the package; run from a checkout, not installed."""

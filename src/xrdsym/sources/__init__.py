"""Where structures come from, one module a source."""

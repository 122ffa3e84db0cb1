"""The DVC stages, one module each: read, call the core, write, track."""

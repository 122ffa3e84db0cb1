"""The stages, one thin module each: read, call the core, write, track."""

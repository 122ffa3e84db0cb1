"""From structures, peaks or scans to a model's input: profiles, images, features; the recipe that fixes how."""

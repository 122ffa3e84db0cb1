"""Models × targets × splits on a table of structures, as one page: `xrdsym compare`."""

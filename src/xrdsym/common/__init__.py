"""What every room uses: errors, atomic files, progress bars, worker processes, counts of what was skipped."""

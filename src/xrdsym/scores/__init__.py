"""The parts of a score: margins, intervals, confusions; and scores of models on labelled data."""

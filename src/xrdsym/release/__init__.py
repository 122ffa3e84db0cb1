"""A trained model made public: its files, its scores, the cards."""

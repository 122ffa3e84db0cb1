"""The space group of thin films from measured patterns: the protocol of Oviedo et al. 2019, without data leakage."""

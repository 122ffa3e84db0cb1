"""Classical baselines, which every network is compared with."""

"""The training of networks: loop, batches, class weights, optimizers, checkpoints, BatchNorm."""

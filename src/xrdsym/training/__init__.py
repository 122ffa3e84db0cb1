"""How a network learns: the loop, batches, class weights, optimizers, checkpoints, BatchNorm."""

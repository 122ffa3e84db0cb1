"""What trainings are made of: data in, result out, batches, class weights, optimizers, checkpoints; baselines."""

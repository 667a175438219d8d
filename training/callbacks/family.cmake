# The sources here that are not callbacks.
set(NOT_MEMBERS embeddings_metadata monitor profiled_batches registry save_frequency update_frequency)

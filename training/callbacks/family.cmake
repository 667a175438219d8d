# The sources here that are not callbacks.
set(NOT_MEMBERS monitor registry save_frequency)

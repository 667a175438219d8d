# The sources here that are not losses.
set(NOT_MEMBERS loss registry script_loss)

# The sources here that are not datasets.
set(NOT_MEMBERS registry)

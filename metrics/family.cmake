# The sources here that are not metrics.
set(NOT_MEMBERS metric registry state mean_base)

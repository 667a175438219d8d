# The sources here that are not schedules.
set(NOT_MEMBERS learning_rate registry)

# The sources here that are not optimizers.
set(NOT_MEMBERS adam_update optimizer registry state state_slots update weight_averages)

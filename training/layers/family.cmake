# The sources here that are not layers.
set(NOT_MEMBERS activation_function layer_list max_pool_by_channels registry weights window)

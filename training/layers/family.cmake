# The sources here that are not layers.
set(NOT_MEMBERS activation_function layer_list registry weights window)

# The sources here that are not metrics, and those of them that <assay/metrics.h> has all the same.
set(NOT_MEMBERS archive metric registry script_metric state mean_base
    confusion_base correlation f_score_base iou_base
    best_at_base collection curve_base named_tensors threshold_counts_base wrapper_base)
set(IN_UMBRELLA collection)

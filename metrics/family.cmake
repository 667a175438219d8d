# The sources here that are not metrics.
set(NOT_MEMBERS archive metric registry state mean_base
    confusion_base correlation f_score_base iou_base
    best_at_base collection curve_base threshold_counts_base wrapper_base)

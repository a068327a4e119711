"""Measurements. Figures are ratios to a yardstick in the same run, and CPU seconds of whole process trees."""

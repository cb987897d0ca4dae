"""Accuracy, agreement and abstention, with intervals."""

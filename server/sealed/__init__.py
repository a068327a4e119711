"""The sealed store: values that identify people, each under its person's own key, shown for a purpose and logged."""

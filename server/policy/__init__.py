"""The privacy policy in versions: what it says now, what changed, when it is looked at again."""

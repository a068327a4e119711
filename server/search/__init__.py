"""Finding topics and posts by what they say."""

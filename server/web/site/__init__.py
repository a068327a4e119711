"""The public pages' plumbing: who looks, in which language, forms without JavaScript, errors as pages, caching.

Knows no capability's pages but those that every visitor needs (`entry`).
"""

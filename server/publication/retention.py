"""How long permissions and help articles stay."""

from server.kernel.retention import Ways, stays


def retention() -> Ways:
    """Give the rules: a permission, an ended one too, says why something was public; it goes with its person."""
    return Ways(
        stays("publication:permission", ("permissions", "testimonials"), "consent", "person"),
        stays("publication:article", ("help_articles", "help_versions"), "support", "staff"),
    )

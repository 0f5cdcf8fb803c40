"""Errors of building the site."""


class SiteError(Exception):
    """The site was not built; the message is one line that says why and what to do."""

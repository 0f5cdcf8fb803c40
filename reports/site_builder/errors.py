"""What can go wrong with the site, for the one who makes it."""


class SiteError(Exception):
    """The site was not made; the message is one line that says why and what to do."""

"""Reports: the static site and the JSON API, over what was published."""

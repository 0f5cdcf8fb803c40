"""The forms of a time that a file of crimes may have, as the portal's times.

They are those that `macros/portable/times_of_text.sql` names for rows of files: a file gives the
same crimes, whether it is served or loaded.
"""

FORMS = "2024-05-03T23:40:00, 05/03/2024 11:40:00 PM or 5/3/2024 23:40 (month first)"

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_SECONDS = ":[0-5][0-9]([.][0-9]{1,9})?"
_ZONE = "(Z| UTC|[+-](0[0-9]|1[0-4])(:[0-5][0-9])?)"
_MONTH_FIRST = "(0?[1-9]|1[0-2])/(0?[1-9]|[12][0-9]|3[01])/[0-9]{4}"
_MINUTES = ":[0-5][0-9](:[0-5][0-9])?"
_HOURS = f"((0?[1-9]|1[0-2]){_MINUTES} [AP]M|([01]?[0-9]|2[0-3]){_MINUTES})"
_FORMATS = (*("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p"),)


def time_sql(text: str) -> str:
    """Return the SQL of a text's time in Chicago, without a zone; null where it is not a time."""
    formats = ", ".join(f"'{one}'" for one in _FORMATS)
    return f"""case
        when regexp_full_match({text}, '{_DAY}[T ]{_CLOCK}({_SECONDS})?')
            then try_cast({text} as timestamp)
        when regexp_full_match({text}, '{_DAY}[T ]{_CLOCK}{_SECONDS}{_ZONE}')
            then timezone('America/Chicago', try_cast({text} as timestamp with time zone))
        when regexp_full_match({text}, '{_MONTH_FIRST} {_HOURS}')
            then try_strptime({text}, [{formats}])
    end"""

{# Text to times and days, null where the text is not one. This is the one place that names the
   forms: each macro accepts those that it lists and nothing else. A text of another form, and a time
   that there is not (02/30, hour 24), is null, so that the row is rejected with a reason.

   The tests are the unit tests of int_crime__versions_typed and, for readings and submissions, of
   the models that use the other macros. docs/analysts.md lists the forms for readers. #}


{% macro iso_date_pattern() -%}
    [0-9]{4}-[0-9]{2}-[0-9]{2}
{%- endmacro %}

{# hh:mm:ss, with a fraction of any length. #}
{% macro clock_time_pattern() -%}
    ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?
{%- endmacro %}


{# A local time of `zone`, without zone, from one of

   * `yyyy-mm-ddThh:mm:ss`, with T or a space, with or without a fraction of a second, as APIs and
     programs write it; also `yyyy-mm-dd hh:mm`;
   * the same with seconds and a zone behind it, `Z`, ` UTC`, `+hh` or `+hh:mm`: it is converted to
     `zone`;
   * `mm/dd/yyyy hh:mm:ss AM`, as the Socrata portal exports it;
   * `m/d/yyyy h:mm`, with or without seconds and AM or PM, as spreadsheets save it. The month comes
     first: the portal is American.

   The form of the portal's API is tried first, with what costs least. #}
{% macro text_to_local_time(text, zone) -%}
    {%- set day = iso_date_pattern() -%}
    {%- set iso = day ~ '[T ]' ~ clock_time_pattern() -%}
    {%- set to_the_minute = day ~ '[T ]([01][0-9]|2[0-3]):[0-5][0-9]' -%}
    {%- set offset = '(Z| UTC|[+-](0[0-9]|1[0-4])(:[0-5][0-9])?)' -%}
    {%- set month_first = '(0?[1-9]|1[0-2])/(0?[1-9]|[12][0-9]|3[01])/[0-9]{4}' -%}
    {%- set minutes = ':[0-5][0-9](:[0-5][0-9])?' -%}
    {%- set hour_of_12 = '(0?[1-9]|1[0-2])' ~ minutes ~ ' [AP]M' -%}
    {%- set hour_of_24 = '([01]?[0-9]|2[0-3])' ~ minutes -%}
    case
        when {{ text }} like '____-__-__T__:__:__.000' and substr({{ text }}, 12, 2) < '24'
            then try_cast({{ text }} as timestamp)
        when {{ is_full_match(text, iso ~ '|' ~ to_the_minute) }}
            then try_cast({{ text }} as timestamp)
        when {{ is_full_match(text, iso ~ offset) }}
            then {{ utc_to_local('try_cast(' ~ text ~ ' as ' ~ type_instant() ~ ')', zone) }}
        when {{ is_full_match(text, month_first ~ ' (' ~ hour_of_12 ~ '|' ~ hour_of_24 ~ ')') }}
            then {{ month_first_time(text) }}
    end
{%- endmacro %}


{# The time of a text of which the month comes first; null where there is no such day. #}
{% macro month_first_time(text) -%}
    {{ return(adapter.dispatch('month_first_time')(text)) }}
{%- endmacro %}

{% macro default__month_first_time(text) -%}
    try_strptime({{ text }}, [
        '%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M %p'
    ])
{%- endmacro %}

{# The text has one of the forms, and the form that it has is asked for: of a text that another form
   fits in part, Spark says that older versions read it in another way, and fails. #}
{% macro spark__month_first_time(text) -%}
    case
        when {{ text }} like '%:%:% _M' then try_to_timestamp({{ text }}, 'M/d/yyyy h:mm:ss a')
        when {{ text }} like '% _M' then try_to_timestamp({{ text }}, 'M/d/yyyy h:mm a')
        when {{ text }} like '%:%:%' then try_to_timestamp({{ text }}, 'M/d/yyyy H:mm:ss')
        else try_to_timestamp({{ text }}, 'M/d/yyyy H:mm')
    end
{%- endmacro %}


{# `yyyy-mm-ddThh:mm:ssZ`, with or without a fraction, as an instant in UTC. #}
{% macro utc_text_to_timestamp(text) -%}
    case
        when {{ is_full_match(text, iso_date_pattern() ~ 'T' ~ clock_time_pattern() ~ 'Z') }}
            then try_cast({{ text }} as {{ type_instant() }})
    end
{%- endmacro %}


{# `yyyy-mm-ddThh:mm` with T or a space, with or without seconds, and a zone behind it, `Z`, ` UTC`,
   `+hh` or `+hh:mm`: an instant. #}
{% macro zoned_text_to_instant(text) -%}
    {%- set minutes = '[T ]([01][0-9]|2[0-3]):[0-5][0-9]' -%}
    {%- set offset = '(Z| UTC|[+-](0[0-9]|1[0-4])(:[0-5][0-9])?)' -%}
    {%- set with_seconds = iso_date_pattern() ~ '[T ]' ~ clock_time_pattern() ~ offset -%}
    case
        when {{ is_full_match(text, with_seconds) }}
            then try_cast({{ text }} as {{ type_instant() }})
        when {{ is_full_match(text, iso_date_pattern() ~ minutes ~ offset) }}
            then try_cast(
                concat(substr({{ text }}, 1, 16), ':00', substr({{ text }}, 17))
                as {{ type_instant() }}
            )
    end
{%- endmacro %}


{# `yyyy-mm-ddThh:00:00` without zone, from the year 1000 on: a local clock hour. #}
{% macro text_to_clock_hour(text) -%}
    case
        when {{ is_full_match(text, '[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):00:00') }}
            then try_cast({{ text }} as timestamp)
    end
{%- endmacro %}

{# The one text that text_to_clock_hour() accepts for an hour (0 to 23) of a day. #}
{% macro clock_hour_to_text(day, hour) -%}
    cast({{ day }} as string) || 'T' || lpad(cast({{ hour }} as string), 2, '0') || ':00:00'
{%- endmacro %}


{# `yyyy-mm-dd` as a date. #}
{% macro text_to_date(text) -%}
    case
        when {{ is_full_match(text, iso_date_pattern()) }} then try_cast({{ text }} as date)
    end
{%- endmacro %}


{# Minutes from midnight to a time of the day, `hh:mm` or `hh:mm:00`, 00:00 to 24:00. #}
{% macro time_of_day_to_minutes(text) -%}
    case
        when {{ is_full_match(text, '(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(:00)?') }}
            then
                60 * cast(substr({{ text }}, 1, 2) as integer)
                + cast(substr({{ text }}, 4, 2) as integer)
    end
{%- endmacro %}

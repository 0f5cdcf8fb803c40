{# A local time without zone in `zone`, as a UTC instant.
   A time that the clocks skip in spring moves forward by the hour that was skipped; of a time that
   autumn has twice the later one (standard time) is taken. #}
{% macro local_to_utc(local_time, zone) -%}
    {{ return(adapter.dispatch('local_to_utc')(local_time, zone)) }}
{%- endmacro %}

{% macro default__local_to_utc(local_time, zone) -%}
    timezone({{ zone }}, {{ local_time }})
{%- endmacro %}

{# Spark takes the earlier one; the later is there if its local time is the same. Clocks are turned by
   an hour, or by half of one. #}
{% macro spark__local_to_utc(local_time, zone) -%}
    {%- set earlier = 'to_utc_timestamp(' ~ local_time ~ ', ' ~ zone ~ ')' -%}
    case
        {%- for minutes in [60, 30] %}
        {%- set later = earlier ~ " + interval '" ~ minutes ~ "' minute" %}
        when from_utc_timestamp({{ later }}, {{ zone }}) = {{ local_time }} then {{ later }}
        {%- endfor %}
        else {{ earlier }}
    end
{%- endmacro %}


{# 1 = Monday … 7 = Sunday. #}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday')(day)) }}
{%- endmacro %}

{% macro default__iso_weekday(day) -%}
    cast(isodow({{ day }}) as integer)
{%- endmacro %}

{% macro spark__iso_weekday(day) -%}
    cast(weekday({{ day }}) + 1 as integer)
{%- endmacro %}


{# Whole seconds from one time to a later one, as bigint. #}
{% macro seconds_between(start_time, end_time) -%}
    {{ return(adapter.dispatch('seconds_between')(start_time, end_time)) }}
{%- endmacro %}

{% macro default__seconds_between(start_time, end_time) -%}
    cast(floor(epoch({{ end_time }}) - epoch({{ start_time }})) as bigint)
{%- endmacro %}

{% macro spark__seconds_between(start_time, end_time) -%}
    cast(floor((
        unix_micros(cast({{ end_time }} as timestamp))
        - unix_micros(cast({{ start_time }} as timestamp))
    ) / 1000000) as bigint)
{%- endmacro %}


{# Whole hours from 1970 in UTC to an instant, as bigint: clock changes do not affect them. #}
{% macro hours_since_1970(instant) -%}
    {%- set year_1970 = "cast('1970-01-01 00:00:00+00' as " ~ type_instant() ~ ')' -%}
    cast(floor({{ seconds_between(year_1970, instant) }} / 3600) as bigint)
{%- endmacro %}


{# The instant at which an hour of hours_since_1970 starts. #}
{% macro hour_since_1970_starts_at(hours) -%}
    {{ epoch_text_to_utc('3600 * ' ~ hours) }}
{%- endmacro %}


{# The instant of a number of seconds since 1970, given as text (a dlt load id, for one). #}
{% macro epoch_text_to_utc(text) -%}
    {{ return(adapter.dispatch('epoch_text_to_utc')(text)) }}
{%- endmacro %}

{% macro default__epoch_text_to_utc(text) -%}
    to_timestamp(cast({{ text }} as double))
{%- endmacro %}

{% macro spark__epoch_text_to_utc(text) -%}
    timestamp_micros(cast(rint(cast({{ text }} as double) * 1000000) as bigint))
{%- endmacro %}


{# The type of an instant: a time with its zone, kept as UTC. #}
{% macro type_instant() -%}
    {{ return(adapter.dispatch('type_instant')()) }}
{%- endmacro %}

{% macro default__type_instant() -%}
    timestamp with time zone
{%- endmacro %}

{% macro spark__type_instant() -%}
    timestamp
{%- endmacro %}


{# A UTC instant as a local time without zone in `zone`. #}
{% macro utc_to_local(instant, zone) -%}
    {{ return(adapter.dispatch('utc_to_local')(instant, zone)) }}
{%- endmacro %}

{% macro default__utc_to_local(instant, zone) -%}
    timezone({{ zone }}, {{ instant }})
{%- endmacro %}

{% macro spark__utc_to_local(instant, zone) -%}
    from_utc_timestamp({{ instant }}, {{ zone }})
{%- endmacro %}


{# A time (or an instant) so many hours later; `hours` may be a column. #}
{% macro plus_hours(time, hours) -%}
    {{ return(adapter.dispatch('plus_hours')(time, hours)) }}
{%- endmacro %}

{% macro default__plus_hours(time, hours) -%}
    {{ time }} + to_hours({{ hours }})
{%- endmacro %}

{% macro spark__plus_hours(time, hours) -%}
    {{ time }} + make_dt_interval(0, {{ hours }})
{%- endmacro %}


{# A date so many days later; `days` may be a column, or negative. #}
{% macro plus_days(day, days) -%}
    {{ return(adapter.dispatch('plus_days')(day, days)) }}
{%- endmacro %}

{% macro default__plus_days(day, days) -%}
    cast({{ day }} as date) + cast({{ days }} as integer)
{%- endmacro %}

{% macro spark__plus_days(day, days) -%}
    date_add({{ day }}, cast({{ days }} as integer))
{%- endmacro %}


{# Whole days from one day to a later one, as integer; times count as their day. #}
{% macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__days_between(first_day, last_day) -%}
    cast(cast({{ last_day }} as date) - cast({{ first_day }} as date) as integer)
{%- endmacro %}

{% macro spark__days_between(first_day, last_day) -%}
    datediff(cast({{ last_day }} as date), cast({{ first_day }} as date))
{%- endmacro %}

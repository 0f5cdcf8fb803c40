{# The clock hour of a text of a file, `yyyy-mm-dd hh:00`, with or without seconds and with a space
   or a `T` between day and hour; null where it is not one, has minutes or names a zone, for which
   there is zoned_text_to_instant(). #}
{% macro file_clock_hour(text) -%}
    {%- set complete -%}
    concat(
        substr({{ text }}, 1, 10), 'T', substr({{ text }}, 12),
        case when length({{ text }}) = 16 then ':00' else '' end
    )
    {%- endset -%}
    case
        when substr({{ text }}, 11, 1) in ('T', ' ')
            then {{ text_to_clock_hour(complete) }}
    end
{%- endmacro %}


{# The local time of a line of a file, typed: of one that names its zone, converted to the store's. #}
{% macro line_local_time(line, time_zone) -%}
    case
        when {{ line }}.read_at_reported is not null
            then {{ utc_to_local(line ~ '.read_at_reported', time_zone) }}
        when {{ line }}.hour_of_day between 0 and 23
            then {{ plus_hours(
                'cast(' ~ line ~ '.read_on as timestamp)', line ~ '.hour_of_day'
            ) }}
    end
{%- endmacro %}

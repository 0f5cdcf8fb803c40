{# Text to numbers, booleans and times, null where the text is not one. Each says what it accepts:
   engines differ in what a plain try_cast takes ('1.5' as an integer, 'Y' as a boolean). #}


{# A whole number of up to 15 digits, also written `2.0`; null for fractions, blanks and anything
   else. Decimals of up to 18 digits are 64-bit inside; wider ones cast 300 times slower. #}
{% macro text_to_bigint(text) -%}
    case
        when try_cast({{ text }} as decimal(18, 3)) = floor(try_cast({{ text }} as decimal(18, 3)))
            then cast(try_cast({{ text }} as decimal(18, 3)) as bigint)
    end
{%- endmacro %}


{# As text_to_bigint, for numbers that fit 32 bits; null for larger ones. #}
{% macro text_to_integer(text) -%}
    case
        when
            try_cast({{ text }} as decimal(18, 3)) = floor(try_cast({{ text }} as decimal(18, 3)))
            and abs(try_cast({{ text }} as decimal(18, 3))) < 2147483648
            then cast(try_cast({{ text }} as decimal(18, 3)) as integer)
    end
{%- endmacro %}


{# A code of digits with its leading zeros restored; null where it is not a number or has more
   digits. #}
{% macro zero_padded(text, digits) -%}
    case
        when {{ text_to_integer(text) }} between 0 and {{ 10 ** digits - 1 }}
            then lpad(cast({{ text_to_integer(text) }} as string), {{ digits }}, '0')
    end
{%- endmacro %}


{# true, t, yes, y, 1 and their opposites, in any case. #}
{% macro text_to_boolean(text) -%}
    case lower({{ text }})
        {%- for word in ['true', 't', 'yes', 'y', '1'] %}
        when '{{ word }}' then true
        {%- endfor %}
        {%- for word in ['false', 'f', 'no', 'n', '0'] %}
        when '{{ word }}' then false
        {%- endfor %}
    end
{%- endmacro %}


{# `yyyy-mm-ddThh:mm:ss[.fff]` without zone. A text in which the first eleven characters differ is
   null, so that words such as 'infinity' and other date forms are never guessed at. #}
{% macro text_to_timestamp(text) -%}
    case
        when {{ text }} like '____-__-__T%' then try_cast({{ text }} as timestamp)
    end
{%- endmacro %}


{# `yyyy-mm-ddThh:mm:ss.fffZ` as an instant in UTC. #}
{% macro utc_text_to_timestamp(text) -%}
    case
        when {{ text }} like '____-__-__T%Z' then try_cast({{ text }} as {{ type_instant() }})
    end
{%- endmacro %}


{# A JSON object, as text, of pairs (name, column); a null stays as a null. #}
{% macro json_row(pairs) -%}
    {{ return(adapter.dispatch('json_row')(pairs)) }}
{%- endmacro %}

{% macro default__json_row(pairs) -%}
    cast(json_object(
        {%- for name, column in pairs %}
        '{{ name }}', {{ column }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    ) as string)
{%- endmacro %}

{% macro spark__json_row(pairs) -%}
    to_json(named_struct(
        {%- for name, column in pairs %}
        '{{ name }}', {{ column }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    ), map('ignoreNullFields', 'false'))
{%- endmacro %}


{# `yyyy-mm-ddThh:00:00` without zone: a local clock hour. Null for any other text, also
   for the hour 24 that DuckDB would take for the next day's first. #}
{% macro text_to_clock_hour(text) -%}
    case
        when
            {{ text }} like '____-__-__T__:00:00'
            and substr({{ text }}, 12, 2) between '00' and '23'
            then try_cast({{ text }} as timestamp)
    end
{%- endmacro %}


{# `yyyy-mm-dd` as a date; null for any other text. #}
{% macro text_to_date(text) -%}
    case when {{ text }} like '____-__-__' then try_cast({{ text }} as date) end
{%- endmacro %}


{# The value at a path, `$.name`, of a JSON text: a string without its quotes, an object or array as
   JSON text; null where there is none, or where the text is not JSON. #}
{% macro json_text(text, path) -%}
    {{ return(adapter.dispatch('json_text')(text, path)) }}
{%- endmacro %}

{% macro default__json_text(text, path) -%}
    case when json_valid({{ text }}) then json_extract_string({{ text }}, '{{ path }}') end
{%- endmacro %}

{% macro spark__json_text(text, path) -%}
    get_json_object({{ text }}, '{{ path }}')
{%- endmacro %}


{# The comma-separated texts of a group, in the order of `place`. #}
{% macro joined_text(text, place) -%}
    {{ return(adapter.dispatch('joined_text')(text, place)) }}
{%- endmacro %}

{% macro default__joined_text(text, place) -%}
    string_agg({{ text }}, ',' order by {{ place }})
{%- endmacro %}

{% macro spark__joined_text(text, place) -%}
    array_join(transform(
        array_sort(collect_list(struct({{ place }} as place, {{ text }} as joined))),
        part -> part.joined
    ), ',')
{%- endmacro %}

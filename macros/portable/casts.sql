{# Text to numbers and booleans, null where the text is not one. Each accepts the forms that it names
   and nothing else, digits being 0 to 9: what a plain try_cast takes differs between engines
   ('1.5' as an integer) and is too much ('1_000', '0x10', ' 12 ', '1.05E+07', 'NaN'). Texts of
   times are in times_of_text.sql. #}


{# A whole number of up to 15 digits, also negative (`-12`) and also with a fraction of zeros
   (`2.0`). Three zeros after up to three digits (`1.000`) are not accepted: half of Europe writes a
   thousand so. #}
{% macro whole_number_pattern() -%}
    -?([0-9]{1,15}([.](0{1,2}|0{4,}))?|(0|[0-9]{4,15})[.]000)
{%- endmacro %}


{# A text of whole_number_pattern(). Decimals of up to 18 digits are 64-bit inside; wider ones cast
   300 times slower. #}
{% macro text_to_bigint(text) -%}
    case
        when {{ is_full_match(text, whole_number_pattern()) }}
            then cast(try_cast({{ text }} as decimal(18, 3)) as bigint)
    end
{%- endmacro %}


{# As text_to_bigint, for numbers that fit 32 bits; null for larger ones. #}
{% macro text_to_integer(text) -%}
    case
        when
            {{ is_full_match(text, whole_number_pattern()) }}
            and abs(try_cast({{ text }} as decimal(18, 3))) < 2147483648
            then cast(try_cast({{ text }} as decimal(18, 3)) as integer)
    end
{%- endmacro %}


{# A number of a decimal type or a double: `12`, `-0.25`, and `9.1e-05`, as programs write numbers
   near zero. An exponent above zero is not accepted: spreadsheets write it after dropping digits. #}
{% macro text_to_number(text, type) -%}
    case
        when {{ is_full_match(text, '-?[0-9]+([.][0-9]+)?([eE]-[0-9]{1,2})?') }}
            then try_cast({{ text }} as {{ type }})
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


{# Whether all of a text matches a pattern, which has no backslash and no quote: engines read those
   in different ways. #}
{% macro is_full_match(text, pattern) -%}
    {{ return(adapter.dispatch('is_full_match')(text, pattern)) }}
{%- endmacro %}

{% macro default__is_full_match(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{# A plain `$` would also match before a line break at the end. #}
{% macro spark__is_full_match(text, pattern) -%}
    {{ text }} rlike '(?s)^({{ pattern }})(?!.)'
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
